/**
 * Characters to YAML tokens, as PyYAML's own scanner does it. A YAML library would follow YAML; Keystone follows
 * PyYAML, which takes and refuses other texts: no tab before a comment, `a:b` is one word, a key ends after 1024
 * characters. PyYAML 6.0, lib/yaml/scanner.py and reader.py.
 */

/** A place in the text, counted from 1. */
export type Place = { readonly line: number; readonly column: number }

/** The text is no YAML that PyYAML would load. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}

export type YamlToken = { readonly place: Place } & (
  | {
      readonly kind:
        | 'document-start'
        | 'document-end'
        | 'stream-end'
        | 'block-sequence'
        | 'block-mapping'
        | 'block-end'
        | 'entry'
        | 'key'
        | 'value'
        | '['
        | ']'
        | '{'
        | '}'
        | ','
    }
  | { readonly kind: 'alias' | 'anchor'; readonly name: string }
  | {
      readonly kind: 'directive'
      readonly name: string
      readonly handle?: string
      readonly prefix?: string
      readonly major?: string
    }
  | { readonly kind: 'tag'; readonly handle: string | undefined; readonly suffix: string }
  | { readonly kind: 'scalar'; readonly text: string; readonly style: ScalarStyle }
)

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block'

/** A word that becomes a key as soon as a `:` follows it. */
type PossibleKey = {
  readonly token: number
  readonly isRequired: boolean
  readonly index: number
  readonly line: number
  readonly column: number
}

const end = '\0'
const breaks = '\r\n\x85\u2028\u2029'
const blanks = ` \t${breaks}${end}`

const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
const quotedEnds = `'"\\${blanks}`
const longestKey = 1024

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '\\': '\\',
  '/': '/',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

export class YamlScanner {
  readonly #text: readonly string[]
  #index = 0
  #line = 0
  #column = 0
  #isDone = false
  /** How many brackets are open; indentation means nothing inside. */
  #flow = 0
  readonly #tokens: YamlToken[] = []
  #taken = 0
  #indent = -1
  readonly #indents: number[] = []
  #allowsKey = true
  readonly #keys = new Map<number, PossibleKey>()

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

  peek(): YamlToken {
    for (;;) {
      while (this.#needsMore()) this.#fetch()
      const [token] = this.#tokens
      if (token !== undefined) return token
    }
  }

  take(): YamlToken {
    const token = this.peek()
    // the end of the stream stays, so that a reader may run into it as often as it likes
    if (token.kind !== 'stream-end') {
      this.#tokens.shift()
      this.#taken++
    }
    return token
  }

  #needsMore(): boolean {
    if (this.#isDone) return false
    if (this.#tokens.length === 0) return true
    this.#dropStaleKeys()
    // a token that may yet turn out to be a key cannot be handed out
    return [...this.#keys.values()].some((key) => key.token === this.#taken)
  }

  #at(offset = 0): string {
    return this.#text[this.#index + offset] ?? end
  }

  #isAt(characters: string, offset = 0): boolean {
    return characters.includes(this.#at(offset))
  }

  #prefix(length: number): string {
    let text = ''
    for (let offset = 0; offset < length; offset++) text += this.#text[this.#index + offset] ?? ''
    return text
  }

  #forward(length = 1): string {
    const text = length === 1 ? (this.#text[this.#index] ?? '') : this.#prefix(length)
    for (let count = 0; count < length; count++) {
      const character = this.#at()
      this.#index++
      if ('\n\x85\u2028\u2029'.includes(character) || (character === '\r' && this.#at() !== '\n')) {
        this.#line++
        this.#column = 0
      } else if (character !== '\ufeff') this.#column++
    }
    return text
  }

  #place(): Place {
    return { line: this.#line + 1, column: this.#column + 1 }
  }

  #fail(message: string): never {
    throw new YamlError(message, this.#place())
  }

  #push(kind: 'block-end' | 'block-mapping' | 'block-sequence' | 'stream-end'): void {
    this.#tokens.push({ kind, place: this.#place() })
  }

  #fetch(): void {
    this.#skipToToken()
    this.#dropStaleKeys()
    this.#unwind(this.#column)
    const character = this.#at()
    if (this.#index >= this.#text.length) {
      this.#unwind(-1)
      this.#dropKey()
      this.#allowsKey = false
      this.#push('stream-end')
      this.#isDone = true
    } else if (character === '%' && this.#column === 0) this.#fetchDirective()
    else if (this.#isDocumentMark('---')) this.#fetchDocumentMark('document-start')
    else if (this.#isDocumentMark('...')) this.#fetchDocumentMark('document-end')
    else if (character === '[' || character === '{') this.#fetchOpen(character)
    else if (character === ']' || character === '}') this.#fetchClose(character)
    else if (character === ',') this.#fetchComma()
    else if (character === '-' && this.#isAt(blanks, 1)) this.#fetchEntry()
    else if (character === '?' && (this.#flow !== 0 || this.#isAt(blanks, 1))) this.#fetchKey()
    else if (character === ':' && (this.#flow !== 0 || this.#isAt(blanks, 1))) this.#fetchValue()
    else if (character === '*') this.#fetchWord(() => this.#scanAnchor('alias'))
    else if (character === '&') this.#fetchWord(() => this.#scanAnchor('anchor'))
    else if (character === '!') this.#fetchWord(() => this.#scanTag())
    else if ((character === '|' || character === '>') && this.#flow === 0) this.#fetchBlock(character)
    else if (character === "'" || character === '"') this.#fetchWord(() => this.#scanQuoted(character))
    else if (this.#isPlain(character)) this.#fetchWord(() => this.#scanPlain())
    else this.#fail(`\`${character}\` cannot start a value`)
  }

  #isPlain(character: string): boolean {
    if (!`${blanks}-?:,[]{}#&*!|>'"%@\``.includes(character)) return true
    if (this.#isAt(blanks, 1)) return false
    return character === '-' || (this.#flow === 0 && (character === '?' || character === ':'))
  }

  // Keys: a word is handed out as a value unless a `:` follows on its line.

  #dropStaleKeys(): void {
    for (const [level, key] of this.#keys) {
      if (key.line === this.#line && this.#index - key.index <= longestKey) continue
      if (key.isRequired) this.#fail("there is no `:` after this line's key")
      this.#keys.delete(level)
    }
  }

  #saveKey(): void {
    const isRequired = this.#flow === 0 && this.#indent === this.#column
    if (!this.#allowsKey) return
    this.#dropKey()
    const token = this.#taken + this.#tokens.length
    this.#keys.set(this.#flow, { token, isRequired, index: this.#index, line: this.#line, column: this.#column })
  }

  #dropKey(): void {
    if (this.#keys.get(this.#flow)?.isRequired === true) this.#fail('there is no `:` after the key')
    this.#keys.delete(this.#flow)
  }

  #unwind(column: number): void {
    if (this.#flow !== 0) return
    while (this.#indent > column) {
      this.#indent = this.#indents.pop() ?? -1
      this.#push('block-end')
    }
  }

  #indentTo(column: number): boolean {
    if (this.#indent >= column) return false
    this.#indents.push(this.#indent)
    this.#indent = column
    return true
  }

  #fetchDirective(): void {
    this.#unwind(-1)
    this.#dropKey()
    this.#allowsKey = false
    this.#tokens.push(this.#scanDirective())
  }

  #isDocumentMark(mark: '---' | '...'): boolean {
    return this.#column === 0 && this.#prefix(3) === mark && this.#isAt(blanks, 3)
  }

  #fetchDocumentMark(kind: 'document-start' | 'document-end'): void {
    this.#unwind(-1)
    this.#dropKey()
    this.#allowsKey = false
    const place = this.#place()
    this.#forward(3)
    this.#tokens.push({ kind, place })
  }

  #fetchOpen(kind: '[' | '{'): void {
    this.#saveKey()
    this.#flow++
    this.#allowsKey = true
    this.#fetchCharacter(kind)
  }

  #fetchClose(kind: ']' | '}'): void {
    this.#dropKey()
    this.#flow--
    this.#allowsKey = false
    this.#fetchCharacter(kind)
  }

  #fetchComma(): void {
    this.#allowsKey = true
    this.#dropKey()
    this.#fetchCharacter(',')
  }

  #fetchCharacter(kind: '[' | '{' | ']' | '}' | ',' | 'entry' | 'key' | 'value'): void {
    const place = this.#place()
    this.#forward()
    this.#tokens.push({ kind, place })
  }

  #fetchEntry(): void {
    if (this.#flow === 0) {
      if (!this.#allowsKey) this.#fail('a list entry is not allowed here')
      if (this.#indentTo(this.#column)) this.#push('block-sequence')
    }
    this.#allowsKey = true
    this.#dropKey()
    this.#fetchCharacter('entry')
  }

  #fetchKey(): void {
    if (this.#flow === 0) {
      if (!this.#allowsKey) this.#fail('a key is not allowed here')
      if (this.#indentTo(this.#column)) this.#push('block-mapping')
    }
    this.#allowsKey = this.#flow === 0
    this.#dropKey()
    this.#fetchCharacter('key')
  }

  #fetchValue(): void {
    const key = this.#keys.get(this.#flow)
    if (key !== undefined) {
      this.#keys.delete(this.#flow)
      const place = { line: key.line + 1, column: key.column + 1 }
      const at = key.token - this.#taken
      this.#tokens.splice(at, 0, { kind: 'key', place })
      if (this.#flow === 0 && this.#indentTo(key.column)) this.#tokens.splice(at, 0, { kind: 'block-mapping', place })
      this.#allowsKey = false
    } else {
      if (this.#flow === 0) {
        if (!this.#allowsKey) this.#fail('a second `:` is not allowed here; quote the value')
        if (this.#indentTo(this.#column)) this.#push('block-mapping')
      }
      this.#allowsKey = this.#flow === 0
      this.#dropKey()
    }
    this.#fetchCharacter('value')
  }

  #fetchWord(scan: () => YamlToken): void {
    this.#saveKey()
    this.#allowsKey = false
    this.#tokens.push(scan())
  }

  #fetchBlock(style: '|' | '>'): void {
    this.#allowsKey = true
    this.#dropKey()
    this.#tokens.push(this.#scanBlock(style))
  }

  #skipToToken(): void {
    if (this.#index === 0 && this.#at() === '\ufeff') this.#forward()
    for (;;) {
      this.#skipBlanksAndComment()
      if (this.#scanBreak() === '') return
      if (this.#flow === 0) this.#allowsKey = true
    }
  }

  #skip(characters: string): void {
    while (this.#index < this.#text.length && this.#isAt(characters)) this.#forward()
  }

  #isAtEnd(): boolean {
    return this.#index >= this.#text.length
  }

  #skipBlanksAndComment(): void {
    this.#skip(' ')
    if (this.#at() === '#') while (!this.#isAt(breaks + end)) this.#forward()
  }

  /** One line break as it is kept: `\n`, or one of the two separators. Empty if there is none. */
  #scanBreak(): string {
    if (this.#isAtEnd() || !this.#isAt(breaks)) return ''
    const text = this.#forward(this.#prefix(2) === '\r\n' ? 2 : 1)
    return text === '\u2028' || text === '\u2029' ? text : '\n'
  }

  #scanName(): string {
    let length = 0
    while (/^[0-9A-Za-z_-]$/.test(this.#at(length))) length++
    if (length === 0) this.#fail('a letter or a digit is missing')
    return this.#forward(length)
  }

  #endLine(): void {
    this.#skipBlanksAndComment()
    if (!this.#isAt(breaks + end)) this.#fail('only a comment may follow on this line')
    this.#scanBreak()
  }

  #expect(characters: string): void {
    if (!this.#isAt(characters)) this.#fail(`\`${this.#at()}\` is not expected here`)
  }

  #scanDirective(): YamlToken {
    const place = this.#place()
    this.#forward()
    const name = this.#scanName()
    this.#expect(` ${breaks}${end}`)
    if (name === 'YAML') {
      this.#skip(' ')
      const major = this.#scanDigits()
      this.#expect('.')
      this.#forward()
      this.#scanDigits()
      this.#expect(` ${breaks}${end}`)
      this.#endLine()
      return { kind: 'directive', name, major, place }
    }
    if (name === 'TAG') {
      this.#skip(' ')
      const handle = this.#scanTagHandle()
      this.#expect(' ')
      this.#skip(' ')
      const prefix = this.#scanTagUri()
      this.#expect(` ${breaks}${end}`)
      this.#endLine()
      return { kind: 'directive', name, handle, prefix, place }
    }
    while (!this.#isAt(breaks + end)) this.#forward()
    this.#endLine()
    return { kind: 'directive', name, place }
  }

  #scanDigits(): string {
    let length = 0
    while (/^[0-9]$/.test(this.#at(length))) length++
    if (length === 0) this.#fail('a digit is missing')
    return this.#forward(length)
  }

  #scanAnchor(kind: 'alias' | 'anchor'): YamlToken {
    const place = this.#place()
    this.#forward()
    const name = this.#scanName()
    this.#expect(`${blanks}?:,]}%@\``)
    return { kind, name, place }
  }

  #scanTag(): YamlToken {
    const place = this.#place()
    let handle: string | undefined
    let suffix: string
    if (this.#at(1) === '<') {
      this.#forward(2)
      suffix = this.#scanTagUri()
      this.#expect('>')
      this.#forward()
    } else if (this.#isAt(blanks, 1)) {
      suffix = '!'
      this.#forward()
    } else {
      let length = 1
      while (!this.#isAt(` ${breaks}${end}`, length) && this.#at(length) !== '!') length++
      if (this.#at(length) === '!') handle = this.#scanTagHandle()
      else {
        handle = '!'
        this.#forward()
      }
      suffix = this.#scanTagUri()
    }
    this.#expect(` ${breaks}${end}`)
    return { kind: 'tag', handle, suffix, place }
  }

  #scanTagHandle(): string {
    this.#expect('!')
    let length = 1
    if (this.#at(length) !== ' ') {
      while (/^[0-9A-Za-z_-]$/.test(this.#at(length))) length++
      if (this.#at(length) !== '!') this.#fail('a tag needs a second `!`')
      length++
    }
    return this.#forward(length)
  }

  #scanTagUri(): string {
    let text = ''
    while (/^[-0-9A-Za-z;/?:@&=+$,_.!~*'()[\]%]$/.test(this.#at())) {
      text += this.#at() === '%' ? this.#scanUriEscapes() : this.#forward()
    }
    if (text === '') this.#fail('a tag is missing')
    return text
  }

  #scanUriEscapes(): string {
    let text = ''
    while (this.#at() === '%') {
      const escape = this.#forward(3)
      if (!/^%[0-9A-Fa-f]{2}$/.test(escape)) this.#fail('two hexadecimal digits are missing')
      text += escape
    }
    try {
      return decodeURIComponent(text)
    } catch {
      return this.#fail('the escapes in the tag are not UTF-8')
    }
  }

  #scanBlock(style: '|' | '>'): YamlToken {
    const place = this.#place()
    this.#forward()
    const { chomping, increment } = this.#scanBlockHeader()
    this.#endLine()
    const least = Math.max(1, this.#indent + 1)
    let found: string[]
    let indent: number
    if (increment === undefined) {
      const scanned = this.#scanBlockIndentation()
      found = scanned.found
      indent = Math.max(least, scanned.indent)
    } else {
      indent = least + increment - 1
      found = this.#scanBlockBreaks(indent)
    }
    let text = ''
    let lineBreak = ''
    while (this.#column === indent && !this.#isAtEnd()) {
      text += found.join('')
      const isFolding = !this.#isAt(' \t')
      while (!this.#isAt(breaks + end)) text += this.#forward()
      lineBreak = this.#scanBreak()
      found = this.#scanBlockBreaks(indent)
      if (this.#column !== indent || this.#isAtEnd()) break
      if (style === '|' || lineBreak !== '\n' || !isFolding || this.#isAt(' \t')) text += lineBreak
      else if (found.length === 0) text += ' '
    }
    if (chomping !== '-') text += lineBreak
    if (chomping === '+') text += found.join('')
    return { kind: 'scalar', text, style: 'block', place }
  }

  #scanBlockHeader(): { readonly chomping: string | undefined; readonly increment: number | undefined } {
    let chomping: string | undefined
    let increment: number | undefined
    if (this.#isAt('+-')) chomping = this.#forward()
    if (this.#isAt('0123456789')) {
      increment = Number(this.#forward())
      if (increment === 0) this.#fail('an indentation of 0')
      if (chomping === undefined && this.#isAt('+-')) chomping = this.#forward()
    }
    this.#expect(` ${breaks}${end}`)
    return { chomping, increment }
  }

  #scanBlockIndentation(): { readonly found: string[]; readonly indent: number } {
    const found: string[] = []
    let indent = 0
    while (!this.#isAtEnd() && this.#isAt(` ${breaks}`)) {
      if (this.#at() === ' ') {
        this.#forward()
        indent = Math.max(indent, this.#column)
      } else found.push(this.#scanBreak())
    }
    return { found, indent }
  }

  #scanBlockBreaks(indent: number): string[] {
    const found: string[] = []
    for (;;) {
      while (this.#column < indent && this.#at() === ' ') this.#forward()
      const lineBreak = this.#scanBreak()
      if (lineBreak === '') return found
      found.push(lineBreak)
    }
  }

  #scanQuoted(quote: "'" | '"'): YamlToken {
    const place = this.#place()
    this.#forward()
    let text = this.#scanQuotedText(quote)
    while (this.#at() !== quote) text += this.#scanQuotedBlanks() + this.#scanQuotedText(quote)
    this.#forward()
    return { kind: 'scalar', text, style: quote === '"' ? 'double' : 'single', place }
  }

  #scanQuotedText(quote: "'" | '"'): string {
    let text = ''
    for (;;) {
      let length = 0
      while (!this.#isAt(quotedEnds, length)) length++
      text += this.#forward(length)
      const character = this.#at()
      if (quote === "'" && character === "'" && this.#at(1) === "'") text += this.#forward(2).slice(1)
      else if ((character === "'" || character === '"') && character !== quote) text += this.#forward()
      else if (character === '\\') {
        if (quote === "'") text += this.#forward()
        else text += this.#scanEscape()
      } else return text
    }
  }

  #scanEscape(): string {
    this.#forward()
    const character = this.#at()
    const replacement = escapes[character]
    if (replacement !== undefined && !this.#isAtEnd()) {
      this.#forward()
      return replacement
    }
    const length = escapeLengths[character]
    if (length !== undefined) {
      this.#forward()
      const digits = this.#prefix(length)
      if (digits.length !== length || !/^[0-9A-Fa-f]+$/.test(digits)) this.#fail('hexadecimal digits are missing')
      const code = parseInt(digits, 16)
      if (code > 0x10ffff) this.#fail('there is no such character')
      this.#forward(length)
      return String.fromCodePoint(code)
    }
    if (this.#scanBreak() === '') this.#fail(`\`\\${character}\` is not an escape`)
    return this.#scanQuotedBreaks()
  }

  #scanQuotedBlanks(): string {
    let length = 0
    while (this.#isAt(' \t', length)) length++
    const text = this.#forward(length)
    if (this.#isAtEnd()) this.#fail('a quote is not closed')
    const lineBreak = this.#scanBreak()
    if (lineBreak === '') return text
    const more = this.#scanQuotedBreaks()
    return (lineBreak !== '\n' ? lineBreak : more === '' ? ' ' : '') + more
  }

  #scanQuotedBreaks(): string {
    let text = ''
    for (;;) {
      // PyYAML looks for them here without asking for the first column
      if (/^(?:---|\.\.\.)$/.test(this.#prefix(3)) && this.#isAt(blanks, 3)) this.#fail('a quote is not closed')
      this.#skip(' \t')
      const lineBreak = this.#scanBreak()
      if (lineBreak === '') return text
      text += lineBreak
    }
  }

  #scanPlain(): YamlToken {
    const place = this.#place()
    const indent = this.#indent + 1
    let text = ''
    let between = ''
    for (;;) {
      if (this.#at() === '#') break
      let length = 0
      while (!this.#endsPlain(length)) length++
      if (length === 0) break
      this.#allowsKey = false
      text += between + this.#forward(length)
      const found = this.#scanPlainBlanks()
      if (found === undefined || found === '' || this.#at() === '#') break
      if (this.#flow === 0 && this.#column < indent) break
      between = found
    }
    return { kind: 'scalar', text, style: 'plain', place }
  }

  #endsPlain(offset: number): boolean {
    if (this.#isAt(blanks, offset)) return true
    if (this.#at(offset) === ':' && this.#isAt(this.#flow === 0 ? blanks : `${blanks},[]{}`, offset + 1)) return true
    return this.#flow !== 0 && this.#isAt(',?[]{}', offset)
  }

  /** What joins two words; `undefined` where the document ends. */
  #scanPlainBlanks(): string | undefined {
    let length = 0
    while (this.#at(length) === ' ') length++
    const text = this.#forward(length)
    const lineBreak = this.#scanBreak()
    if (lineBreak === '') return text
    this.#allowsKey = true
    if (this.#isSeparator()) return undefined
    let more = ''
    while (!this.#isAtEnd() && this.#isAt(` ${breaks}`)) {
      if (this.#at() === ' ') this.#forward()
      else {
        more += this.#scanBreak()
        if (this.#isSeparator()) return undefined
      }
    }
    return (lineBreak !== '\n' ? lineBreak : more === '' ? ' ' : '') + more
  }

  #isSeparator(): boolean {
    return /^(?:---|\.\.\.)$/.test(this.#prefix(3)) && this.#isAt(blanks, 3)
  }
}
