/**
 * Looks for values under which a formula holds. It tries every way to make the formula true and gives up on one only if
 * the equalities contradict each other. So if it finds nothing there is nothing, because there are always enough texts
 * for equalities and inequalities without contradiction.
 */
import type { Formula, Term, Variable } from './formula.ts'

/** Values that make the formula true. Everything else may have any value. */
export type Model = {
  /** The text of a variable, `undefined` if it is absent or does not matter. */
  readonly valueOf: (variable: Variable) => string | undefined
  /** Equal variables share a class; a class without a known text may have any fresh one. */
  readonly classOf: (variable: Variable) => string
  readonly isAbsent: (group: string) => boolean
  readonly roles: ReadonlyMap<string, boolean>
  /** The unmodelled checks that this depends on. */
  readonly opaque: ReadonlyMap<string, boolean>
}

export function solve(formula: Formula): Model | undefined {
  const state = search([formula], new State())
  if (state === undefined) return undefined
  return {
    valueOf: (variable) => state.textOf(state.find(variable)),
    classOf: (variable) => state.find(variable),
    isAbsent: (group) => state.presence.get(group) === false,
    roles: state.roles,
    opaque: state.opaque,
  }
}

function search(pending: readonly Formula[], state: State): State | undefined {
  const choices: (readonly Formula[])[] = []
  const queue = [...pending]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.kind === 'and') queue.push(...next.parts)
    else if (next.kind === 'or') choices.push(next.parts)
    else if (!state.assert(next)) return undefined
  }
  // Facts first, then the choice with the fewest remaining ways: most branches end before they are entered.
  const open = choices.flatMap((parts) => {
    const verdicts = parts.map((part) => state.judge(part))
    return verdicts.includes(true) ? [] : [parts.filter((_, index) => verdicts[index] !== false)]
  })
  const [best, ...rest] = open.sort((a, b) => a.length - b.length)
  if (best === undefined) return state
  const others = rest.map((parts): Formula => ({ kind: 'or', parts }))
  for (const way of best) {
    const found = search([...others, way], state.copy())
    if (found !== undefined) return found
  }
  return undefined
}

/** The facts of one branch. */
class State {
  readonly presence = new Map<string, boolean>()
  readonly roles = new Map<string, boolean>()
  readonly opaque = new Map<string, boolean>()
  readonly #parents = new Map<string, string>()
  readonly #texts = new Map<string, string>()
  #unequal: readonly (readonly [string, string])[] = []

  copy(): State {
    const state = new State()
    for (const [key, value] of this.presence) state.presence.set(key, value)
    for (const [key, value] of this.roles) state.roles.set(key, value)
    for (const [key, value] of this.opaque) state.opaque.set(key, value)
    for (const [key, value] of this.#parents) state.#parents.set(key, value)
    for (const [key, value] of this.#texts) state.#texts.set(key, value)
    state.#unequal = this.#unequal
    return state
  }

  /** The representative of a term: `='text` for a known one. */
  find(term: Term): string {
    let at = term.kind === 'constant' ? `=${term.text}` : term.name
    if (term.kind === 'constant') this.#texts.set(at, term.text)
    for (let up = this.#parents.get(at); up !== undefined; up = this.#parents.get(at)) at = up
    return at
  }

  textOf(id: string): string | undefined {
    return this.#texts.get(id)
  }

  /** Adds a fact; false if it contradicts the others. */
  assert(fact: Formula): boolean {
    switch (fact.kind) {
      case 'true':
        return true
      case 'false':
        return false
      case 'role':
        return put(this.roles, fact.name, fact.isHeld)
      case 'opaque':
        return put(this.opaque, fact.text, fact.holds)
      case 'present':
      case 'absent':
        return put(this.presence, fact.group, fact.kind === 'present')
      case 'equal':
        return this.#areThere(fact.left, fact.right) && this.#merge(fact.left, fact.right)
      case 'unequal':
        return this.#areThere(fact.left, fact.right) && this.#separate(fact.left, fact.right)
      case 'and':
      case 'or':
        return true
    }
  }

  /** What is known of a formula without a choice. */
  judge(formula: Formula): boolean | undefined {
    switch (formula.kind) {
      case 'true':
        return true
      case 'false':
        return false
      case 'role':
        return agrees(this.roles.get(formula.name), formula.isHeld)
      case 'opaque':
        return agrees(this.opaque.get(formula.text), formula.holds)
      case 'present':
      case 'absent':
        return agrees(this.presence.get(formula.group), formula.kind === 'present')
      case 'equal':
      case 'unequal':
        return this.#judgeEquality(formula.left, formula.right, formula.kind === 'equal')
      case 'and': {
        const parts = formula.parts.map((part) => this.judge(part))
        if (parts.includes(false)) return false
        return parts.includes(undefined) ? undefined : true
      }
      case 'or': {
        const parts = formula.parts.map((part) => this.judge(part))
        if (parts.includes(true)) return true
        return parts.includes(undefined) ? undefined : false
      }
    }
  }

  #judgeEquality(left: Term, right: Term, wanted: boolean): boolean | undefined {
    const there = [left, right].map((term) =>
      term.kind === 'constant' || term.group === undefined ? true : this.presence.get(term.group),
    )
    if (there.includes(false)) return false
    const a = this.find(left)
    const b = this.find(right)
    const isSame = a === b ? true : this.#differ(a, b) || isNoneOf(left, right, this) ? false : undefined
    if (isSame === undefined) return undefined
    if (isSame !== wanted) return false
    return there.includes(undefined) ? undefined : true
  }

  #differ(a: string, b: string): boolean {
    const left = this.#texts.get(a)
    const right = this.#texts.get(b)
    if (left !== undefined && right !== undefined && left !== right) return true
    return this.#unequal.some(([x, y]) => {
      const [p, q] = [this.#up(x), this.#up(y)]
      return (p === a && q === b) || (p === b && q === a)
    })
  }

  #up(id: string): string {
    let at = id
    for (let up = this.#parents.get(at); up !== undefined; up = this.#parents.get(at)) at = up
    return at
  }

  #areThere(...terms: readonly Term[]): boolean {
    return terms.every(
      (term) => term.kind === 'constant' || term.group === undefined || put(this.presence, term.group, true),
    )
  }

  #merge(left: Term, right: Term): boolean {
    for (const term of [left, right]) if (!this.#bar(term)) return false
    const a = this.find(left)
    const b = this.find(right)
    if (a === b) return true
    if (this.#differ(a, b)) return false
    const [child, parent] = this.#texts.has(a) ? [b, a] : [a, b]
    this.#parents.set(child, parent)
    return true
  }

  #separate(left: Term, right: Term): boolean {
    for (const term of [left, right]) if (!this.#bar(term)) return false
    const a = this.find(left)
    const b = this.find(right)
    if (a === b) return false
    this.#unequal = [...this.#unequal, [a, b]]
    return true
  }

  /** A variable that is never None is unequal to it from its first use on. */
  #bar(term: Term): boolean {
    if (term.kind === 'constant' || term.isNullable) return true
    const id = this.find(term)
    if (this.#texts.get(id) === 'None') return false
    const none = this.find({ kind: 'constant', text: 'None' })
    if (this.#texts.get(id) === undefined && !this.#differ(id, none)) this.#unequal = [...this.#unequal, [id, none]]
    return true
  }
}

function isNoneOf(left: Term, right: Term, state: State): boolean {
  const isNever = (term: Term): boolean => term.kind === 'variable' && !term.isNullable
  const isNone = (term: Term): boolean => state.textOf(state.find(term)) === 'None'
  return (isNever(left) && isNone(right)) || (isNever(right) && isNone(left))
}

function put(map: Map<string, boolean>, key: string, value: boolean): boolean {
  const known = map.get(key)
  if (known === undefined) map.set(key, value)
  return known === undefined || known === value
}

function agrees(known: boolean | undefined, wanted: boolean): boolean | undefined {
  return known === undefined ? undefined : known === wanted
}
