/**
 * One kind of request: an action, one form of it, and one kind of caller. It has the value behind each key that a rule
 * may read, and the values that the claims are about.
 */
import type { RoleInferences } from '../model/role-inferences.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { targetOf } from '../model/targets.ts'
import type { TargetAuthor, TargetKey } from '../model/targets.ts'
import { callerDomain, callerProject, callerProjectDomain, callerUser, callerUserDomain } from './caller.ts'
import type { Caller } from './caller.ts'
import { and, equal, not, or, role, yes } from './formula.ts'
import type { Formula, Term } from './formula.ts'

export type World = {
  readonly action: string
  readonly caller: Caller
  /** The keys of this form; `undefined` if nothing is known about the action. */
  readonly keys: readonly TargetKey[] | undefined
  /** The value of a target key. `missing`: this request never has it. */
  readonly seen: (key: string) => Term | 'missing'
  /** The real object of the request, whatever a forged body says; `undefined` if the request names none. */
  readonly real: (key: string) => Term | undefined
  /** Who decides the value behind a key; `undefined` if the request does not have it. */
  readonly authorOf: (key: string) => TargetAuthor | undefined
  /** True if the caller's body is the target: below OSSA-2026-015. */
  readonly isForged: boolean
  /** Facts about every such request: the objects that it names exist and have their real values. */
  readonly axioms: Formula
}

/** All forms of a request for an action. */
export function worldsOf(
  release: KeystoneRelease,
  action: string,
  caller: Caller,
  inferences: RoleInferences,
): readonly World[] {
  const target = targetOf(release, action)
  const roles = rolesOf(caller, inferences)
  if (target === undefined) return [unknownWorld(action, caller, roles)]
  const worldsWith = (isForged: boolean): readonly World[] =>
    target.shapes.map((keys) => worldOf({ action, caller, keys, isForged }, roles))
  return target.isForgeable ? [...worldsWith(false), ...worldsWith(true)] : worldsWith(false)
}

/** A token with a role also has what that implies. An unscoped one has none. */
function rolesOf({ kind }: Caller, inferences: RoleInferences): Formula {
  if (kind === 'unscoped') return yes
  return and(...inferences.map(([prior, implied]) => or(not(role(prior)), role(implied))))
}

type WorldKind = {
  readonly action: string
  readonly caller: Caller
  readonly keys: readonly TargetKey[]
  readonly isForged: boolean
}

function worldOf({ action, caller, keys, isForged }: WorldKind, roles: Formula): World {
  const real = (key: string): Term | undefined => {
    const found = find(canonical(key, keys), keys, caller)
    return found === 'missing' ? undefined : found
  }
  return {
    action,
    caller,
    keys,
    isForged,
    real,
    authorOf: (key) => covered(key, keys)?.by,
    axioms: and(roles, axiomsOf(caller, keys, real)),
    // Below the fixes a key of the body wins over everything; an omitted one keeps its value, which the worlds without
    // forging cover.
    seen: (key) => (isForged ? chosen(`forged ${key}`) : (real(key) ?? 'missing')),
  }
}

/** The object exists: of one that does not, nothing can be read or changed. An id belongs to one record. */
function axiomsOf(caller: Caller, keys: readonly TargetKey[], real: World['real']): Formula {
  const stored = keys.flatMap(({ key, by, when }) => {
    const object = /^(target\.\w+)\.\*$/.exec(key)?.[1]
    return object !== undefined && by === 'database' && when !== 'always' ? [object] : []
  })
  const exist = stored.map((group): Formula => ({ kind: 'present', group }))
  const isProject = caller.kind === 'project' || caller.kind === 'admin-project'
  return and(
    ...exist,
    sameRecord(real('target.user.id'), callerUser, real('target.user.domain_id'), callerUserDomain),
    isProject
      ? sameRecord(real('target.project.id'), callerProject, real('target.project.domain_id'), callerProjectDomain)
      : yes,
  )
}

function sameRecord(id: Term | undefined, own: Term, attribute: Term | undefined, ownAttribute: Term): Formula {
  if (id === undefined || attribute === undefined) return yes
  return or(not(equal(id, own)), equal(attribute, ownAttribute))
}

/** Nothing is known: every key may be present with any value. */
function unknownWorld(action: string, caller: Caller, roles: Formula): World {
  return {
    action,
    caller,
    keys: undefined,
    seen: chosen,
    real: () => undefined,
    authorOf: () => undefined,
    isForged: false,
    axioms: roles,
  }
}

function chosen(key: string): Term {
  return { kind: 'variable', name: key, group: key, isNullable: true }
}

/** The id in the URL is the id of its object, if there is one. */
function canonical(key: string, keys: readonly TargetKey[]): string {
  // Below OSSA-2026-015 the body is there twice: under its own name, and as the object that is about to be made. Above,
  // `request_body.user.domain_id` may be another key of the body: `{"user": .., "user.domain_id": ..}`, which
  // flatten_dict writes last. keystone 22.0.2, keystone/common/utils.py.
  const proposed = key.startsWith('request_body.') ? undefined : /^(\w+\..+)$/.exec(key)?.[1]
  if (
    proposed !== undefined &&
    covered(key, keys)?.by === 'body' &&
    covered(`target.${proposed}`, keys)?.by === 'body'
  ) {
    return `target.${proposed}`
  }
  // What the handler takes from the path is the path: ec2_create_credential.
  if (key === 'target.credential.user_id' && covered(key, keys)?.by === 'url') return canonical('user_id', keys)
  const member = /^(?:target\.)?(user|project|group|domain|role|trust)_id$/.exec(key)?.[1]
  if (member === undefined) return key
  const isStored = (name: string): boolean =>
    keys.some((known) => known.key === `target.${name}.*` && known.by === 'database')
  // the list of a tree gets the domain of its first project
  if (key === 'target.domain_id' && isStored('project') && covered(key, keys)?.by === 'database') {
    return 'target.project.domain_id'
  }
  return isStored(member) && !key.includes('.') ? `target.${member}.id` : key
}

function find(key: string, keys: readonly TargetKey[], caller: Caller): Term | 'missing' {
  const known = covered(key, keys)
  if (known === undefined) return 'missing'
  if (known.by === 'token') return fromToken(known, caller)
  const group = groupOf(known, key)
  return {
    kind: 'variable',
    name: key,
    isNullable: known.isNullable === true || mayBeNone(key, known),
    ...(group === undefined ? {} : { group }),
  }
}

function covered(key: string, keys: readonly TargetKey[]): TargetKey | undefined {
  return keys.find((each) => covers(each.key, key))
}

function covers(pattern: string, key: string): boolean {
  return pattern.endsWith('.*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern
}

function fromToken(known: TargetKey, caller: Caller): Term | 'missing' {
  if (known.when === 'not-system-scoped') return caller.kind === 'system' ? 'missing' : callerUser
  return caller.kind === 'domain' ? callerDomain : 'missing'
}

/** A stored object is complete; the caller may omit each key of its own input. */
function groupOf(known: TargetKey, key: string): string | undefined {
  if (known.by !== 'database' && known.by !== 'url') return known.when === 'always' ? undefined : key
  if (known.when === 'always') return isAttributeOfAll(key) ? undefined : key
  const object = key.split('.').slice(0, 2).join('.')
  return isAttributeOfAll(key) ? object : key
}

/** Attributes that every record has; of the others one may be missing. */
function isAttributeOfAll(key: string): boolean {
  return !key.includes('.') || /\.(?:id|name|domain_id|user_id|project_id|trustor_user_id|trustee_user_id)$/.test(key)
}

/** Ids are never None, and users and groups always belong to a domain. Anything else may be None. */
function mayBeNone(key: string, known: TargetKey): boolean {
  if (known.by === 'subject-token') return false
  if (known.by !== 'database' && known.by !== 'url') return true
  if (!key.includes('.') || /\.(?:id|trustor_user_id|trustee_user_id)$/.test(key)) return false
  return !/^target\.(?:user|group)\.domain_id$/.test(key) && !/^target\.(?:\w+\.)?user_id$/.test(key)
}
