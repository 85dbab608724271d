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
    const kind = kindOf(variable, world)
    return kind === undefined ? [] : [{ variable, kind }]
  })
  const apart = ids.flatMap(({ variable, kind }, index) =>
    ids.slice(index + 1).flatMap((other) => (other.kind === kind ? [] : [not(equal(variable, other.variable))])),
  )
  const words = ids.flatMap(({ variable }) => ['True', 'False', 'all'].map((word) => differs(variable, word)))
  const flags = variables.flatMap((variable) => (isFlag(variable, world) ? [flag(variable)] : []))
  return and(...apart, ...words, ...flags)
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

const callers: Readonly<Record<string, string>> = {
  'caller.user': 'user',
  'caller.userDomain': 'project',
  'caller.domain': 'project',
  'caller.project': 'project',
  'caller.projectDomain': 'project',
}

/** A domain is a project too, so their ids are of one kind. */
const kinds: Readonly<Record<string, string>> = {
  domain: 'project',
  parent: 'project',
  trustor_user: 'user',
  trustee_user: 'user',
  prior_role: 'role',
  implied_role: 'role',
}
const made = new Set([
  ...['user', 'group', 'project', 'role', 'trust', 'credential', 'application_credential', 'access_rule'],
  ...['access_token', 'limit', 'registered_limit', 'service', 'endpoint', 'policy', 'endpoint_group', 'consumer'],
])

/** The kind of an id that Keystone makes; `undefined` for everything else, such as the id of a region. */
function kindOf({ name }: Variable, world: World): string | undefined {
  const own = callers[name]
  if (own !== undefined) return own
  if (!isStored(name, world)) return undefined
  const object = /^target\.(\w+)\.id$/.exec(name)?.[1] ?? /(?:^|\.)(\w+)_id$/.exec(name)?.[1]
  const kind = object === undefined ? undefined : (kinds[object] ?? object)
  return kind !== undefined && made.has(kind) ? kind : undefined
}

function isFlag({ name }: Variable, world: World): boolean {
  return /\.(?:enabled|is_domain|impersonation)$/.test(name) && isStored(name, world)
}

function isStored(name: string, world: World): boolean {
  const by = world.authorOf(name)
  return by === 'database' || by === 'url'
}
