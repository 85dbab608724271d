/**
 * The left-hand side of a check goes through Python's `ast.literal_eval`: a literal stands for itself, any other
 * valid expression is a path into the credentials, and what is no expression is a SyntaxError. This reads the
 * part of Python's expression grammar that can matter and refuses the rest, which never allows.
 * CPython 3.11, Lib/ast.py, literal_eval; Grammar/python.gram.
 */
import { floatRepr, stringRepr } from './python.ts'

/** What `literal_eval` makes of a text: a literal as `str()` prints it, or why it is none. */
export type Literal =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'expression' }
  | { readonly kind: 'syntax-error' }
  | { readonly kind: 'refused' }

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)
const constants = new Set(['False', 'None', 'True'])
const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/

export function literalOf(text: string): Literal {
  if (constants.has(text)) return { kind: 'literal', text }
  if (dottedName.test(text)) return dottedNameOf(text)
  // Line ends, comments, continuation lines and NUL change what Python reads; nobody has a reason to write them.

  if (/[\n\r\0#\\\ud800-\udfff]/u.test(text) && !/^(['"])[^'"\n\r\0]*\1$/.test(text)) return { kind: 'refused' }
  try {
    const parser = new Parser(text.replace(/^[ \t]+/, ''))
    return literal(parser.parse())
  } catch (error) {
    if (error instanceof Stop) return { kind: error.kind }
    throw error
  }
}

function dottedNameOf(text: string): Literal {
  const isName = text.split('.').every((name, index) => !keywords.has(name) || (index === 0 && constants.has(name)))
  return { kind: isName ? 'expression' : 'syntax-error' }
}

/** Ends the reading: the text is no expression, or none that we imitate. */
class Stop extends Error {
  readonly kind: 'syntax-error' | 'refused'

  constructor(kind: 'syntax-error' | 'refused') {
    super(kind)
    this.kind = kind
  }
}

type Node =
  | { readonly kind: 'constant'; readonly text: string; readonly repr: string; readonly isNumber: boolean }
  | { readonly kind: 'complex' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'set()' }
  | { readonly kind: 'signed'; readonly sign: '+' | '-'; readonly operand: Node }
  | { readonly kind: 'sum'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'collection'; readonly open: '(' | '[' | '{'; readonly items: readonly Node[] }
  | { readonly kind: 'other' }

function literal(node: Node): Literal {
  const printed = print(node)
  if (printed === undefined) return { kind: 'expression' }
  return { kind: 'literal', text: node.kind === 'constant' ? node.text : printed }
}

/** `repr()` of the literal, `undefined` where `literal_eval` says ValueError. */
function print(node: Node): string | undefined {
  switch (node.kind) {
    case 'constant':
      return node.repr
    case 'complex':
    case 'bytes':
      throw new Stop('refused')
    case 'set()':
      return 'set()'
    case 'signed': {
      if (node.operand.kind === 'complex') throw new Stop('refused')
      if (node.operand.kind !== 'constant' || !node.operand.isNumber) return undefined
      // An int has no negative zero, a float has one.
      return node.sign === '+' || node.operand.repr === '0' ? node.operand.repr : `-${node.operand.repr}`
    }
    case 'sum':
      // Only a real and an imaginary number may be added up.
      if (node.right.kind === 'complex' && isReal(node.left)) throw new Stop('refused')
      return undefined
    case 'collection':
      return printCollection(node.open, node.items)
    case 'name':
    case 'other':
      return undefined
  }
}

function isReal(node: Node): boolean {
  return node.kind === 'signed' ? isReal(node.operand) : node.kind === 'constant' && node.isNumber
}

function printCollection(open: '(' | '[' | '{', items: readonly Node[]): string | undefined {
  const printed = items.map(print)
  const texts = printed.filter((text) => text !== undefined)
  if (texts.length < printed.length) return undefined
  switch (open) {
    case '(':
      return texts.length === 1 ? `(${texts.join('')},)` : `(${texts.join(', ')})`
    case '[':
      return `[${texts.join(', ')}]`
    case '{':
      // A set prints in the order of its hashes, and holds nothing that is a list.
      if (items.length > 1 || items.some((item) => item.kind === 'collection')) throw new Stop('refused')
      return `{${texts.join(', ')}}`
  }
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

/** Reads one expression. Whatever has a word in it that is a keyword of statements or comprehensions is refused. */
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

  /** Expressions up to `close`; a comma makes a tuple of them where no bracket says what they are. */
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
    // `if`, `for` and the like only follow an expression in forms that are never a literal
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
    if (this.#take('}')) return { kind: 'constant', text: '{}', repr: '{}', isNumber: false }
    return { kind: 'collection', open: '{', items: this.#list('}') }
  }

  #number(): Node {
    const text = this.#match(number)?.[0] ?? ''
    this.#at += text.length
    // Python still takes `1or x`, with a warning
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
      // escapes, and braces of f-strings, are another language each
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
