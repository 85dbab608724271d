/** How a character of a secret may be written by somebody who repeats it: in JSON, a URL, HTML, Python, mail, base64. */

const cache = new Map<string, readonly string[]>()

/** Every spelling, the longest first. Letters and digits have one; nobody escapes them. */
export function spellingsOf(character: string): readonly string[] {
  return cache.get(character) ?? put(character, /^[A-Za-z0-9]$/.test(character) ? [character] : all(character))
}

function put(character: string, spellings: Iterable<string>): readonly string[] {
  const sorted = [...new Set(spellings)].filter((one) => one !== '').sort((a, b) => b.length - a.length)
  cache.set(character, sorted)
  return sorted
}

function* all(character: string): Iterable<string> {
  // base64 in its two alphabets
  const twin = { '+': '-', '-': '+', '/': '_', _: '/' }[character]
  const base = twin === undefined ? [character] : [character, twin]
  const strings = base.flatMap(inStrings)
  // a string in a string
  const texts = [...strings, ...strings.map(inJson), ...strings.map((text) => inJson(inJson(text)))]
  for (const text of texts) {
    yield text
    for (const html of inHtml(text)) {
      yield html
      yield inJson(html)
      yield* inHtml(html)
    }
    for (const url of inUrl(text)) {
      yield url
      yield* inUrl(url)
    }
    yield byBytes(text, '=')
  }
}

/** In the strings of JSON and of Python. */
function inStrings(character: string): readonly string[] {
  const code = [...Array(character.length).keys()].map((at) => character.charCodeAt(at).toString(16).padStart(4, '0'))
  const escaped = code.map((hex) => `\\u${hex}`).join('')
  return [
    character,
    inJson(character),
    escaped,
    code.map((hex) => `\\u${hex.toUpperCase()}`).join(''),
    `\\${character}`,
    ...(character.length === 1 && character > '~' && character < '\u0100' ? [`\\x${code[0]?.slice(2) ?? ''}`] : []),
  ]
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function inHtml(text: string): readonly string[] {
  const named = (apostrophe: string, quote: string): string =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', quote)
      .replaceAll("'", apostrophe)
  const numbered = (write: (code: number) => string): string =>
    Array.from(text)
      .map((one) => (/[A-Za-z0-9\\]/.test(one) ? one : write(one.codePointAt(0) ?? 0)))
      .join('')
  return [
    named('&#39;', '&quot;'),
    named('&#x27;', '&#34;'),
    named('&apos;', '&#x22;'),
    numbered((code) => `&#${code};`),
    numbered((code) => `&#x${code.toString(16)};`),
    numbered((code) => `&#x${code.toString(16).toUpperCase()};`),
  ]
}

function inUrl(text: string): readonly string[] {
  const bytes = byBytes(text, '%')
  const lower = bytes.replaceAll(/%../g, (byte) => byte.toLowerCase())
  return [bytes, lower, encodeURIComponent(isWhole(text) ? text : ''), ...(text === ' ' ? ['+'] : [])]
}

/** No half of a surrogate pair, which no URL can have. */
function isWhole(text: string): boolean {
  return !/\p{Cs}/u.test(text)
}

function byBytes(text: string, sign: '%' | '='): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9]/.test(character) ? character : `${sign}${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/**
 * The part of the base64 that is the same whatever stands before and after, for each of the three places at which a
 * secret can begin: a whole request in base64, `user:password` of an Authorization header.
 */
export function base64Forms(secret: string): readonly string[] {
  const texts = new Set([secret, inJson(secret), encodeURIComponent(isWhole(secret) ? secret : '')])
  return [...texts].flatMap((text) =>
    [0, 1, 2].map((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
    }),
  )
}
