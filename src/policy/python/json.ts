/**
 * JSON as Python's json.loads reads it: ints are not floats, `NaN` is a number, the last of equal keys wins, and only
 * blanks may surround the value. Objects become Maps, which keep the order of their keys.
 */
import { pythonFloat } from './value.ts'
import type { Value } from './value.ts'

/** The text is not JSON for Python. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** Offset in the text, in UTF-16 units. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** A member of the outermost object, and the offset of its value. */
export type JsonMember = { readonly name: string; readonly value: Value; readonly offset: number }

export type JsonDocument = { readonly value: Value; readonly members: readonly JsonMember[] }

export function parseJson(text: string): Value {
  return new Reader(text).read()
}

/** The value, and the members of the outermost object as written, including those that a later one replaces. */
export function parseJsonMembers(text: string): JsonDocument {
  const reader = new Reader(text)
  return { value: reader.read(), members: reader.members }
}

const blanks = /[ \t\n\r]*/y
const number = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y

const plain = /[^"\\\x00-\x1f]*/y
const constants: readonly (readonly [string, Value])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Python's own limits: nesting, and digits of an int. */
const deepest = 900
const longestInt = 4300

class Reader {
  readonly #text: string
  readonly members: JsonMember[] = []
  #at = 0
  /** Open brackets; 1 is inside the outermost one, which is an object if a member is read there. */
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Value {
    this.#match(blanks)
    const value = this.#value()
    this.#match(blanks)
    if (this.#at < this.#text.length) this.#fail('something follows the value')
    return value
  }

  #fail(message: string): never {
    throw new JsonError(message, this.#at)
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    this.#at += found?.[0].length ?? 0
    return found
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #value(): Value {
    if (this.#take('"')) return this.#string()
    if (this.#take('{')) return this.#nested(() => this.#object())
    if (this.#take('[')) return this.#nested(() => this.#array())
    for (const [word, value] of constants) if (this.#take(word)) return value
    return this.#number()
  }

  #nested<Result>(read: () => Result): Result {
    if (++this.#depth > deepest) this.#fail('nested too deeply')
    const result = read()
    this.#depth--
    return result
  }

  #number(): Value {
    const [text, whole = '', fraction, exponent] = this.#match(number) ?? []
    if (text === undefined) return this.#fail('a value is missing')
    if (fraction !== undefined || exponent !== undefined) return pythonFloat(Number(text))
    if (whole.length > longestInt) return this.#fail('an integer with too many digits')
    const value = Number(whole)
    return Number.isSafeInteger(value) ? value + 0 : BigInt(whole)
  }

  #object(): ReadonlyMap<string, Value> {
    const object = new Map<string, Value>()
    this.#match(blanks)
    if (this.#take('}')) return object
    for (;;) {
      if (!this.#take('"')) this.#fail('a key in double quotes is missing')
      const name = this.#string()
      this.#match(blanks)
      if (!this.#take(':')) this.#fail('a `:` is missing')
      this.#match(blanks)
      const offset = this.#at
      const value = this.#value()
      if (this.#depth === 1) this.members.push({ name, value, offset })
      object.set(name, value)
      this.#match(blanks)
      if (this.#take('}')) return object
      if (!this.#take(',')) this.#fail('a `,` or `}` is missing')
      this.#match(blanks)
    }
  }

  #array(): readonly Value[] {
    const items: Value[] = []
    this.#match(blanks)
    if (this.#take(']')) return items
    for (;;) {
      items.push(this.#value())
      this.#match(blanks)
      if (this.#take(']')) return items
      if (!this.#take(',')) this.#fail('a `,` or `]` is missing')
      this.#match(blanks)
    }
  }

  #string(): string {
    let text = ''
    for (;;) {
      text += this.#match(plain)?.[0] ?? ''
      if (this.#take('"')) return text
      if (!this.#take('\\')) return this.#fail('a string is not closed')
      const letter = this.#text.charAt(this.#at)
      const escaped = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
      if (escaped !== undefined) {
        this.#at++
        text += escaped
        continue
      }
      const [, digits] = this.#match(/u([0-9A-Fa-f]{4})/y) ?? []
      if (digits === undefined) return this.#fail('not an escape')
      text += String.fromCharCode(parseInt(digits, 16))
    }
  }
}
