/**
 * The left-hand side of a check goes through Python's `ast.literal_eval`: a literal is a constant, any other valid
 * expression is a path into the credentials, and anything else is a SyntaxError. Unsupported expressions are refused,
 * which never allows. CPython 3.11, Lib/ast.py, literal_eval. docs/decisions/0021.
 */
import { Stop, constants, keywords, parseExpression } from './expression.ts'
import type { Node } from './expression.ts'

/** The result of `literal_eval`: a literal as `str()` prints it, or why it is none. */
export type Literal =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'expression' }
  | { readonly kind: 'syntax-error' }
  | { readonly kind: 'refused' }

const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/

export function literalOf(text: string): Literal {
  if (constants.has(text)) return { kind: 'literal', text }
  if (dottedName.test(text)) return dottedNameOf(text)
  // Line ends, comments, continuation lines and NUL change what Python reads; there is no reason to write them.

  if (/[\n\r\0#\\\ud800-\udfff]/u.test(text) && !/^(['"])[^'"\n\r\0]*\1$/.test(text)) return { kind: 'refused' }
  try {
    return literal(parseExpression(text.replace(/^[ \t]+/, '')))
  } catch (error) {
    if (error instanceof Stop) return { kind: error.kind }
    throw error
  }
}

function dottedNameOf(text: string): Literal {
  const isName = text.split('.').every((name, index) => !keywords.has(name) || (index === 0 && constants.has(name)))
  return { kind: isName ? 'expression' : 'syntax-error' }
}

function literal(node: Node): Literal {
  const printed = print(node)
  if (printed === undefined) return { kind: 'expression' }
  return { kind: 'literal', text: node.kind === 'constant' ? node.text : printed }
}

/** `repr()` of the literal, `undefined` if `literal_eval` raises ValueError. */
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
      // Only a real and an imaginary number may be added.
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
      // A set prints in the order of its hashes, and has no list, no dict and no other set in it.
      if (items.length > 1 || items.some(({ kind }) => kind === 'collection' || kind === 'set()'))
        throw new Stop('refused')
      return `{${texts.join(', ')}}`
  }
}
