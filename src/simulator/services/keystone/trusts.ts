/**
 * /v3/OS-TRUST/trusts. keystone 22.0.2-0+deb12u6, keystone/api/trusts.py; the refusals depend on the fixes.
 */
import { booleanAt, listAt, numberAt, objectAt, textAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { enforce } from './enforcer.ts'
import { findProject } from './projects.ts'
import { findRole, findRoleByName } from './roles.ts'
import { findUser } from './users.ts'
import { forbidden, notFound } from './error.ts'
import { isDelegated } from './caller.ts'
import { hasFix } from '../../../policy/releases/release.ts'
import { link, list, showRole } from './serializers.ts'
import { Refusal } from '../../refusal.ts'
import { rolesOn } from './effective.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Trust } from '../../state.ts'

const OWN_FIELDS = [
  'trustor_user_id',
  'trustee_user_id',
  'project_id',
  'impersonation',
  'expires_at',
  'remaining_uses',
  'roles',
  'allow_redelegation',
  'redelegation_count',
  'redelegated_trust_id',
]

/** A missing or used-up trust is 404 before the policy check (LP 1840288). */
function findTrust(call: Call): Trust {
  const id = param(call, 'trust_id')
  const row = call.world.state.trusts.get(id)
  if (row === undefined || (row.remaining_uses !== null && row.remaining_uses < 1)) throw notFound('trust', id)
  return row
}

function refuseDelegation(call: Call): void {
  const caller = call.caller()
  if (!isDelegated(caller)) return
  const { profile } = call.world
  if (hasFix(profile.release, 'aug-2026')) throw forbidden('Delegated tokens cannot manage trusts.')
  const isByApplicationCredential = caller.applicationCredential !== undefined
  const isRefused = hasFix(profile.release, 'ossa-2026-015') || caller.applicationCredential?.unrestricted !== true
  if (isByApplicationCredential && isRefused) {
    throw forbidden("Using method 'application_credential' is not allowed for managing trusts.")
  }
}

/** If a policy file leaves a trust rule empty, Keystone checks by itself. */
function requireRelation(call: Call, action: string, trust: Trust): void {
  if (!call.world.policy.isAlwaysTrue(action)) return
  const { user } = call.caller()
  if (user.id === trust.trustor_user_id || user.id === trust.trustee_user_id) return
  throw forbidden('Requested user has no relation to this trust')
}

function target(trust: Trust): Json {
  const { roleIds, extra, ...row } = trust
  return { trust: { ...extra, ...row, roles: roleIds.map((id) => ({ id })) } }
}

function showBare(call: Call, row: Trust): Json {
  const { id, trustor_user_id, trustee_user_id, project_id, impersonation, expires_at, remaining_uses } = row
  return {
    ...row.extra,
    id,
    trustor_user_id,
    trustee_user_id,
    project_id,
    impersonation,
    expires_at,
    remaining_uses,
    deleted_at: null,
    redelegated_trust_id: row.redelegated_trust_id,
    redelegation_count: row.redelegation_count,
    links: { self: link(call.world, `/OS-TRUST/trusts/${id}`) },
  }
}

function show(call: Call, row: Trust): Json {
  const { links, ...bare } = showBare(call, row)
  return { roles: rolesOf(call, row), ...bare, roles_links: rolesLinks(call, row), links }
}

function rolesOf(call: Call, row: Trust): readonly Json[] {
  return row.roleIds.map((id) => showRole(call.world, findRole(call, id)))
}

/** Keystone omits `OS-TRUST/trusts` in this link. */
function rolesLinks(call: Call, row: Trust): Json {
  return { self: link(call.world, `/${row.id}/roles`), next: null, previous: null }
}

function createTrust(call: Call, body: Json): Trust {
  const caller = call.caller()
  const { state } = call.world
  refuseDelegation(call)
  const projectId = textAt(body, 'project_id') ?? null
  const roles = listAt(body, 'roles')
  if (projectId !== null && roles.length === 0) throw forbidden('At least one role should be specified')
  const trustorId = textAt(body, 'trustor_user_id') ?? ''
  if (caller.user.id !== trustorId) throw forbidden('The authenticated user should match the trustor')
  const trusteeId = textAt(body, 'trustee_user_id') ?? ''
  findUser(call, trusteeId)
  const roleIds = roles.map((role) => textAt(role, 'id') ?? findRoleByName(call.world, textAt(role, 'name') ?? '').id)
  if (projectId !== null) {
    findProject(call, projectId)
    const held = rolesOn(state, trustorId, 'projects', projectId, { withDomainSpecific: true }).map((role) => role.id)
    const missing = roleIds.find((id) => !held.includes(id))
    if (missing !== undefined) throw notFound('role', missing)
  }
  const row: Trust = {
    id: call.world.ids.hex(),
    trustor_user_id: trustorId,
    trustee_user_id: trusteeId,
    project_id: projectId,
    impersonation: booleanAt(body, 'impersonation') ?? false,
    expires_at: expiryOf(call, body),
    remaining_uses: numberAt(body, 'remaining_uses') ?? null,
    redelegated_trust_id: caller.trust?.id ?? null,
    redelegation_count: body['allow_redelegation'] === true ? (numberAt(body, 'redelegation_count') ?? 3) : 0,
    extra: Object.fromEntries(Object.entries(body).filter(([key]) => !OWN_FIELDS.includes(key))),
    roleIds: [...new Set(roleIds)],
  }
  if (caller.trust !== undefined && caller.trust.redelegation_count < 1) throw forbidden('Redelegation not allowed')
  state.trusts.set(row.id, row)
  return row
}

/** keystone 22.0.2, keystone/common/utils.py, parse_expiration_date. */
function expiryOf(call: Call, body: Json): string | null {
  const text = textAt(body, 'expires_at')
  if (text === undefined) return null
  const at = Date.parse(text.endsWith('Z') ? text : `${text}Z`)
  const malformed =
    'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.'
  if (Number.isNaN(at)) throw new Refusal(400, `Timestamp not in expected format. ${malformed}`)
  if (at < call.world.now()) throw new Refusal(400, `The 'expires_at' must not be before now. ${malformed}`)
  return text
}

function assertBody(body: Json): void {
  for (const key of ['trustee_user_id', 'trustor_user_id', 'impersonation']) {
    if (body[key] === undefined) throw new Refusal(400, `'${key}' is a required property`)
  }
}

export const trustRoutes: readonly Route[] = [
  route('GET', '/v3/OS-TRUST/trusts', (call) => {
    const trustorId = call.query.get('trustor_user_id')
    const trusteeId = call.query.get('trustee_user_id')
    if (trustorId !== null) {
      enforce(call, 'identity:list_trusts_for_trustor', { target: { trust: { trustor_user_id: trustorId } } })
    } else if (trusteeId !== null) {
      enforce(call, 'identity:list_trusts_for_trustee', { target: { trust: { trustee_user_id: trusteeId } } })
    } else {
      enforce(call, 'identity:list_trusts')
    }
    refuseDelegation(call)
    if (call.world.policy.isAlwaysTrue('identity:list_trusts') && call.search === '') enforce(call, 'admin_required')
    const rows = call.world.state.trusts
      .filter((row) => trustorId === null || row.trustor_user_id === trustorId)
      .filter((row) => trusteeId === null || row.trustee_user_id === trusteeId)
    return list(
      call,
      'trusts',
      rows.map((row) => showBare(call, row)),
    )
  }),
  route('POST', '/v3/OS-TRUST/trusts', (call) => {
    const body = objectAt(call.body, 'trust')
    // The target came with the fix of CVE-2026-42999; before it, the rule read the body, which replaced everything.
    const isPatched = hasFix(call.world.profile.release, 'ossa-2026-015')
    enforce(call, 'identity:create_trust', isPatched ? { target: { trust: body } } : {})
    assertBody(body)
    return created({ trust: show(call, createTrust(call, body)) })
  }),
  route('GET', '/v3/OS-TRUST/trusts/:trust_id', (call) => {
    call.caller()
    const row = findTrust(call)
    enforce(call, 'identity:get_trust', { target: target(row) })
    refuseDelegation(call)
    requireRelation(call, 'identity:get_trust', row)
    return ok({ trust: show(call, row) })
  }),
  route('DELETE', '/v3/OS-TRUST/trusts/:trust_id', (call) => {
    call.caller()
    const row = findTrust(call)
    enforce(call, 'identity:delete_trust', { target: target(row) })
    refuseDelegation(call)
    if (call.world.policy.isAlwaysTrue('identity:delete_trust') && call.caller().user.id !== row.trustor_user_id) {
      throw forbidden('Only admin or trustor can delete a trust')
    }
    call.world.state.trusts.delete(row.id)
    return noContent
  }),
  route('GET', '/v3/OS-TRUST/trusts/:trust_id/roles', (call) => {
    call.caller()
    const row = findTrust(call)
    enforce(call, 'identity:list_roles_for_trust', { target: target(row) })
    refuseDelegation(call)
    requireRelation(call, 'identity:list_roles_for_trust', row)
    return ok({ roles: rolesOf(call, row), links: rolesLinks(call, row) })
  }),
  route('GET', '/v3/OS-TRUST/trusts/:trust_id/roles/:role_id', (call) => {
    call.caller()
    const row = findTrust(call)
    enforce(call, 'identity:get_role_for_trust', { target: target(row) })
    refuseDelegation(call)
    requireRelation(call, 'identity:get_role_for_trust', row)
    const id = param(call, 'role_id')
    if (!row.roleIds.includes(id)) throw notFound('role', id)
    return ok({ role: showRole(call.world, findRole(call, id)) })
  }),
]
