/**
 * From characters to YAML tokens, like PyYAML's own scanner. A YAML library would follow YAML, but Keystone uses
 * PyYAML, which accepts and refuses other texts: no tab before a comment, `a:b` is one word, a key ends after 1024
 * characters. PyYAML 6.0, lib/yaml/scanner.py. docs/decisions/0020.
 */
import { scanBlock } from './yaml-block.ts'
import { scanAnchor, scanDirective, scanTag } from './yaml-property.ts'
import { YamlText, blanks } from './yaml-text.ts'
import type { YamlToken } from './yaml-token.ts'
import { scanPlain, scanQuoted } from './yaml-word.ts'

const longestKey = 1024

/** A word that becomes a key if a `:` follows it. */
type PossibleKey = {
  readonly token: number
  readonly isRequired: boolean
  readonly index: number
  readonly line: number
  readonly column: number
}

export class YamlScanner {
  readonly #source: YamlText
  #isDone = false
  /** The number of open brackets; indentation means nothing inside. */
  #flow = 0
  readonly #tokens: YamlToken[] = []
  #taken = 0
  #indent = -1
  readonly #indents: number[] = []
  #allowsKey = true
  readonly #keys = new Map<number, PossibleKey>()

  constructor(text: string) {
    this.#source = new YamlText(text)
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
    // the end of the stream stays, so that a reader may meet it repeatedly
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
    // a token that may still become a key must wait
    return [...this.#keys.values()].some((key) => key.token === this.#taken)
  }

  #push(kind: 'block-end' | 'block-mapping' | 'block-sequence' | 'stream-end'): void {
    this.#tokens.push({ kind, place: this.#source.place() })
  }

  #fetch(): void {
    this.#skipToToken()
    this.#dropStaleKeys()
    this.#unwind(this.#source.column)
    const character = this.#source.at()
    if (this.#source.isAtEnd()) {
      this.#unwind(-1)
      this.#dropKey()
      this.#allowsKey = false
      this.#push('stream-end')
      this.#isDone = true
    } else if (character === '%' && this.#source.column === 0) this.#fetchDirective()
    else if (this.#isDocumentMark('---')) this.#fetchDocumentMark('document-start')
    else if (this.#isDocumentMark('...')) this.#fetchDocumentMark('document-end')
    else if (character === '[' || character === '{') this.#fetchOpen(character)
    else if (character === ']' || character === '}') this.#fetchClose(character)
    else if (character === ',') this.#fetchComma()
    else if (character === '-' && this.#source.isAt(blanks, 1)) this.#fetchEntry()
    else if (character === '?' && (this.#flow !== 0 || this.#source.isAt(blanks, 1))) this.#fetchKey()
    else if (character === ':' && (this.#flow !== 0 || this.#source.isAt(blanks, 1))) this.#fetchValue()
    else if (character === '*') this.#fetchWord(() => scanAnchor(this.#source, 'alias'))
    else if (character === '&') this.#fetchWord(() => scanAnchor(this.#source, 'anchor'))
    else if (character === '!') this.#fetchWord(() => scanTag(this.#source))
    else if ((character === '|' || character === '>') && this.#flow === 0) this.#fetchBlock(character)
    else if (character === "'" || character === '"') this.#fetchWord(() => scanQuoted(this.#source, character))
    else if (this.#isPlain(character)) this.#fetchPlain()
    else this.#source.fail(`\`${character}\` cannot start a value`)
  }

  #isPlain(character: string): boolean {
    if (!`${blanks}-?:,[]{}#&*!|>'"%@\``.includes(character)) return true
    if (this.#source.isAt(blanks, 1)) return false
    return character === '-' || (this.#flow === 0 && (character === '?' || character === ':'))
  }

  // Keys: a word is a value unless a `:` follows on its line.

  #dropStaleKeys(): void {
    for (const [level, key] of this.#keys) {
      if (key.line === this.#source.line && this.#source.index - key.index <= longestKey) continue
      if (key.isRequired) this.#source.fail("there is no `:` after this line's key")
      this.#keys.delete(level)
    }
  }

  #saveKey(): void {
    const isRequired = this.#flow === 0 && this.#indent === this.#source.column
    if (!this.#allowsKey) return
    this.#dropKey()
    const token = this.#taken + this.#tokens.length
    this.#keys.set(this.#flow, {
      token,
      isRequired,
      index: this.#source.index,
      line: this.#source.line,
      column: this.#source.column,
    })
  }

  #dropKey(): void {
    if (this.#keys.get(this.#flow)?.isRequired === true) this.#source.fail('there is no `:` after the key')
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
    this.#tokens.push(scanDirective(this.#source))
  }

  #isDocumentMark(mark: '---' | '...'): boolean {
    return this.#source.column === 0 && this.#source.prefix(3) === mark && this.#source.isAt(blanks, 3)
  }

  #fetchDocumentMark(kind: 'document-start' | 'document-end'): void {
    this.#unwind(-1)
    this.#dropKey()
    this.#allowsKey = false
    const place = this.#source.place()
    this.#source.forward(3)
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
    const place = this.#source.place()
    this.#source.forward()
    this.#tokens.push({ kind, place })
  }

  #fetchEntry(): void {
    if (this.#flow === 0) {
      if (!this.#allowsKey) this.#source.fail('a list entry is not allowed here')
      if (this.#indentTo(this.#source.column)) this.#push('block-sequence')
    }
    this.#allowsKey = true
    this.#dropKey()
    this.#fetchCharacter('entry')
  }

  #fetchKey(): void {
    if (this.#flow === 0) {
      if (!this.#allowsKey) this.#source.fail('a key is not allowed here')
      if (this.#indentTo(this.#source.column)) this.#push('block-mapping')
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
        if (!this.#allowsKey) this.#source.fail('a second `:` is not allowed here; quote the value')
        if (this.#indentTo(this.#source.column)) this.#push('block-mapping')
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

  #fetchPlain(): void {
    this.#saveKey()
    const { token, endsLine } = scanPlain(this.#source, this.#indent, this.#flow !== 0)
    this.#allowsKey = endsLine
    this.#tokens.push(token)
  }

  #fetchBlock(style: '|' | '>'): void {
    this.#allowsKey = true
    this.#dropKey()
    this.#tokens.push(scanBlock(this.#source, style, this.#indent))
  }

  #skipToToken(): void {
    if (this.#source.index === 0 && this.#source.at() === '\ufeff') this.#source.forward()
    for (;;) {
      this.#source.skipBlanksAndComment()
      if (this.#source.takeBreak() === '') return
      if (this.#flow === 0) this.#allowsKey = true
    }
  }
}
