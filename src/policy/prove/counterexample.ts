/**
 * A request that breaks a claim: the solver's model with names for everything. It is replayed before it is told: its
 * path, query, headers and body give the target as the enforcer makes it (`assembleTarget`, which `explain` uses too),
 * and the evaluator must decide as the model says. Otherwise it is not a counterexample, and the reason is told.
 */
import type { Check } from '../engine/check.ts'
import { enforce } from '../engine/enforce.ts'
import { classOf } from '../model/actions.ts'
import { assembleTarget } from '../model/operation.ts'
import type { AssembledTarget } from '../model/operation.ts'
import { schemaMembers } from '../model/targets.ts'
import type { TargetAuthor } from '../model/targets.ts'
import { withImplied, withoutImplied } from '../model/role-inferences.ts'
import { keysRead } from '../python/format.ts'
import type { Keystone } from '../releases/keystone.ts'
import type { Dict } from '../python/value.ts'
import { findRule } from '../engine/rules.ts'
import type { RuleSet } from '../engine/rules.ts'
import {
  callerDomain,
  callerDomainName,
  callerProject,
  callerProjectDomain,
  callerUser,
  callerUserDomain,
} from './caller.ts'
import type { CallerKind } from './caller.ts'
import type { Question } from './claim.ts'
import type { Formula, Term, Variable } from './formula.ts'
import type { Model } from './solve.ts'
import type { World } from './world.ts'

export type Counterexample = {
  readonly action: string
  /** `roles` are granted; those that they imply are in `creds` too. */
  readonly caller: { readonly scope: CallerKind; readonly roles: readonly string[] }
  /** The input of the rules: the credentials, and the target with dotted keys. */
  readonly creds: Dict
  readonly target: Values
  /** The real objects, even if a forged body hides them from the rules. */
  readonly objects: Values
  readonly request: WireRequest
  /** The evaluator's decision on these credentials and this target. */
  readonly decision: 'allow' | 'deny'
}

export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Dict
}

/** Attributes by their dotted key; null is Python's None. */
export type Values = Readonly<Record<string, string | null>>

/** A model that is no counterexample, and why. */
export type NotReplayed = { readonly why: string }

export function counterexampleOf(
  { model, formula }: { readonly model: Model; readonly formula: Formula },
  { world, expected }: { readonly world: World; readonly expected: Counterexample['decision'] },
  question: Question,
  keystone: Keystone,
): Counterexample | NotReplayed {
  const names = new Names(model, formula)
  const { inferences } = question.facts
  const roles = withoutImplied(rolesOf(model, world.caller.kind), inferences)
  const creds = credsOf(world, withImplied(roles, inferences), question, names)
  const keys = [...keysOfAction(question.rules, world.action), ...keysOfAction(question.base, world.action)]
  const target = valuesOf([...new Set([...keys, ...standardKeys(world)])], world.seen, names)
  const objects = valuesOf(
    [...new Set([...keys, ...standardKeys(world)])],
    (key) => world.real(key) ?? 'missing',
    names,
  )
  const request = requestOf(world, target, objects, keystone, names)
  const known = schemaMembers(keystone.release, world.action)
  const odd = known && Object.keys(request.body ?? {}).find((member) => !known.includes(member))
  if (odd !== undefined) {
    return { why: `it needs \`${odd}\` in the body, which this release's schema refuses before the policy is asked` }
  }
  if (classOf(world.action) === undefined && expected === 'allow') {
    return { why: 'what this action does is not modelled' }
  }
  const seen = replay(world, objects, request, keystone)
  const decision = enforce(question.rules, world.action, creds, seen).kind === 'allow' ? 'allow' : 'deny'
  if (decision !== expected) {
    return {
      why: world.keys === undefined ? 'its target is not modelled' : 'it depends on a check that is not modelled',
    }
  }
  return {
    action: world.action,
    caller: { scope: world.caller.kind, roles },
    creds,
    target,
    objects,
    request,
    decision,
  }
}

/** The target that the enforcer makes of the request. Of an action with an unknown target only path and body are known. */
function replay(world: World, objects: Values, request: WireRequest, keystone: Keystone): AssembledTarget['target'] {
  const keys = world.keys ?? []
  const byOf = (key: string): TargetAuthor | undefined => keys.find(({ key: known }) => covers(known, key))?.by
  const ids = Object.entries(objects).filter(([key]) => /^\w+$/.test(key) && isPath(byOf(key)))
  const filters = Object.entries(objects).filter(([key]) => byOf(key) === 'filter' && !key.startsWith('target.'))
  const stored = Object.entries(objects).filter(([key]) => key.startsWith('target.'))
  return assembleTarget(keystone.release, {
    ids: Object.fromEntries(ids.flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
    target: nest(stored.map(([key, value]) => [key.slice('target.'.length), value])),
    filters: Object.fromEntries(
      filters.flatMap(([key, value]) => (value === null ? [] : [[key.replace(/^filter_attr\./, ''), value]])),
    ),
    ...(request.body === undefined ? {} : { body: request.body }),
  }).target
}

function isPath(by: TargetAuthor | undefined): boolean {
  return by === 'url' || by === 'database'
}

/** Texts for open values of the model: one for each class of equal variables, and none that is in use. */
class Names {
  readonly #model: Model
  readonly #mentioned: ReadonlySet<string>
  readonly #taken: Set<string>
  readonly #given = new Map<string, string>()

  constructor(model: Model, formula: Formula) {
    this.#model = model
    const terms = [...termsIn(formula)]
    this.#mentioned = new Set(terms.flatMap((term) => (term.kind === 'variable' ? [term.name] : [])))
    this.#taken = new Set(terms.flatMap((term) => (term.kind === 'constant' ? [term.text] : [])))
  }

  /** `undefined`: it is not there. */
  of(term: Term): string | undefined {
    if (term.kind === 'constant') return term.text
    if (term.group !== undefined && this.#model.isAbsent(term.group)) return undefined
    const text = this.#model.valueOf(term)
    if (text !== undefined) return text
    const id = this.#model.classOf(term)
    const given = this.#given.get(id)
    if (given !== undefined) return given
    // no rule reads it, so the plainest value will do, even one that is in use
    if (!this.#mentioned.has(term.name) && id === term.name) return this.#plain(term)
    const word = wordFor(term)
    let name = word
    for (let count = 2; this.#taken.has(name); count++) name = `${word}-${count}`
    this.#taken.add(name)
    this.#given.set(id, name)
    return name
  }

  #plain(term: Variable): string | undefined {
    if (term.name.endsWith('role.domain_id')) return 'None'
    if (term.name.endsWith('role.name')) return 'member'
    if (term.name === callerUserDomain.name) return wordFor(term)
    return term.group === term.name ? undefined : wordFor(term)
  }
}

const message: Readonly<Record<string, string>> = {
  [callerUser.name]: 'caller',
  [callerUserDomain.name]: 'home',
  [callerDomain.name]: 'home',
  [callerDomainName.name]: 'home-name',
  [callerProject.name]: 'own-project',
  [callerProjectDomain.name]: 'home',
}

function wordFor({ name }: Variable): string {
  const word = message[name]
  if (word !== undefined) return word
  const key = name.replace(/^forged /, '')
  if (/domain_id$|domain\.id$/.test(key)) return 'elsewhere'
  const member = /^target\.(\w+)\.(id|name)$/.exec(key)
  if (member !== null) return `some-${member[1] ?? ''}${member[2] === 'name' ? '-name' : ''}`
  return `some-${key.replaceAll(/^target\.|_id$/g, '').replaceAll(/[._]/g, '-')}`
}

function* termsIn(formula: Formula): Generator<Term> {
  if ('parts' in formula) for (const part of formula.parts) yield* termsIn(part)
  else if ('left' in formula) yield* [formula.left, formula.right]
}

/** Only the required roles; a token has at least one role, so a role without power is added if none is needed. */
function rolesOf(model: Model, kind: CallerKind): readonly string[] {
  const held = [...model.roles].filter(([, isHeld]) => isHeld).map(([name]) => name)
  if (held.length > 0 || kind === 'unscoped') return held
  return [['reader', 'member', 'some-role'].find((name) => model.roles.get(name) !== false) ?? 'some-role']
}

function credsOf({ caller }: World, roles: readonly string[], { facts }: Question, names: Names): Dict {
  const user = names.of(callerUser) ?? null
  const userDomain = names.of(callerUserDomain) ?? null
  const scope = scopeOf(caller.kind, names)
  const isAdminProject = caller.kind === 'project' ? !facts.hasAdminProject : caller.kind !== 'domain'
  return {
    user_id: user,
    user_domain_id: userDomain,
    system_scope: caller.kind === 'system' ? 'all' : null,
    domain_id: scope.domain?.id ?? null,
    project_id: scope.project?.id ?? null,
    project_domain_id: scope.project?.domain.id ?? null,
    roles,
    is_admin_project: isAdminProject,
    service_user_id: null,
    service_user_domain_id: null,
    service_project_id: null,
    service_project_domain_id: null,
    service_roles: [],
    token: {
      methods: ['password'],
      user: { id: user, name: user, domain: { id: userDomain, name: userDomain } },
      roles: roles.map((name) => ({ id: `${name}-role`, name })),
      ...(scope.domain === undefined ? {} : { domain: scope.domain }),
      ...(scope.project === undefined ? {} : { project: scope.project }),
      ...(caller.kind === 'system' ? { system: { all: true } } : {}),
    },
  }
}

type ScopeParts = {
  readonly domain?: { readonly id: string; readonly name: string }
  readonly project?: { readonly id: string; readonly name: string; readonly domain: { id: string; name: string } }
}

function scopeOf(kind: CallerKind, names: Names): ScopeParts {
  switch (kind) {
    case 'system':
    case 'unscoped':
      return {}
    case 'domain':
      return { domain: { id: names.of(callerDomain) ?? '', name: names.of(callerDomainName) ?? '' } }
    case 'admin-project':
    case 'project': {
      const id = names.of(callerProject) ?? ''
      const domain = names.of(callerProjectDomain) ?? ''
      return { project: { id, name: id, domain: { id: domain, name: domain } } }
    }
  }
}

/** Every key that the rule of an action can read. */
function keysOfAction(rules: RuleSet, action: string): readonly string[] {
  const keys = new Set<string>()
  const seen = new Set<string>()
  const visit = (check: Check): void => {
    if (check.kind === 'rule') {
      if (seen.has(check.name)) return
      seen.add(check.name)
      const rule = findRule(rules, check.name)
      if (rule !== undefined) visit(rule.check)
    } else if (check.kind === 'and' || check.kind === 'or') {
      check.checks.forEach(visit)
    } else if (check.kind === 'not') {
      visit(check.check)
    } else if (check.kind === 'role' || check.kind === 'attribute') {
      for (const key of keysRead(check.format)) keys.add(key)
    }
  }
  const rule = findRule(rules, action)
  if (rule !== undefined) visit(rule.check)
  return [...keys]
}

/** What completes a request whether or not a rule reads it: the ids of the URL and their objects. */
function standardKeys({ keys }: World): readonly string[] {
  return (keys ?? []).flatMap(({ key, by }) => {
    if (by === 'url') return [key]
    const member = /^target\.(\w+)\.\*$/.exec(key)?.[1]
    if (member === undefined) return []
    if (by === 'body') return ['user', 'project', 'group'].includes(member) ? [`${key.slice(0, -1)}domain_id`] : []
    const attributes: Readonly<Record<string, readonly string[]>> = {
      user: ['id', 'domain_id'],
      group: ['id', 'domain_id'],
      project: ['id', 'domain_id'],
      role: ['id', 'name', 'domain_id'],
      prior_role: ['id', 'name', 'domain_id'],
      implied_role: ['id', 'name', 'domain_id'],
      credential: ['id', 'user_id'],
    }
    return (attributes[member] ?? ['id']).map((attribute) => `target.${member}.${attribute}`)
  })
}

function valuesOf(keys: readonly string[], find: (key: string) => Term | 'missing', names: Names): Values {
  const entries = keys.flatMap((key) => {
    const term = find(key)
    const text = term === 'missing' ? undefined : names.of(term)
    return text === undefined ? [] : [[key, text === 'None' ? null : text] as const]
  })
  return Object.fromEntries(entries)
}

function requestOf(world: World, target: Values, objects: Values, keystone: Keystone, names: Names): WireRequest {
  const ids = new Set((world.keys ?? []).filter(({ by }) => by === 'url').map(({ key }) => key))
  const templates = (keystone.operations.get(world.action) ?? []).map(templateOf)
  const fits = ([, path = '']: readonly string[]): boolean => {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
    return wanted.length === ids.size && wanted.every((id) => ids.has(id))
  }
  const [method = '', template = ''] = templates.find(fits) ?? templates[0] ?? []
  const path = template
    .replaceAll(/\?.*$/g, '')
    .replaceAll(/\{(\w+)\}/g, (whole, id: string) => objects[id] ?? objects[`target.${id.slice(0, -3)}.id`] ?? whole)
  const query = queryOf(world, objects)
  const body = bodyOf(world, target, objects)
  const subject = objects['target.token.user_id']
  const token = subject === names.of(callerUser) ? 'its own token' : `a token of ${subject ?? 'somebody'}`
  return {
    method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    ...(subject === undefined ? {} : { headers: { 'X-Subject-Token': token } }),
    ...(body === undefined ? {} : { body }),
  }
}

/** `PUT /v3/users/{user_id}`; for grants on the system Keystone's own documentation data has a printed dict. */
function templateOf(text: string): readonly string[] {
  const dict = /^\{'path': '([^']+)', 'method': \[(?:'HEAD', )?'(\w+)'/.exec(text)
  return dict === null ? text.split(' ') : [dict[2] ?? '', dict[1] ?? '']
}

function queryOf({ action, keys }: World, objects: Values): readonly string[] {
  const filters = Object.entries(objects).flatMap(([key, value]) => {
    const isFilter = keys?.some((known) => known.key === key && known.by === 'filter') === true
    return isFilter && value !== null ? [`${key.replace(/^filter_attr\.|^target\.trust\./, '')}=${value}`] : []
  })
  if (action !== 'identity:list_role_assignments_for_tree') return filters
  return [`scope.project.id=${objects['target.project.id'] ?? ''}`, 'include_subtree=true']
}

function bodyOf(world: World, target: Values, objects: Values): Dict | undefined {
  const proposed = Object.entries(objects).filter(([key]) =>
    world.keys?.some(({ key: known, by }) => by === 'body' && covers(known, key)),
  )
  const real = proposed
    .filter(([key]) => !key.startsWith('request_body'))
    .map(([key, value]) => [key.replace(/^target\./, ''), value] as const)
  const forged = world.isForged ? Object.entries(target) : []
  const body = nest([...real, ...forged])
  for (const [key, value] of Object.entries(target)) {
    if (!world.isForged && key.startsWith('request_body.')) place(body, key.slice('request_body.'.length), value)
  }
  return Object.keys(body).length === 0 ? undefined : body
}

function covers(pattern: string, key: string): boolean {
  return pattern.endsWith('.*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern
}

/** As an object within objects; as one key with dots if the body has another value there, which Keystone reads last. */
function place(body: Tree, key: string, value: string | null): void {
  const path = key.split('.')
  const last = path.pop() ?? ''
  let at: Tree = body
  for (const step of path) {
    const next = at[step]
    if (next !== undefined && (typeof next !== 'object' || next === null)) {
      body[key] = value
      return
    }
    at = next ?? (at[step] = {})
  }
  if (at[last] === undefined) at[last] = value
  else if (at[last] !== value) body[key] = value
}

type Tree = { [key: string]: Tree | string | null }

/** `user.domain_id` as `{"user": {"domain_id": ...}}`. */
function nest(entries: readonly (readonly [string, string | null])[]): Tree {
  const root: Tree = {}
  for (const [key, value] of entries) {
    const path = key.split('.')
    const last = path.pop() ?? ''
    let at = root
    for (const step of path) {
      const next = at[step]
      const child: Tree = typeof next === 'object' && next !== null ? next : {}
      at[step] = child
      at = child
    }
    at[last] = value
  }
  return root
}
