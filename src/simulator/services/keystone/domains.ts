/** /v3/domains. keystone 22.0.2, keystone/api/domains.py; the list's own filter came with LP#2041611. */
import { conflict, forbiddenSilently, notFound } from './error.ts'
import { booleanAt, isJson, objectAt, textAt, textsAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { deleteGroup, deleteIdentityProvider, deleteProject, deleteUser } from './remove.ts'
import { enforce } from './enforcer.ts'
import { filtered, list, showDomain } from './serializers.ts'
import { hasFix } from '../../../policy/releases/release.ts'
import { isReleaseAtLeast } from '../../profile.ts'
import { Refusal } from '../../refusal.ts'
import { requireName } from './validation.ts'
import type { Call, Route } from '../../service.ts'
import type { Domain } from '../../state.ts'
import type { Json } from '../../json.ts'

export function findDomain(call: Call, id: string): Domain {
  const row = call.world.state.domains.get(id)
  if (row === undefined) throw notFound('domain', id)
  return row
}

/**
 * LDAP is only read, and the reason is not told. keystone 22.0.2, keystone/identity/backends/ldap/core.py, `_disallow_write`;
 * keystone/exception.py, `SecurityError`.
 */
export function assertWritable({ world }: Call, domainId: string): void {
  if (world.state.domains.get(domainId)?.ldap !== undefined) throw forbiddenSilently()
}

function target(call: Call): Json {
  const row = call.world.state.domains.get(param(call, 'domain_id'))
  return row === undefined ? {} : { domain: row }
}

/** The object that the enforcer loads by itself: a missing one is 404 before the policy check. */
function loaded(call: Call): Json {
  return { domain: findDomain(call, param(call, 'domain_id')) }
}

export function createDomain(call: Call, body: Json, name: string): Domain {
  if (call.world.state.domains.some((row) => row.name === name)) {
    throw conflict('project', `it is not permitted to have two projects acting as domains with the same name: ${name}`)
  }
  const row: Domain = {
    id: textAt(body, 'explicit_domain_id') ?? call.world.ids.hex(),
    name,
    description: textAt(body, 'description') ?? '',
    enabled: booleanAt(body, 'enabled') ?? true,
    tags: textsAt(body, 'tags'),
    options: objectAt(body, 'options'),
  }
  call.world.state.domains.set(row.id, row)
  return row
}

export function deleteDomain(call: Call, row: Domain): void {
  if (row.enabled) throw new Refusal(403, 'Cannot delete a domain that is enabled, please disable it first.')
  const { state } = call.world
  for (const project of state.projects.filter((each) => each.domain_id === row.id))
    deleteProject(call.world, project.id)
  for (const user of state.users.filter((each) => each.domain_id === row.id)) deleteUser(call.world, user.id)
  for (const group of state.groups.filter((each) => each.domain_id === row.id)) deleteGroup(call.world, group.id)
  for (const { id } of state.identityProviders.filter((each) => each.domain_id === row.id))
    deleteIdentityProvider(call.world, id)
  state.roles.deleteWhere((role) => role.domain_id === row.id)
  state.grants.deleteWhere((grant) => grant.on === 'domains' && grant.targetId === row.id)
  state.domains.delete(row.id)
}

export const domainRoutes: readonly Route[] = [
  // It shows what the API has stored, and nothing of a file. keystone/api/domains.py, DomainConfigResource.get
  route('GET', '/v3/domains/:domain_id/config', (call) => {
    const row = findDomain(call, param(call, 'domain_id'))
    enforce(call, 'identity:get_domain_config', {})
    if (row.ldap === 'api')
      return ok({ config: { identity: { driver: 'ldap' }, ldap: { url: 'ldaps://ldap.example.com' } } })
    const message = `Could not find any options in domain configuration for domain ${row.id}.`
    throw new Refusal(404, message)
  }),
  // only of the default domain. keystone/resource/core.py, get_security_compliance_config
  route('GET', '/v3/domains/:domain_id/config/security_compliance', (call) => {
    enforce(call, 'identity:get_security_compliance_domain_config', {})
    if (param(call, 'domain_id') !== 'default')
      throw new Refusal(
        403,
        'Invalid domain specific configuration: Reading security compliance information for any domain other than the default domain is not allowed or supported..',
      )
    const { password_regex, password_regex_description } = call.world.profile.securityCompliance ?? {}
    const options = {
      password_regex: password_regex ?? null,
      password_regex_description: password_regex_description ?? null,
    }
    return ok({ config: { security_compliance: options } })
  }),
  route('GET', '/v3/domains', (call) => {
    const filters = ['name', 'enabled']
    const { domain } = call.caller()
    const isNarrowed = hasFix(call.world.profile.release, 'lp-2041611') && domain !== undefined
    enforce(call, 'identity:list_domains', {
      filters,
      ...(isNarrowed ? { target: { domain: { id: domain.id } } } : {}),
    })
    const rows = call.world.state.domains.filter((row) => !isNarrowed || row.id === domain.id)
    return list(
      call,
      'domains',
      filtered(
        call,
        rows.map((row) => showDomain(call.world, row)),
        filters,
      ),
    )
  }),
  route('POST', '/v3/domains', (call) => {
    // 27.0.0 checks a body before the policy: keystone/api/domains.py, request_body_schema
    if (isReleaseAtLeast(call.world.profile, '2025.1')) requireName(call.world, 'domain', objectAt(call.body, 'domain'))
    enforce(call, 'identity:create_domain')
    const body = objectAt(call.body, 'domain')
    return created({
      domain: showDomain(call.world, createDomain(call, body, requireName(call.world, 'domain', body))),
    })
  }),
  route('GET', '/v3/domains/:domain_id', (call) => {
    enforce(call, 'identity:get_domain', { target: target(call) })
    return ok({ domain: showDomain(call.world, findDomain(call, param(call, 'domain_id'))) })
  }),
  route('PATCH', '/v3/domains/:domain_id', (call) => {
    enforce(call, 'identity:update_domain', { target: loaded(call) })
    const row = findDomain(call, param(call, 'domain_id'))
    const body = objectAt(call.body, 'domain')
    const next: Domain = {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      enabled: booleanAt(body, 'enabled') ?? row.enabled,
      options: isJson(body['options']) ? body['options'] : row.options,
    }
    if (call.world.state.domains.some((each) => each.name === next.name && each.id !== next.id)) {
      throw conflict(
        'project',
        `it is not permitted to have two projects acting as domains with the same name: ${next.name}`,
      )
    }
    call.world.state.domains.set(row.id, next)
    return ok({ domain: showDomain(call.world, next) })
  }),
  route('DELETE', '/v3/domains/:domain_id', (call) => {
    enforce(call, 'identity:delete_domain', { target: loaded(call) })
    deleteDomain(call, findDomain(call, param(call, 'domain_id')))
    return noContent
  }),
]
