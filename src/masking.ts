/**
 * The secrets that this process holds, and the one way to keep them out of text from outside. `Secret` fills it; the
 * doors by which text enters ask it: answers of a cloud (openstack/exchange.ts), output of programs (logs/program.ts),
 * lines of a log (logs/log.ts). docs/decisions/0169.
 *
 * A secret of 16 characters and more is in no name by chance, so it is masked everywhere. A shorter one may be a
 * word that the cloud uses (`openstack` is the password of many a rehearsal), so names and ids in answers stay as they
 * are, and only text for people loses it. Below 8 characters it is masked where it is a value, in quotes or after
 * `=` or `:`. Below 4 it is not masked: every text would have holes.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { base64Forms, spellingsOf } from './spelling.ts'

export const mask = '[redacted]'

const shortestValue = 4
const shortestWord = 8
const shortestUnmistakable = 16
/** A secret that was cut off by its sender counts from this many characters on. */
const shortestPiece = 16

type Pattern = {
  /** The spellings of each character of the secret. */
  readonly units: readonly (readonly string[])[]
  readonly isUnmistakable: boolean
  /** Units without which it does not count: a sender may have cut off the end. */
  readonly shortest: number
}

/** A piece of text that is spelled in only one way, and the unit of the pattern that it begins with. */
type Anchor = { readonly text: string; readonly pattern: Pattern; readonly unit: number }

const known = new Set<string>()
const anchors = new Map<string, Anchor[]>()
/** Which first four characters an anchor may have: text that has none of them is passed quickly. */
const beginnings = new Uint8Array(1 << 22)
const shortValues: RegExp[] = []

/** From now on this secret is masked: its beginning too, where somebody cut it off, unless it is a `line` of a key. */
export function remember(secret: string, part: 'whole' | 'line' = 'whole'): void {
  if (secret.length < shortestValue || known.has(secret)) return
  known.add(secret)
  const isUnmistakable = secret.length >= shortestUnmistakable
  if (secret.length < shortestWord) shortValues.push(valueOf(secret))
  for (const form of [secret, ...base64Forms(secret)]) {
    if (form.length < shortestWord) continue
    const units = Array.from(form).map(spellingsOf)
    // a line of a private key may begin with the end of the public one
    const shortest = part === 'line' ? units.length : Math.min(units.length, shortestPiece)
    addPattern({ units, isUnmistakable, shortest })
  }
}

/** The secrets in this text: all of it, or in a `file` that has them between words that are none, only these. */
export function rememberAllIn(text: string, kind: 'value' | 'file'): void {
  const whole = text.trim()
  if (!whole.includes('\n') && kind === 'value') {
    remember(whole)
    return
  }
  // a certificate store gives back certificates too, which everybody may read
  if (isPublic.test(whole) && !whole.includes('PRIVATE KEY-----')) return
  const keys = [...whole.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]*)-----END/g)].map(([, key = '']) => key)
  const values = [
    ...(whole.match(/AGE-SECRET-KEY-1[A-Z0-9]+/g) ?? []),
    ...[...whole.matchAll(namedSecret)].map(([, value = '']) => value),
  ]
  const isFound = keys.length + values.length > 0
  for (const key of isFound || kind === 'file' ? keys : [whole]) {
    const lines = key.split('\n').map((line) => line.trim())
    // whole without its line breaks, which may be anywhere else when it is repeated; and each line, which may be alone
    remember(lines.join(''))
    const open = publicHalf(key)
    for (const line of lines)
      if (line.length >= shortestUnmistakable && !line.startsWith('-----') && !isInside(line, open))
        remember(line, 'line')
  }
  for (const value of values) if (value.length >= shortestWord) remember(value)
}

/**
 * DER. A private key of an elliptic curve ends with its public half, which every certificate for it has, too: masked there, one
 * layout of certificates in three would be damaged.
 */
function publicHalf(key: string): Buffer | undefined {
  try {
    const body = key.replaceAll(/-----[^-]*-----/g, '')
    const own = createPrivateKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'pkcs8' })
    return createPublicKey(own).export({ format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

function isInside(line: string, bytes: Buffer | undefined): boolean {
  return bytes?.includes(Buffer.from(line, 'base64')) === true
}

const isPublic = /^-----BEGIN (?:TRUSTED |X509 )?(?:CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)(?: REQUEST)?-----/

const namedSecret = /(?:password|secret|token|passphrase|-key-data)["']?:[ \t]+["']?([^\n]+?)["']?,?[ \t]*$/gim

/** Masks every secret: for a message, or any other text that people read. */
export function maskText(text: string): string {
  return shortValues.reduce((so, value) => so.replace(value, mask), replaced(text, findAll(text)))
}

/** Masks every secret that cannot be part of a name by chance: for data, in which names and ids must stay. */
export function maskUnmistakable(text: string): string {
  return replaced(
    text,
    findAll(text).filter(({ isUnmistakable }) => isUnmistakable),
  )
}

/** Masks data that was read from JSON: texts wholly, names and ids only as `maskUnmistakable`. */
export function maskData(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return isName.test(value) ? maskUnmistakable(value) : maskText(value)
  if (typeof value !== 'object' || value === null) return value
  // deeper than any API, and a hundred thousand levels would be more than the stack has
  if (depth === deepest) return '(nested too deeply)'
  if (Array.isArray(value)) return value.map((item) => maskData(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [maskUnmistakable(key), maskData(item, depth + 1)]),
  )
}

const deepest = 64

/** A name, an id, an address or a version, as clouds and their operators make them. */
const isName = /^[\w.:/@?&=%+~,-]*$/

type Hit = { readonly start: number; readonly end: number; readonly isUnmistakable: boolean }

function addPattern(pattern: Pattern): void {
  const { units } = pattern
  // tokens and keys of one kind begin alike
  const from = units.length >= 48 ? 16 : 0
  const long = units.length >= shortestUnmistakable ? 8 : 4
  const first = fixedRun(units, from, long) ?? fixedRun(units, 0, 4)
  if (first === undefined) {
    for (const text of anySpelling(units)) addAnchor({ text, pattern, unit: 0 })
    return
  }
  // several, for the case that a line ends in one
  for (let run: typeof first | undefined = first, count = 0; run !== undefined && count < 4; count++) {
    addAnchor({ ...run, pattern })
    run = fixedRun(units, run.unit + run.text.length, run.text.length)
  }
}

function addAnchor(anchor: Anchor): void {
  beginnings[beginningAt(anchor.text, 0)] = 1
  const there = anchors.get(anchor.text)
  if (there === undefined) anchors.set(anchor.text, [anchor])
  else there.push(anchor)
}

/** The first run of this many units that have one spelling. */
function fixedRun(
  units: Pattern['units'],
  from: number,
  length: number,
): { readonly text: string; readonly unit: number } | undefined {
  let run = 0
  for (let at = from; at < units.length; at++) {
    run = units[at]?.length === 1 ? run + 1 : 0
    if (run === length) {
      const unit = at + 1 - length
      const text = units.slice(unit, at + 1).map(([only = '']) => only)
      return { text: text.join(''), unit }
    }
  }
  return undefined
}

/** The first four characters of each spelling, of a secret that has no run of letters. */
function anySpelling(units: Pattern['units']): ReadonlySet<string> {
  let begun = new Set([''])
  for (const unit of units) {
    if ([...begun].every((text) => text.length >= 4)) break
    begun = new Set([...begun].flatMap((text) => (text.length >= 4 ? [text] : unit.map((more) => text + more))))
  }
  return new Set([...begun].map((text) => text.slice(0, 4)))
}

function beginningAt(text: string, at: number): number {
  const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)]
  const [c, d] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)]
  return (a ^ (b << 5) ^ (c << 10) ^ (d << 15)) & (beginnings.length - 1)
}

function findAll(text: string): readonly Hit[] {
  const hits: Hit[] = []
  for (let at = 0; at + 4 <= text.length; at++) {
    if (beginnings[beginningAt(text, at)] === 0) continue
    for (const length of [8, 4]) {
      for (const anchor of anchors.get(text.slice(at, at + length)) ?? []) {
        const hit = hitAt(text, at, anchor)
        if (hit !== undefined) hits.push(hit)
      }
    }
  }
  return hits
}

function hitAt(text: string, at: number, { pattern, unit }: Anchor): Hit | undefined {
  const { units, isUnmistakable, shortest } = pattern
  const start = backward(text, at, units.slice(0, unit))
  if (start === undefined) return undefined
  const { end, count } = forward(text, at, units.slice(unit))
  if (unit + count < shortest) return undefined
  return { start, end, isUnmistakable }
}

/** Line breaks that a sender puts into long text: plain, quoted-printable, escaped as in JSON or a URL, or in HTML. */
const breakAfter = /(?:=?\r?\n[ \t]*|(?:\\+r)?\\+n|(?:%0D)?%0A|(?:&#1[03];|&#x0?[ad];)+|<br ?\/?>)+/iy
const breakBefore = /(?:=?\r?\n[ \t]*|(?:\\+r)?\\+n|(?:%0D)?%0A|(?:&#1[03];|&#x0?[ad];)+|<br ?\/?>)+$/i

/** How far the units go from here. Several spellings may fit, so it follows all of them. */
function forward(
  text: string,
  from: number,
  units: Pattern['units'],
): { readonly end: number; readonly count: number } {
  let places: readonly number[] = [from]
  for (const [count, unit] of units.entries()) {
    const next = new Set<number>()
    for (const place of places) {
      for (const at of [place, afterBreak(text, place)]) {
        if (at === undefined) continue
        for (const spelling of unit) if (text.startsWith(spelling, at)) next.add(at + spelling.length)
      }
    }
    if (next.size === 0) return { end: Math.max(...places), count }
    places = [...next]
  }
  return { end: Math.max(...places), count: units.length }
}

function backward(text: string, from: number, units: Pattern['units']): number | undefined {
  let places: readonly number[] = [from]
  for (const unit of units.toReversed()) {
    const next = new Set<number>()
    for (const place of places) {
      for (const at of [place, beforeBreak(text, place)]) {
        if (at === undefined) continue
        for (const spelling of unit)
          if (text.endsWith(spelling, at) && at >= spelling.length) next.add(at - spelling.length)
      }
    }
    if (next.size === 0) return undefined
    places = [...next]
  }
  return Math.min(...places)
}

function afterBreak(text: string, at: number): number | undefined {
  if (!startsBreak.has(text.charAt(at))) return undefined
  breakAfter.lastIndex = at
  return breakAfter.test(text) ? breakAfter.lastIndex : undefined
}

function beforeBreak(text: string, at: number): number | undefined {
  if (!endsBreak.has(text.charAt(at - 1))) return undefined
  const before = text.slice(Math.max(0, at - 40), at)
  const found = breakBefore.exec(before)
  return found === null ? undefined : at - found[0].length
}

const startsBreak = new Set('=\r\n\\%&<')
const endsBreak = new Set('\n \tnNaA;>')

function replaced(text: string, hits: readonly Hit[]): string {
  if (hits.length === 0) return text
  let [out, at] = ['', 0]
  for (const { start, end } of hits.toSorted((a, b) => a.start - b.start)) {
    if (start >= at) out += text.slice(at, start) + mask
    at = Math.max(at, end)
  }
  return out + text.slice(at)
}

/** A short secret as a value: in quotes, or after `=` or `:`. */
function valueOf(secret: string): RegExp {
  const spelled = Array.from(secret)
    .map((character) => `(?:${spellingsOf(character).map(literal).join('|')})`)
    .join('')
  return new RegExp(`(?<=["'\`=>;]|: ?|\\()${spelled}(?=["'\`&<,;)}\\]\\s\\\\]|$)`, 'g')
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
