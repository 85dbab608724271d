/**
 * What a value can be at all, which oslo.policy does not know: it compares texts. Keystone makes ids, so one id is not a
 * user's and a project's at once, and is no word such as `True`. A flag is `True` or `False`. Only of stored objects and
 * of the path to them: in a body the caller writes what it likes.
 */
import type { World } from './world.ts'
import { and, constant, equal, not, or, yes } from './formula.ts'
import type { Formula, Term, Variable } from './formula.ts'

/** Facts about the values in this formula. */
export function kindsIn(formula: Formula, world: World): Formula {
  const variables = [...variablesIn(formula)]
  const ids = variables.flatMap((variable) => {
    const kinds = kindsOf(variable, world)
    return kinds === undefined ? [] : [{ variable, kinds }]
  })
  const apart = ids.flatMap(({ variable, kinds }, index) =>
    ids
      .slice(index + 1)
      .flatMap((other) =>
        other.kinds.some((kind) => kinds.includes(kind)) ? [] : [not(equal(variable, other.variable))],
      ),
  )
  const words = ids.flatMap(({ variable }) => ['True', 'False', 'all'].map((word) => differs(variable, word)))
  const flags = variables.flatMap((variable) => (isFlag(variable, world) ? [flag(variable)] : []))
  return and(...apart, ...words, ...flags, ...parents(variables, world))
}

/** Only the record of a domain has no parent. keystone 22.0.2, resource/core.py, _set_parent_id: a project's is its domain. */
function parents(variables: readonly Variable[], world: World): readonly Formula[] {
  const parent = variables.find(({ name }) => name === 'target.project.parent_id')
  const domain = world.real('target.project.domain_id')
  if (parent === undefined || domain === undefined || !isStored(parent.name, world)) return []
  return [or(not(equal(parent, constant('None'))), equal(domain, constant('None')))]
}

function differs(variable: Variable, word: string): Formula {
  return not(equal(variable, constant(word)))
}

function flag(variable: Variable): Formula {
  const absent: Formula = variable.group === undefined ? yes : { kind: 'absent', group: variable.group }
  const either = or(equal(variable, constant('True')), equal(variable, constant('False')))
  return variable.group === undefined ? either : or(absent, either)
}

function* variablesIn(formula: Formula, seen = new Set<string>()): Generator<Variable> {
  if ('parts' in formula) for (const part of formula.parts) yield* variablesIn(part, seen)
  else if ('left' in formula) {
    for (const term of [formula.left, formula.right]) {
      if (!isVariable(term) || seen.has(term.name)) continue
      seen.add(term.name)
      yield term
    }
  }
}

function isVariable(term: Term): term is Variable {
  return term.kind === 'variable'
}

type Kinds = readonly string[]

/** No token is scoped to a project that is a domain, which the proof assumes. */
const callers: Readonly<Record<string, Kinds>> = {
  'caller.user': ['user'],
  'caller.userDomain': ['domain'],
  'caller.domain': ['domain'],
  'caller.project': ['project'],
  'caller.projectDomain': ['domain'],
}

/** The record of a domain is a project of the same id. */
const others: Readonly<Record<string, Kinds>> = {
  project: ['project', 'domain'],
  parent: ['project', 'domain'],
  domain: ['domain'],
  trustor_user: ['user'],
  trustee_user: ['user'],
  prior_role: ['role'],
  implied_role: ['role'],
}
const made = new Set([
  ...['user', 'group', 'role', 'trust', 'credential', 'application_credential', 'access_rule', 'access_token'],
  ...['limit', 'registered_limit', 'service', 'endpoint', 'policy', 'endpoint_group', 'consumer'],
])

/** The kinds of an id that Keystone makes; `undefined` for everything else, such as the id of a region. */
function kindsOf({ name }: Variable, world: World): Kinds | undefined {
  const own = callers[name]
  if (own !== undefined) return own
  if (!isStored(name, world)) return undefined
  const object = /^target\.(\w+)\.id$/.exec(name)?.[1] ?? /(?:^|\.)(\w+)_id$/.exec(name)?.[1]
  if (object === undefined) return undefined
  return others[object] ?? (made.has(object) ? [object] : undefined)
}

function isFlag({ name }: Variable, world: World): boolean {
  return /\.(?:enabled|is_domain|impersonation)$/.test(name) && isStored(name, world)
}

function isStored(name: string, world: World): boolean {
  const by = world.authorOf(name)
  return by === 'database' || by === 'url'
}
