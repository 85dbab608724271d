/** The characters of a YAML text and the reader's position. PyYAML 6.0, lib/yaml/reader.py. */

/** A place in the text, counted from 1. */
export type YamlPosition = { readonly line: number; readonly column: number }

/** The text is not YAML for PyYAML. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly place: YamlPosition

  constructor(message: string, place: YamlPosition) {
    super(message)
    this.place = place
  }
}

// PyYAML's line breaks and ends of words. The text ends with a NUL, which it cannot contain.
export const end = '\0'
export const breaks = '\r\n\x85\u2028\u2029'
export const blanks = ` \t${breaks}${end}`
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

export class YamlText {
  readonly #text: readonly string[]
  /** Counted from 0, in code points. */
  index = 0
  line = 0
  column = 0

  constructor(text: string) {
    this.#text = Array.from(text)
    const at = this.#text.findIndex((character) => unprintable.test(character))
    if (at >= 0) {
      const before = this.#text
        .slice(0, at)
        .join('')
        .split(/\r\n|[\r\n\x85\u2028\u2029]/)
      const place = { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 }
      throw new YamlError('a character that cannot be printed', place)
    }
  }

  at(offset = 0): string {
    return this.#text[this.index + offset] ?? end
  }

  isAt(characters: string, offset = 0): boolean {
    return characters.includes(this.at(offset))
  }

  prefix(length: number): string {
    let text = ''
    for (let offset = 0; offset < length; offset++) text += this.#text[this.index + offset] ?? ''
    return text
  }

  forward(length = 1): string {
    const text = length === 1 ? (this.#text[this.index] ?? '') : this.prefix(length)
    for (let count = 0; count < length; count++) {
      const character = this.at()
      this.index++
      if ('\n\x85\u2028\u2029'.includes(character) || (character === '\r' && this.at() !== '\n')) {
        this.line++
        this.column = 0
      } else if (character !== '\ufeff') this.column++
    }
    return text
  }

  place(): YamlPosition {
    return { line: this.line + 1, column: this.column + 1 }
  }

  fail(message: string): never {
    throw new YamlError(message, this.place())
  }

  skip(characters: string): void {
    while (this.index < this.#text.length && this.isAt(characters)) this.forward()
  }

  isAtEnd(): boolean {
    return this.index >= this.#text.length
  }

  skipBlanksAndComment(): void {
    this.skip(' ')
    if (this.at() === '#') while (!this.isAt(breaks + end)) this.forward()
  }

  /** One line break as it is kept: `\n`, or one of the two separators. Empty if there is none. */
  takeBreak(): string {
    if (this.isAtEnd() || !this.isAt(breaks)) return ''
    const text = this.forward(this.prefix(2) === '\r\n' ? 2 : 1)
    return text === '\u2028' || text === '\u2029' ? text : '\n'
  }

  takeName(): string {
    let length = 0
    while (/^[0-9A-Za-z_-]$/.test(this.at(length))) length++
    if (length === 0) this.fail('a letter or a digit is missing')
    return this.forward(length)
  }

  endLine(): void {
    this.skipBlanksAndComment()
    if (!this.isAt(breaks + end)) this.fail('only a comment may follow on this line')
    this.takeBreak()
  }

  expect(characters: string): void {
    if (!this.isAt(characters)) this.fail(`\`${this.at()}\` is not expected here`)
  }
}
