/**
 * /v3/OS-FEDERATION: identity providers, their protocols, and mappings, as far as an operator lists, makes and deletes
 * them. Nobody signs in through them here. keystone 22.0.2, keystone/api/os_federation.py.
 */
import { booleanAt, listAt, objectAt, textAt, textsAt } from '../../json.ts'
import { conflict, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { enforce } from './enforcer.ts'
import { filtered, link, list } from './serializers.ts'
import { deleteIdentityProvider } from './remove.ts'
import { findDomain } from './domains.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { FederationProtocol, IdentityProvider, Mapping } from '../../state.ts'
import type { Json } from '../../json.ts'

const providers = '/OS-FEDERATION/identity_providers'
const mappings = '/OS-FEDERATION/mappings'

function showProvider({ world }: Call, row: IdentityProvider): Json {
  const self = link(world, `${providers}/${row.id}`)
  return { ...row, links: { self, protocols: `${self}/protocols` } }
}

/** Keystone makes the link to the provider out of its bare id. */
function showProtocol({ world }: Call, { id, idp_id, mapping_id }: FederationProtocol): Json {
  const self = link(world, `${providers}/${idp_id}/protocols/${id}`)
  return { id, mapping_id, links: { self, identity_provider: link(world, `/${idp_id}`) } }
}

function showMapping({ world }: Call, row: Mapping): Json {
  return { ...row, links: { self: link(world, `${mappings}/${row.id}`) } }
}

function protocolKey({ idp_id, id }: FederationProtocol): string {
  return `${idp_id}/${id}`
}

function findProvider(call: Call): IdentityProvider {
  const id = param(call, 'idp_id')
  const row = call.world.state.identityProviders.get(id)
  if (row === undefined) throw notFound('Identity Provider', id)
  return row
}

function findProtocol(call: Call): FederationProtocol {
  const id = param(call, 'protocol_id')
  const key = protocolKey({ idp_id: param(call, 'idp_id'), id, mapping_id: '' })
  const row = call.world.state.federationProtocols.get(key)
  if (row === undefined) throw notFound('federated protocol', id)
  return row
}

function findMapping(call: Call): Mapping {
  const id = param(call, 'mapping_id')
  const row = call.world.state.mappings.get(id)
  if (row === undefined) throw notFound('mapping', id)
  return row
}

/** keystone/federation/core.py, _validate_mapping_exists. */
function mappingIdOf(call: Call): string {
  const id = textAt(objectAt(call.body, 'protocol'), 'mapping_id') ?? ''
  if (!call.world.state.mappings.has(id)) throw new Refusal(400, `Invalid mapping id: ${id}`)
  return id
}

/** keystone/federation/utils.py, validate_mapping_structure: each message of the schema with a line break. */
function rulesOf(call: Call): Mapping['rules'] {
  const mapping = objectAt(call.body, 'mapping')
  if (mapping['rules'] === undefined) throw new Refusal(400, "'rules' is a required property\n")
  const rules = listAt(mapping, 'rules')
  if (rules.length === 0) throw new Refusal(400, '[] is too short\n')
  return rules
}

/** keystone/federation/core.py, _create_idp_domain. */
function autoDomain(call: Call, providerId: string): string {
  const id = call.world.ids.hex()
  const description = `Auto generated federated domain for Identity Provider: ${providerId}`
  call.world.state.domains.set(id, { id, name: id, description, enabled: true, tags: [], options: {} })
  return id
}

export const federationRoutes: readonly Route[] = [
  route('GET', `/v3${providers}`, (call) => {
    const filters = ['id', 'enabled']
    enforce(call, 'identity:list_identity_providers', { filters })
    const rows = call.world.state.identityProviders.map((row) => showProvider(call, row))
    return list(call, 'identity_providers', filtered(call, rows, filters))
  }),
  route('PUT', `/v3${providers}/:idp_id`, (call) => {
    enforce(call, 'identity:create_identity_provider')
    const { state } = call.world
    const body = objectAt(call.body, 'identity_provider')
    const id = param(call, 'idp_id')
    if (state.identityProviders.has(id)) throw conflict('identity_provider', `Duplicate entry found with ID ${id}`)
    const domainId = textAt(body, 'domain_id')
    const row: IdentityProvider = {
      id,
      domain_id: domainId === undefined ? autoDomain(call, id) : findDomain(call, domainId).id,
      enabled: booleanAt(body, 'enabled') ?? false,
      description: textAt(body, 'description') ?? null,
      remote_ids: textsAt(body, 'remote_ids'),
      authorization_ttl: null,
    }
    state.identityProviders.set(id, row)
    return created({ identity_provider: showProvider(call, row) })
  }),
  route('GET', `/v3${providers}/:idp_id`, (call) => {
    enforce(call, 'identity:get_identity_provider')
    return ok({ identity_provider: showProvider(call, findProvider(call)) })
  }),
  route('PATCH', `/v3${providers}/:idp_id`, (call) => {
    enforce(call, 'identity:update_identity_provider')
    const row = findProvider(call)
    const body = objectAt(call.body, 'identity_provider')
    const next: IdentityProvider = {
      ...row,
      enabled: booleanAt(body, 'enabled') ?? row.enabled,
      description: textAt(body, 'description') ?? row.description,
    }
    call.world.state.identityProviders.set(row.id, next)
    return ok({ identity_provider: showProvider(call, next) })
  }),
  route('DELETE', `/v3${providers}/:idp_id`, (call) => {
    enforce(call, 'identity:delete_identity_provider')
    deleteIdentityProvider(call.world, findProvider(call).id)
    return noContent
  }),
  route('GET', `/v3${providers}/:idp_id/protocols`, (call) => {
    enforce(call, 'identity:list_protocols')
    const id = param(call, 'idp_id')
    const rows = call.world.state.federationProtocols.filter(({ idp_id }) => idp_id === id)
    return list(
      call,
      'protocols',
      rows.map((row) => showProtocol(call, row)),
    )
  }),
  route('PUT', `/v3${providers}/:idp_id/protocols/:protocol_id`, (call) => {
    enforce(call, 'identity:create_protocol')
    const row: FederationProtocol = {
      id: param(call, 'protocol_id'),
      idp_id: findProvider(call).id,
      mapping_id: mappingIdOf(call),
    }
    call.world.state.federationProtocols.set(protocolKey(row), row)
    return created({ protocol: showProtocol(call, row) })
  }),
  route('GET', `/v3${providers}/:idp_id/protocols/:protocol_id`, (call) => {
    enforce(call, 'identity:get_protocol')
    return ok({ protocol: showProtocol(call, findProtocol(call)) })
  }),
  route('PATCH', `/v3${providers}/:idp_id/protocols/:protocol_id`, (call) => {
    enforce(call, 'identity:update_protocol')
    const next = { ...findProtocol(call), mapping_id: mappingIdOf(call) }
    call.world.state.federationProtocols.set(protocolKey(next), next)
    return ok({ protocol: showProtocol(call, next) })
  }),
  route('DELETE', `/v3${providers}/:idp_id/protocols/:protocol_id`, (call) => {
    enforce(call, 'identity:delete_protocol')
    call.world.state.federationProtocols.delete(protocolKey(findProtocol(call)))
    return noContent
  }),
  route('GET', `/v3${mappings}`, (call) => {
    enforce(call, 'identity:list_mappings')
    return list(
      call,
      'mappings',
      call.world.state.mappings.map((row) => showMapping(call, row)),
    )
  }),
  route('PUT', `/v3${mappings}/:mapping_id`, (call) => {
    enforce(call, 'identity:create_mapping')
    const id = param(call, 'mapping_id')
    if (call.world.state.mappings.has(id)) throw conflict('mapping', `Duplicate entry found with ID ${id}`)
    const row: Mapping = { id, rules: rulesOf(call) }
    call.world.state.mappings.set(id, row)
    return created({ mapping: showMapping(call, row) })
  }),
  route('GET', `/v3${mappings}/:mapping_id`, (call) => {
    enforce(call, 'identity:get_mapping')
    return ok({ mapping: showMapping(call, findMapping(call)) })
  }),
  route('PATCH', `/v3${mappings}/:mapping_id`, (call) => {
    enforce(call, 'identity:update_mapping')
    const next: Mapping = { ...findMapping(call), rules: rulesOf(call) }
    call.world.state.mappings.set(next.id, next)
    return ok({ mapping: showMapping(call, next) })
  }),
  route('DELETE', `/v3${mappings}/:mapping_id`, (call) => {
    enforce(call, 'identity:delete_mapping')
    call.world.state.mappings.delete(findMapping(call).id)
    return noContent
  }),
]
