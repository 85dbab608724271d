/**
 * Looks for secrets in texts, in every encoding that somebody who repeats them may use. Written apart from src/masking.ts,
 * and by enumeration, so that a gap there is not a gap here.
 */

/** The secret as others write it; of base64 the part that does not depend on what stands beside it. */
export function encodingsOf(secret: string): ReadonlySet<string> {
  const json = (text: string): string => JSON.stringify(text).slice(1, -1)
  const html = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  const plain = [secret, ...secret.split('\n').filter((line) => line.length >= 24 && !line.startsWith('-----'))]
  const strings = plain.flatMap((text) => [text, json(text), json(json(text)), ascii(json(text))])
  const escaped = strings.flatMap((text) => [
    text,
    html(text),
    html(text).replaceAll("'", '&#39;'),
    html(text).replaceAll("'", '&#x27;'),
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll(/%../g, (byte) => byte.toLowerCase()),
    encodeURIComponent(encodeURIComponent(text)),
    new URLSearchParams({ x: text }).toString().slice(2),
    encodeURI(text),
    quotedPrintable(text),
  ])
  const binary = [secret, json(secret), encodeURIComponent(secret)].flatMap((text) =>
    [0, 1, 2].flatMap((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 32), Buffer.from(text)])
      const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)]
      return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)]
    }),
  )
  return new Set([...escaped, ...binary].filter((text) => text.length >= 8))
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function quotedPrintable(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte === 61 || byte > 126 ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte),
    )
    .join('')
}

const window = 8

/** Collects secrets, and then finds them. */
export class SecretSearch {
  readonly #encodings = new Map<string, Map<string, string>>()
  readonly #known = new Set<string>()
  /** Which beginnings there may be: most places of a text are none. */
  readonly #beginnings = new Uint8Array(1 << 20)

  get count(): number {
    return this.#known.size
  }

  add(secret: string): void {
    if (secret.length < window || this.#known.has(secret)) return
    this.#known.add(secret)
    for (const text of encodingsOf(secret)) {
      const start = text.slice(0, window)
      this.#beginnings[beginningAt(text, 0)] = 1
      const there = this.#encodings.get(start) ?? new Map<string, string>()
      this.#encodings.set(start, there.set(text, secret))
    }
  }

  /** What stands around each find, with line breaks of the sender taken out. */
  hits(text: string): readonly string[] {
    const found: string[] = []
    for (const one of new Set([text, text.replaceAll(/=?\r?\n[ \t]*|\\+n/g, '')])) {
      for (let at = 0; at + window <= one.length; at++) {
        if (this.#beginnings[beginningAt(one, at)] === 0) continue
        for (const [encoded] of this.#encodings.get(one.slice(at, at + window)) ?? []) {
          if (one.startsWith(encoded, at))
            found.push(`...${one.slice(Math.max(0, at - 120), at + encoded.length + 20)}...`)
        }
      }
    }
    return found
  }
}

function beginningAt(text: string, at: number): number {
  const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)]
  const [c, d] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)]
  return (a ^ (b << 5) ^ (c << 10) ^ (d << 15)) & 0xfffff
}
