import { addPort } from '../neutron/ports.ts'
import { allocate } from '../neutron/addresses.ts'
import { requireQuota } from '../neutron/quotas.ts'
import type { Cluster, Subnet } from '../../state.ts'
import type { World } from '../../world.ts'

/** The router of a cluster that has a network of its own, with gateway and interface. Returns its id. */
export function addOwnRouter(world: World, cluster: Cluster, subnet: Subnet, name: string): string {
  const { project_id } = cluster
  requireQuota({ world }, 'router', project_id)
  const template = world.state.clusterTemplates.get(cluster.cluster_template_id)
  const wanted = template?.fields['external_network_id']
  const external = world.state.networks.find((row) => row.id === wanted || row.name === wanted)
  const id = world.ids.uuid()
  const now = world.now()
  const gateway = external === undefined ? undefined : { network_id: external.id, enable_snat: true }
  const stamp = { description: '', tags: [], createdAt: now, updatedAt: now, revision: 1 }
  if (external !== undefined)
    addPort(world, {
      network_id: external.id,
      project_id: '',
      device_id: id,
      device_owner: 'network:router_gateway',
      fixed_ips: allocate(world, external.id),
    })
  addPort(world, {
    network_id: subnet.network_id,
    project_id,
    device_id: id,
    device_owner: 'network:router_interface',
    fixed_ips: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip ?? '' }],
  })
  world.state.routers.set(id, { id, name, project_id, admin_state_up: true, gateway, ...stamp })
  return id
}
