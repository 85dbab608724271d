/**
 * Checks the policy, with the credentials and the target of Keystone's own enforcer. keystone 22.0.2,
 * keystone/common/rbac_enforcer/enforcer.py, RBACEnforcer.enforce_call. In the older order, 2024.1 before OSSA-2026-015
 * (CVE-2026-42999), the body and the filters replace everything else.
 */
import { hasFix } from '../../../policy/releases/release.ts'
import { isJson } from '../../json.ts'
import { forbidden } from './error.ts'
import { resolveToken } from './caller.ts'
import type { Caller } from './caller.ts'
import type { Call } from '../../service.ts'
import type { Dict, Value } from '../../../policy/python/value.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

export type Asked = {
  /** `target_attr` or the result of `build_target`. Without it Keystone uses the subject token. */
  readonly target?: Json
  /** Query arguments that count as filters of this operation. */
  readonly filters?: readonly string[]
  /** Arguments of the path that Keystone's handler replaces before the check. */
  readonly path?: Json
}

export function enforce(call: Call, action: string, asked: Asked = {}): void {
  const caller = call.caller()
  if (!call.world.policy.isAllowed(action, credentialsOf(call.world, caller), targetOf(call, asked)))
    throw forbidden(action)
}

export function isAllowed(call: Call, action: string, asked: Asked = {}): boolean {
  return call.world.policy.isAllowed(action, credentialsOf(call.world, call.caller()), targetOf(call, asked))
}

function targetOf(call: Call, asked: Asked): Dict {
  const dict: Record<string, unknown> = { ...call.params, ...asked.path }
  const subject = asked.target === undefined ? subjectOf(call) : undefined
  if (asked.target !== undefined) dict['target'] = asked.target
  else if (subject !== undefined) dict['target'] = subject

  const body = isJson(call.body) ? call.body : {}
  const filters: Record<string, unknown> = {}
  for (const name of asked.filters ?? []) {
    const value = call.query.get(name)
    if (value !== null) filters[name] = value
  }
  if (hasFix(call.world.profile.release, 'ossa-2026-015')) {
    if (Object.keys(body).length > 0) dict['request_body'] = body
    if (Object.keys(filters).length > 0) dict['filter_attr'] = filters
  } else {
    Object.assign(dict, body, filters)
  }
  const flat: Record<string, Value> = {}
  flatten(dict, '', flat)
  return flat
}

function subjectOf(call: Call): Json | undefined {
  const id = call.header('x-subject-token')
  if (id === undefined) return undefined
  const subject = resolveToken(call.world, id)
  return { token: { user_id: subject.user.id, user: { domain: { id: subject.user.domain_id } } } }
}

/** Dotted keys, lists left whole. keystone/common/utils.py, flatten_dict. */
function flatten(value: Json, prefix: string, into: Record<string, Value>): void {
  for (const [key, item] of Object.entries(value)) {
    if (isJson(item)) flatten(item, `${prefix}${key}.`, into)
    else if (item !== undefined) into[`${prefix}${key}`] = valueOf(item)
  }
}

function valueOf(item: unknown): Value {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return item
  if (Array.isArray(item)) return item.map(valueOf)
  if (isJson(item)) return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, valueOf(each)]))
  return null
}

const credentials = new WeakMap<Caller, Dict>()

/**
 * The credentials for a rule's left side. oslo.context, RequestContext.to_policy_values, and
 * keystone/common/context.py.
 */
function credentialsOf(world: World, caller: Caller): Dict {
  const known = credentials.get(caller)
  if (known !== undefined) return known
  const { user, project, domain, isSystem } = caller
  const made = {
    user_id: user.id,
    user_domain_id: user.domain_id,
    system_scope: isSystem ? 'all' : null,
    domain_id: domain?.id ?? null,
    project_id: project?.id ?? null,
    project_domain_id: project?.domain_id ?? null,
    roles: caller.roles.map((role) => role.name),
    is_admin_project: domain !== undefined ? false : isAdminProject(world, caller),
    service_user_id: null,
    service_user_domain_id: null,
    service_project_id: null,
    service_project_domain_id: null,
    service_roles: [],
    ...(isSystem ? { system: { all: true } } : {}),
    token: {
      methods: caller.token.methods,
      user: { id: user.id, name: user.name, domain: { id: user.domain_id, name: caller.userDomain.name } },
      roles: caller.roles.map((role) => ({ id: role.id, name: role.name })),
      ...(project === undefined
        ? {}
        : {
            project: {
              id: project.id,
              name: project.name,
              domain: { id: project.domain_id, name: caller.projectDomain?.name ?? '' },
            },
          }),
      ...(domain === undefined ? {} : { domain: { id: domain.id, name: domain.name } }),
      ...(isSystem ? { system: { all: true } } : {}),
    },
  }
  credentials.set(caller, made)
  return made
}

/** A token without this field counts as the admin project's. keystoneauth1/access/access.py. */
export function isAdminProject(world: World, caller: Caller): boolean {
  const configured = world.profile.adminProject
  if (configured === undefined || caller.project === undefined) return true
  return caller.project.name === configured.name && caller.projectDomain?.name === configured.domain
}
