/**
 * The requirements of a rule, as a formula over the credentials and the target of one kind of request. Only atoms are
 * negated, so the solver never has to look below a negation.
 */

/** A value: a known text, or an unknown one. None is the text `None`, because oslo.policy compares text. */
export type Term = { readonly kind: 'constant'; readonly text: string } | Variable

export type Variable = {
  readonly kind: 'variable'
  readonly name: string
  /** Variables that are present or absent together, such as the attributes of one object. Absent: always present. */
  readonly group?: string
  readonly isNullable: boolean
}

export type Formula =
  | { readonly kind: 'true' | 'false' }
  | { readonly kind: 'equal' | 'unequal'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'present' | 'absent'; readonly group: string }
  /** Does the caller hold the role? Its name in lower case. */
  | { readonly kind: 'role'; readonly name: string; readonly isHeld: boolean }
  /** A check that is not modelled: it may be true or false, independent of everything else. */
  | { readonly kind: 'opaque'; readonly text: string; readonly holds: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] }

export const yes: Formula = { kind: 'true' }
export const no: Formula = { kind: 'false' }

export function constant(text: string): Term {
  return { kind: 'constant', text }
}

export function and(...parts: readonly Formula[]): Formula {
  if (parts.some((part) => part.kind === 'false')) return no
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : part.kind === 'true' ? [] : [part]))
  const [first, ...rest] = flat
  if (first === undefined) return yes
  return rest.length === 0 ? first : { kind: 'and', parts: flat }
}

export function or(...parts: readonly Formula[]): Formula {
  if (parts.some((part) => part.kind === 'true')) return yes
  const flat = parts.flatMap((part) => (part.kind === 'or' ? part.parts : part.kind === 'false' ? [] : [part]))
  const [first, ...rest] = flat
  if (first === undefined) return no
  return rest.length === 0 ? first : { kind: 'or', parts: flat }
}

/** Both are present, and are the same text. */
export function equal(left: Term, right: Term): Formula {
  if (left.kind === 'constant' && right.kind === 'constant') return left.text === right.text ? yes : no
  return { kind: 'equal', left, right }
}

export function role(name: string): Formula {
  return { kind: 'role', name: name.toLowerCase(), isHeld: true }
}

export function not(formula: Formula): Formula {
  switch (formula.kind) {
    case 'true':
      return no
    case 'false':
      return yes
    case 'equal':
      return or({ ...formula, kind: 'unequal' }, ...[formula.left, formula.right].flatMap(missing))
    case 'unequal':
      return or({ ...formula, kind: 'equal' }, ...[formula.left, formula.right].flatMap(missing))
    case 'present':
      return { kind: 'absent', group: formula.group }
    case 'absent':
      return { kind: 'present', group: formula.group }
    case 'role':
      return { ...formula, isHeld: !formula.isHeld }
    case 'opaque':
      return { ...formula, holds: !formula.holds }
    case 'and':
      return or(...formula.parts.map(not))
    case 'or':
      return and(...formula.parts.map(not))
  }
}

function missing(term: Term): readonly Formula[] {
  return term.kind === 'variable' && term.group !== undefined ? [{ kind: 'absent', group: term.group }] : []
}
