/** /v2.0/quotas. neutron 21.0.0, neutron/extensions/quotasv2.py; the defaults are neutron/conf/quota.py's. */
import { badRequest, conflict, disallowed, invalidInput } from './error.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { isJson, pythonRepr } from '../../json.ts'
import { noContent, ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { World } from '../../world.ts'

export const QUOTA_DEFAULTS = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: 500,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
} as const

type Resource = keyof typeof QUOTA_DEFAULTS
const RESOURCES = Object.keys(QUOTA_DEFAULTS)

function isResource(name: string): name is Resource {
  return RESOURCES.includes(name)
}

function limits(world: World, projectId: string): Readonly<Record<Resource, number>> {
  return { ...QUOTA_DEFAULTS, ...world.state.quotas.get(`network/${projectId}`) }
}

function used(world: World, resource: Resource, projectId: string): number {
  const { networks, subnets, ports, routers, floatingIps, rbacPolicies, securityGroups } = world.state
  const count = (rows: {
    filter: (is: (row: { readonly project_id: string }) => boolean) => readonly unknown[]
  }): number => rows.filter((row) => row.project_id === projectId).length
  switch (resource) {
    case 'network':
      return count(networks)
    case 'subnet':
      return count(subnets)
    case 'port':
      return count(ports)
    case 'router':
      return count(routers)
    case 'floatingip':
      return count(floatingIps)
    case 'rbac_policy':
      return count(rbacPolicies)
    case 'security_group':
      return count(securityGroups)
    case 'security_group_rule':
      return securityGroups
        .filter((row) => row.project_id === projectId)
        .reduce((sum, group) => sum + group.rules.length, 0)
    case 'subnetpool':
      return 0
  }
}

/** Throws Neutron's answer if one more would exceed the quota. */
export function requireQuota(call: Pick<Call, 'world'>, resource: Resource, projectId: string): void {
  const limit = limits(call.world, projectId)[resource]
  if (limit >= 0 && used(call.world, resource, projectId) >= limit) {
    throw conflict('OverQuota', `Quota exceeded for resources: ['${resource}'].`)
  }
}

function requireRead(call: Call, projectId: string): void {
  if (!isAdmin(call) && projectOf(call) !== projectId) throw disallowed('rule:get_quota')
}

function details(call: Call, projectId: string): Json {
  const all = limits(call.world, projectId)
  return Object.fromEntries(
    RESOURCES.filter(isResource).map((name) => [
      name,
      { limit: all[name], used: used(call.world, name, projectId), reserved: 0 },
    ]),
  )
}

function wanted(call: Call, projectId: string): Readonly<Record<string, number>> {
  const body = isJson(call.body) && isJson(call.body['quota']) ? call.body['quota'] : {}
  const { check_limit: isChecked, force: _force, tenant_id: _tenant, project_id: _project, ...rest } = body
  const all: Record<string, number> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (!isResource(name)) throw badRequest(`Unrecognized attribute(s) '${name}'`)
    const limit = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof limit !== 'number') throw invalidInput(`${pythonRepr(value)} is not an integer`)
    if (limit < -1) throw invalidInput(`'${limit}' should be greater than or equal to -1`)
    const inUse = used(call.world, name, projectId)
    if (isChecked === true && limit >= 0 && limit < inUse) {
      throw badRequest(`Quota limit ${limit} for ${name} must be greater than or equal to already used ${inUse}`)
    }
    all[name] = limit
  }
  return all
}

export const quotaRoutes: readonly Route[] = [
  route('GET', '/v2.0/quotas', (call) => {
    if (!isAdmin(call)) throw disallowed('rule:get_quota')
    const rows = [...call.world.state.quotas.keys()]
      .filter((key) => key.startsWith('network/'))
      .map((key) => key.slice('network/'.length))
      .map((id) => ({ ...limits(call.world, id), project_id: id, tenant_id: id }))
    return ok({ quotas: rows })
  }),
  route('GET', '/v2.0/quotas/:project_id', (call) => {
    const id = param(call, 'project_id')
    requireRead(call, id)
    return ok({ quota: limits(call.world, id) })
  }),
  route('GET', '/v2.0/quotas/:project_id/default', (call) => {
    requireRead(call, param(call, 'project_id'))
    return ok({ quota: QUOTA_DEFAULTS })
  }),
  ...['details', 'details.json'].map((name) =>
    route('GET', `/v2.0/quotas/:project_id/${name}`, (call) => {
      const id = param(call, 'project_id')
      requireRead(call, id)
      return ok({ quota: details(call, id) })
    }),
  ),
  route('PUT', '/v2.0/quotas/:project_id', (call) => {
    const id = param(call, 'project_id')
    if (!isAdmin(call)) throw disallowed('rule:update_quota')
    const key = `network/${id}`
    call.world.state.quotas.set(key, { ...call.world.state.quotas.get(key), ...wanted(call, id) })
    return ok({ quota: limits(call.world, id) })
  }),
  route('DELETE', '/v2.0/quotas/:project_id', (call) => {
    const id = param(call, 'project_id')
    if (!isAdmin(call)) throw disallowed('rule:delete_quota')
    if (!call.world.state.quotas.delete(`network/${id}`)) {
      throw new Refusal(404, `Quota for tenant ${id} could not be found.`, { type: 'TenantQuotaNotFound' })
    }
    return noContent
  }),
]
