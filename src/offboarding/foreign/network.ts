/**
 * Foreign objects on the tenant's networks. Neutron refuses to delete what is in use, but only after the rest is gone.
 */
import { hasService } from '../../openstack/has-service.ts'
import type { Finding } from '../../finding.ts'
import { listAmphorae, listLoadBalancers, listPoolMembers, listPools } from '../../openstack/octavia.ts'
import { hasExtension } from '../../openstack/neutron/extensions.ts'
import { listFloatingIps } from '../../openstack/neutron/floating-ips.ts'
import { listNetworks } from '../../openstack/neutron/networks.ts'
import { listPorts } from '../../openstack/neutron/ports.ts'
import type { Port } from '../../openstack/neutron/ports.ts'
import { listRbacPolicies } from '../../openstack/neutron/rbac-policies.ts'
import { listRouters } from '../../openstack/neutron/routers.ts'
import { listSecurityGroups } from '../../openstack/neutron/security-groups.ts'
import { listSubnets } from '../../openstack/neutron/subnets.ts'
import { askForEach, ofProject } from '../reach.ts'
import type { Reach } from '../reach.ts'
import { foreignObject, sharedOut } from './sentences.ts'
import type { Names } from './names.ts'

export async function findForeignOnNetworks(reach: Reach, names: Names): Promise<readonly Finding[]> {
  const { operator, tenantState } = reach
  if (!(await hasService(operator, 'network'))) return []
  const [networks, routers, policies, groups] = await Promise.all([
    askForEach(reach, (id) => ofProject(reach, id, (filter) => listNetworks(operator, filter))),
    askForEach(reach, (id) => ofProject(reach, id, (filter) => listRouters(operator, filter))),
    hasExtension(operator, 'rbac-policies').then((has) => (has ? listRbacPolicies(operator) : [])),
    listSecurityGroups(operator),
  ])
  const isForeign = (projectId: string): boolean => projectId !== '' && !tenantState.projectIds.has(projectId)
  const [ports, subnets, addresses, amphorae] = await Promise.all([
    listPorts(operator).then((all) => all.filter(({ network_id }) => networks.some(({ id }) => id === network_id))),
    listSubnets(operator).then((all) => all.filter(({ network_id }) => networks.some(({ id }) => id === network_id))),
    listFloatingIps(operator).then((all) => all.filter(({ router_id }) => routers.some(({ id }) => id === router_id))),
    amphoraeOf(reach),
  ])
  const onNetwork = (id: string): string => `network \`${networks.find((one) => one.id === id)?.name ?? id}\``
  const foreignPorts = ports.filter(
    ({ id, device_id, project_id }) => isForeign(project_id) && !amphorae.has(id) && !amphorae.has(device_id),
  )
  const owned = new Map<string, string>([
    ...networks.map(({ id, name }) => [id, `network \`${name}\``] as const),
    ...groups
      .filter(({ project_id }) => tenantState.projectIds.has(project_id))
      .map(({ id, name }) => [id, `security group \`${name}\``] as const),
  ])
  return [
    ...foreignPorts.map((port) => portFinding(port, onNetwork(port.network_id), names)),
    ...subnets
      .filter(({ project_id }) => isForeign(project_id))
      .map(({ id, name, network_id, project_id }) =>
        foreignObject(
          `subnet ${name === '' ? id : name}`,
          `is on the tenant's ${onNetwork(network_id)} and belongs to ${names(project_id)}`,
          `openstack subnet delete ${id}`,
        ),
      ),
    ...addresses
      .filter(({ project_id }) => isForeign(project_id))
      .map(({ id, floating_ip_address, project_id, router_id }) =>
        foreignObject(
          `floating IP ${floating_ip_address}`,
          `belongs to ${names(project_id)} and is reached through the tenant's router \`${routers.find((one) => one.id === router_id)?.name ?? router_id ?? ''}\``,
          `openstack floating ip unset --port ${id}`,
        ),
      ),
    ...policies.flatMap(({ id, object_id, object_type, target_tenant, action, project_id }) => {
      const what =
        owned.get(object_id) ?? (tenantState.projectIds.has(project_id) ? `${object_type} ${object_id}` : undefined)
      if (what === undefined || tenantState.projectIds.has(target_tenant)) return []
      const whom = target_tenant === '*' ? 'every project' : names(target_tenant)
      return [sharedOut(what, `${whom} may use it (${action})`, `openstack network rbac delete ${id}`)]
    }),
    ...(await findForeignMembers(
      reach,
      subnets.map(({ id }) => id),
      names,
    )),
  ]
}

function portFinding(port: Port, network: string, names: Names): Finding {
  const { id, name, project_id, device_owner, device_id } = port
  const where = `port ${name === '' ? id : name}`
  if (device_owner.startsWith('network:router') || device_owner.startsWith('network:ha_router'))
    return foreignObject(
      where,
      `is an interface of router ${device_id}, of ${names(project_id)}, on the tenant's ${network}`,
      `openstack router remove port ${device_id} ${id}`,
    )
  const serves = device_owner === '' ? '' : ` and serves ${device_owner} ${device_id}`
  return foreignObject(
    where,
    `is on the tenant's ${network}, belongs to ${names(project_id)}${serves}`,
    device_id === '' ? `openstack port delete ${id}` : 'ask its owner to move the object that uses it',
  )
}

/**
 * A pool member is an address and, optionally, a subnet. No Neutron port shows that a foreign load balancer uses it.
 */
async function findForeignMembers(
  { operator, tenantState }: Reach,
  subnetIds: readonly string[],
  names: Names,
): Promise<readonly Finding[]> {
  if (subnetIds.length === 0 || !(await hasService(operator, 'load-balancer'))) return []
  const foreign = (await listPools(operator)).filter(({ project_id }) => !tenantState.projectIds.has(project_id))
  return each(foreign, async (pool) =>
    (await listPoolMembers(operator, pool.id))
      .filter(({ subnet_id }) => subnet_id !== null && subnetIds.includes(subnet_id))
      .map(({ id, address }) =>
        foreignObject(
          `load balancer member ${address}`,
          `belongs to pool \`${pool.name}\` of ${names(pool.project_id)} and is in a subnet of the tenant`,
          `openstack loadbalancer member delete ${pool.id} ${id}`,
        ),
      ),
  )
}

/**
 * Ids of the ports and servers of the tenant's load balancers. They are Octavia's own, and deleted with the load
 * balancers.
 */
async function amphoraeOf(reach: Reach): Promise<ReadonlySet<string>> {
  const { operator } = reach
  if (!(await hasService(operator, 'load-balancer'))) return new Set()
  const balancers = await askForEach(reach, (id) =>
    ofProject(reach, id, (filter) => listLoadBalancers(operator, filter)),
  )
  if (balancers.length === 0) return new Set()
  const ids = new Set(balancers.map(({ id }) => id))
  const carrying = (await listAmphorae(operator)).filter(({ loadbalancer_id }) => ids.has(loadbalancer_id ?? ''))
  const ports = balancers.map(({ vip_port_id }) => vip_port_id)
  const all = [...ports, ...carrying.flatMap(({ vrrp_port_id, compute_id }) => [vrrp_port_id, compute_id])]
  return new Set(all.flatMap((id) => (id === null || id === '' ? [] : [id])))
}

async function each<T, R>(things: readonly T[], ask: (thing: T) => Promise<readonly R[]>): Promise<readonly R[]> {
  return (await Promise.all(things.map(ask))).flat()
}
