/** /v3/users/:id/application_credentials. keystone 22.0.2, keystone/api/users.py and application_credential/core.py. */
import { booleanAt, listAt, objectAt, textAt } from '../../json.ts'
import { conflict, forbidden, forbiddenSilently, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { enforce } from './enforcer.ts'
import { filtered, link, list, showRoleBare } from './serializers.ts'
import { findRoleByName } from './roles.ts'
import { hashOf } from './hash.ts'
import { impliedClosure } from './effective.ts'
import { hasFix } from '../../../policy/releases/release.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { Refusal } from '../../refusal.ts'
import { requireName } from './validation.ts'
import type { AccessRule, ApplicationCredential } from '../../state.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'

/**
 * A trust's token may not leave an application credential behind, which would outlive the trust (fixed together with
 * CVE-2026-42999).
 */
function refuseTrust(call: Call): void {
  if (call.caller().trust !== undefined && hasFix(call.world.profile.release, 'ossa-2026-015'))
    throw forbiddenSilently()
}

function refuseRestricted(call: Call): void {
  const { applicationCredential } = call.caller()
  if (applicationCredential === undefined || applicationCredential.unrestricted === true) return
  throw forbidden(
    "Using method 'application_credential' is not allowed for managing additional application credentials.",
  )
}

function show(call: Call, row: ApplicationCredential, secret?: string): Json {
  const { id, name, description, user_id, project_id, expires_at, unrestricted } = row
  const roles = row.roleIds.flatMap((roleId) => {
    const role = call.world.state.roles.get(roleId)
    return role === undefined ? [] : [showRoleBare(role)]
  })
  return {
    id,
    name,
    description,
    user_id,
    project_id,
    system: null,
    expires_at,
    unrestricted,
    roles,
    ...(row.accessRuleIds === undefined ? {} : { access_rules: rulesOf(call, row.accessRuleIds) }),
    ...(secret === undefined ? {} : { secret }),
    links: { self: link(call.world, `/application_credentials/${id}`) },
  }
}

/** `2027-01-01T00:00:00Z` is returned as `2027-01-01T00:00:00.000000`; given microseconds are kept. */
function expiryOf(body: Json): string | null {
  const text = textAt(body, 'expires_at')
  if (text === undefined) return null
  const at = Date.parse(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`)
  if (Number.isNaN(at)) throw new Refusal(400, `Invalid input for field 'expires_at': '${text}' is not a 'date-time'`)
  const micros = /\.(\d{1,6})/.exec(text)?.[1] ?? ''
  return `${new Date(at).toISOString().slice(0, 20)}${micros.padEnd(6, '0')}`
}

/** Without a list: all roles of the token. With one: only roles of the token. */
function roleIdsOf(call: Call, body: Json): readonly string[] {
  const held = call.caller().roles.map((role) => role.id)
  const asked = listAt(body, 'roles')
  if (asked.length === 0) return held
  const ids = asked.map((role) => textAt(role, 'id') ?? findRoleByName(call.world, textAt(role, 'name') ?? '').id)
  const withImplied = isReleaseAtLeast(call.world.profile, '2024.1')
    ? impliedClosure(call.world.state, ids).map((role) => role.id)
    : ids
  if (withImplied.some((id) => !held.includes(id))) {
    throw new Refusal(
      400,
      'Invalid application credential: Cannot create an application credential with unassigned role',
    )
  }
  return withImplied
}

/** Rules are the user's: the same rule again keeps its id. */
function accessRuleIdsOf(call: Call, userId: string, body: Json): readonly string[] {
  const { ids, state } = call.world
  return listAt(body, 'access_rules').map((asked) => {
    const id = textAt(asked, 'id')
    const [service, method, path] = ['service', 'method', 'path'].map((key) => textAt(asked, key))
    const found = state.accessRules.find((rule) =>
      id === undefined
        ? rule.user_id === userId && rule.service === service && rule.method === method && rule.path === path
        : rule.user_id === userId && rule.id === id,
    )
    if (found !== undefined) return found.id
    if (id !== undefined) throw notFound('Access Rule', id)
    if (service === undefined || method === undefined || path === undefined)
      throw new Refusal(400, "Invalid input for field 'access_rules': service, method and path are required properties")
    const row: AccessRule = { id: ids.hex(), user_id: userId, service, method, path }
    state.accessRules.set(row.id, row)
    return row.id
  })
}

function showRule({ id, service, method, path }: AccessRule): Json {
  return { id, service, method, path }
}

function rulesOf(call: Call, ids: readonly string[]): readonly Json[] {
  return call.world.state.accessRules.filter(({ id }) => ids.includes(id)).map(showRule)
}

/** The policy's target is the user of the path, whoever owns the rule. keystone/api/users.py, UserAccessRuleGetDeleteResource. */
function enforceOnRules(call: Call, action: string, filters: readonly string[] = []): void {
  const row = call.world.state.users.get(param(call, 'user_id'))
  enforce(call, action, {
    filters,
    target: row === undefined ? {} : { user: { id: row.id, domain_id: row.domain_id } },
  })
}

function findRule(call: Call): AccessRule {
  const id = param(call, 'access_rule_id')
  const row = call.world.state.accessRules.get(id)
  if (row === undefined) throw notFound('Access Rule', id)
  return row
}

function createApplicationCredential(
  call: Call,
  body: Json,
): { readonly row: ApplicationCredential; readonly secret: string } {
  const { world } = call
  const caller = call.caller()
  const name = requireName(call.world, 'application_credential', body)
  refuseTrust(call)
  refuseRestricted(call)
  const userId = param(call, 'user_id')
  if (caller.user.id !== userId) throw forbidden('Cannot create an application credential for another user.')
  const secret = textAt(body, 'secret') ?? Buffer.from(world.ids.bytes(64)).toString('base64url')
  const row: ApplicationCredential = {
    id: world.ids.hex(),
    name,
    description: textAt(body, 'description') ?? null,
    user_id: userId,
    project_id: caller.project?.id ?? null,
    expires_at: expiryOf(body),
    unrestricted: booleanAt(body, 'unrestricted') ?? null,
    roleIds: roleIdsOf(call, body),
    // null and an empty list are no rules, and no rules are no limit: keystone/application_credential/backends/sql.py
    accessRuleIds: listAt(body, 'access_rules').length === 0 ? undefined : accessRuleIdsOf(call, userId, body),
    secretHash: hashOf(secret),
  }
  if (world.state.applicationCredentials.some((each) => each.user_id === userId && each.name === name)) {
    throw conflict('application_credential', `Duplicate entry found with name ${name}`)
  }
  world.state.applicationCredentials.set(row.id, row)
  return { row, secret }
}

/** Keystone puts the owner where the rule expects the user of the path, so that the path cannot deceive it. */
function find(call: Call, action: string): ApplicationCredential {
  call.caller()
  const id = param(call, 'application_credential_id')
  const row = call.world.state.applicationCredentials.get(id)
  if (row === undefined) {
    enforce(call, action, { target: {} })
    throw notFound('Application Credential', id)
  }
  enforce(call, action, { target: { user_id: row.user_id }, path: { user_id: row.user_id } })
  return row
}

export const applicationCredentialRoutes: readonly Route[] = [
  route('GET', '/v3/users/:user_id/application_credentials', (call) => {
    enforce(call, 'identity:list_application_credentials', { filters: ['name'] })
    refuseTrust(call)
    const userId = param(call, 'user_id')
    const rows = call.world.state.applicationCredentials.filter((row) => row.user_id === userId)
    return list(
      call,
      'application_credentials',
      filtered(
        call,
        rows.map((row) => show(call, row)),
        ['name'],
      ),
    )
  }),
  route('POST', '/v3/users/:user_id/application_credentials', (call) => {
    enforce(call, 'identity:create_application_credential')
    const { row, secret } = createApplicationCredential(call, objectAt(call.body, 'application_credential'))
    return created({ application_credential: show(call, row, secret) })
  }),
  route('GET', '/v3/users/:user_id/application_credentials/:application_credential_id', (call) => {
    const row = find(call, 'identity:get_application_credential')
    refuseTrust(call)
    return ok({ application_credential: show(call, row) })
  }),
  route('DELETE', '/v3/users/:user_id/application_credentials/:application_credential_id', (call) => {
    const row = find(call, 'identity:delete_application_credential')
    refuseTrust(call)
    refuseRestricted(call)
    call.world.state.applicationCredentials.delete(row.id)
    return noContent
  }),
  route('GET', '/v3/users/:user_id/access_rules', (call) => {
    enforceOnRules(call, 'identity:list_access_rules', ['service', 'path', 'method'])
    const owned = call.world.state.accessRules.filter((rule) => rule.user_id === param(call, 'user_id'))
    return list(call, 'access_rules', owned.map(showRule))
  }),
  route('GET', '/v3/users/:user_id/access_rules/:access_rule_id', (call) => {
    enforceOnRules(call, 'identity:get_access_rule')
    const row = findRule(call)
    return ok({ access_rule: { ...showRule(row), links: { self: link(call.world, `/access_rules/${row.id}`) } } })
  }),
  route('DELETE', '/v3/users/:user_id/access_rules/:access_rule_id', (call) => {
    enforceOnRules(call, 'identity:delete_access_rule')
    const { id } = findRule(call)
    const { state } = call.world
    if (state.applicationCredentials.some(({ accessRuleIds }) => accessRuleIds?.includes(id) === true))
      throw new Refusal(403, 'May not delete access rule in use')
    state.accessRules.delete(id)
    return noContent
  }),
]
