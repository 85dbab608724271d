/**
 * The part of Python's expression grammar that matters for the left-hand side of a check. Reading ends at text that is
 * not an expression, or one that is not supported. CPython 3.11, Grammar/python.gram.
 */
import { floatRepr, stringRepr } from './value.ts'

export const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)
export const constants = new Set(['False', 'None', 'True'])
/** Ends the reading: the text is not an expression, or not a supported one. */
export class Stop extends Error {
  readonly kind: 'syntax-error' | 'refused'

  constructor(kind: 'syntax-error' | 'refused') {
    super(kind)
    this.kind = kind
  }
}

export type Node =
  | { readonly kind: 'constant'; readonly text: string; readonly repr: string; readonly isNumber: boolean }
  | { readonly kind: 'complex' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'set()' }
  | { readonly kind: 'signed'; readonly sign: '+' | '-'; readonly operand: Node }
  | { readonly kind: 'sum'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'collection'; readonly open: '(' | '[' | '{'; readonly items: readonly Node[] }
  | { readonly kind: 'other' }

export function parseExpression(text: string): Node {
  return new Parser(text).parse()
}

const binary: readonly (readonly string[])[] = [
  ['<=', '>=', '==', '!=', '<', '>'],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '//', '/', '%', '@'],
]
const symbol = /\*\*|\/\/|<<|>>|<=|>=|==|!=|\.\.\.|[-+*/%@&|^~<>()[\]{},.=]/y
const name = /[\p{XID_Start}_]\p{XID_Continue}*/uy
const number =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?[jJ]?/y
const string = /([A-Za-z]{0,2})('''|"""|'|")/y
const deepest = 50

/** Reads one expression. Refuses any text with a keyword of statements or comprehensions. */
class Parser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Node {
    const node = this.#tuple(undefined)
    if (this.#at < this.#text.length) throw new Stop('syntax-error')
    return node
  }

  #blank(): void {
    while (/^[ \t\f]$/.test(this.#text.charAt(this.#at))) this.#at++
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text) ?? undefined
  }

  #peek(): string {
    return this.#match(symbol)?.[0] ?? ''
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false
    this.#at += text.length
    this.#blank()
    return true
  }

  #word(): string {
    return this.#match(name)?.[0] ?? ''
  }

  #takeWord(word: string): boolean {
    if (this.#word() !== word) return false
    this.#at += word.length
    this.#blank()
    return true
  }

  /** Expressions up to `close`; without brackets a comma makes them a tuple. */
  #tuple(close: ')' | undefined): Node {
    const first = this.#expression()
    if (this.#peek() !== ',') return first
    const items = [first]
    while (this.#take(',')) {
      if (this.#at >= this.#text.length || this.#peek() === close) break
      items.push(this.#expression())
    }
    return { kind: 'collection', open: '(', items }
  }

  #expression(): Node {
    if (++this.#depth > deepest) throw new Stop('refused')
    const node = this.#or()
    // `if`, `for` and the like follow an expression only in forms that are never a literal
    const word = this.#word()
    if (keywords.has(word)) throw new Stop('refused')
    this.#depth--
    return node
  }

  #or(): Node {
    let node = this.#not()
    while (this.#takeWord('and') || this.#takeWord('or')) {
      this.#not()
      node = { kind: 'other' }
    }
    return node
  }

  #not(): Node {
    if (!this.#takeWord('not')) return this.#binary(0)
    if (++this.#depth > deepest) throw new Stop('refused')
    this.#not()
    this.#depth--
    return { kind: 'other' }
  }

  #binary(level: number): Node {
    const operators = binary[level]
    if (operators === undefined) return this.#unary()
    let node = this.#binary(level + 1)
    for (let operator = this.#peek(); operators.includes(operator); operator = this.#peek()) {
      this.#take(operator)
      const right = this.#binary(level + 1)
      node = operator === '+' || operator === '-' ? { kind: 'sum', left: node, right } : { kind: 'other' }
    }
    return node
  }

  #unary(): Node {
    const operator = this.#peek()
    if (operator !== '+' && operator !== '-' && operator !== '~') return this.#power()
    if (++this.#depth > deepest) throw new Stop('refused')
    this.#take(operator)
    const operand = this.#unary()
    this.#depth--
    return operator === '~' ? { kind: 'other' } : { kind: 'signed', sign: operator, operand }
  }

  #power(): Node {
    const node = this.#trailers(this.#atom())
    if (!this.#take('**')) return node
    this.#unary()
    return { kind: 'other' }
  }

  #trailers(atom: Node): Node {
    let node = atom
    for (;;) {
      if (this.#take('.')) {
        const word = this.#word()
        if (word === '' || keywords.has(word)) throw new Stop('syntax-error')
        this.#takeWord(word)
        node = { kind: 'other' }
      } else if (this.#take('(')) {
        const isEmpty = this.#take(')')
        if (!isEmpty) this.#list(')')
        node = isEmpty && node.kind === 'name' && node.name === 'set' ? { kind: 'set()' } : { kind: 'other' }
      } else if (this.#take('[')) {
        if (this.#list(']').length === 0) throw new Stop('syntax-error')
        node = { kind: 'other' }
      } else return node
    }
  }

  #list(close: ')' | ']' | '}'): readonly Node[] {
    const items: Node[] = []
    while (!this.#take(close)) {
      if (this.#peek().startsWith('*')) throw new Stop('refused')
      items.push(this.#expression())
      // a keyword argument
      if (this.#peek() === '=') throw new Stop('refused')
      if (!this.#take(',') && this.#peek() !== close) throw new Stop('syntax-error')
    }
    return items
  }

  #atom(): Node {
    if (this.#match(string) !== undefined) return this.#strings()
    if (/^\.?[0-9]/.test(this.#text.slice(this.#at, this.#at + 2))) return this.#number()
    const word = this.#word()
    if (word !== '') {
      if (keywords.has(word) && !constants.has(word)) throw new Stop(word === 'not' ? 'syntax-error' : 'refused')
      this.#takeWord(word)
      if (!constants.has(word)) return { kind: 'name', name: word }
      return { kind: 'constant', text: word, repr: word, isNumber: false }
    }
    if (this.#take('...')) return { kind: 'constant', text: 'Ellipsis', repr: 'Ellipsis', isNumber: false }
    if (this.#take('(')) {
      if (this.#take(')')) return { kind: 'collection', open: '(', items: [] }
      if (this.#peek().startsWith('*')) throw new Stop('refused')
      const node = this.#tuple(')')
      if (!this.#take(')')) throw new Stop('syntax-error')
      return node
    }
    if (this.#take('[')) return { kind: 'collection', open: '[', items: this.#list(']') }
    if (this.#take('{')) return this.#set()
    throw new Stop('syntax-error')
  }

  #set(): Node {
    return { kind: 'collection', open: '{', items: this.#take('}') ? [] : this.#list('}') }
  }

  #number(): Node {
    const text = this.#match(number)?.[0] ?? ''
    this.#at += text.length
    // Python still accepts `1or x`, with a warning
    const rest = this.#text.slice(this.#at)
    if (/^(?:and|else|for|i[fns]|n?or|not)/.test(rest) || /^0[xX]/.test(text + rest)) {
      if (/^[\p{XID_Continue}]/u.test(rest)) throw new Stop('refused')
    }
    if (/^[\p{XID_Continue}]/u.test(rest)) throw new Stop('syntax-error')
    this.#blank()
    if (/[jJ]$/.test(text)) return { kind: 'complex' }
    const digits = text.replaceAll('_', '')
    if (digits.length > 4000) throw new Stop('refused')
    if (/^0[xXoObB]|^[0-9]+$/.test(digits)) {
      if (/^0+[1-9]/.test(digits)) throw new Stop('syntax-error')
      const int = BigInt(digits).toString()
      return { kind: 'constant', text: int, repr: int, isNumber: true }
    }
    const float = floatRepr(Number(digits))
    return { kind: 'constant', text: float, repr: float, isNumber: true }
  }

  /** Adjacent strings are one. */
  #strings(): Node {
    let value = ''
    let isBytes: boolean | undefined
    let isFormat = false
    for (let found = this.#match(string); found !== undefined; found = this.#match(string)) {
      const prefix = (found[1] ?? '').toLowerCase()
      if (!['', 'r', 'u', 'b', 'br', 'rb', 'f', 'fr', 'rf'].includes(prefix)) throw new Stop('syntax-error')
      const quote = found[2] ?? ''
      this.#at += found[0].length
      const end = this.#text.indexOf(quote, this.#at)
      if (end < 0) throw new Stop('syntax-error')
      const body = this.#text.slice(this.#at, end)
      // escapes, and braces of f-strings, are not supported
      if (body.includes('\\') || (prefix.includes('f') && /[{}]/.test(body))) throw new Stop('refused')
      if (isBytes !== undefined && isBytes !== prefix.includes('b')) throw new Stop('syntax-error')
      isBytes = prefix.includes('b')
      if (prefix.includes('f')) isFormat = true
      if (isBytes && /[^\0-\x7f]/.test(body)) throw new Stop('syntax-error')
      value += body
      this.#at = end + quote.length
      this.#blank()
    }
    if (isFormat) return { kind: 'other' }
    if (isBytes === true) return { kind: 'bytes' }
    return { kind: 'constant', text: value, repr: stringRepr(value), isNumber: false }
  }
}
