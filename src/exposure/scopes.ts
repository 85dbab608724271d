/**
 * Networks that any router on the external network reaches, once it has a route: Neutron's routers forward whatever comes to their
 * gateway. An address scope stops it: neutron 21.0.0, agent/l3/router_info.py, initialize_address_scope_iptables.
 */
import type { Finding } from '../finding.ts'
import type { PacketNetwork } from '../openstack/neutron/packet-rows.ts'
import { parsePrefix } from '../openstack/prefix.ts'
import type { Family } from '../openstack/prefix.ts'
import { grouped, teller } from './rows.ts'
import type { RowIndex } from './rows.ts'

/** One note for each tenant: a stock Neutron has no scopes, so each tenant has one. */
export function scopeNotes(index: RowIndex): readonly Finding[] {
  const holders = holdersOf(index)
  const isOwn = (scope: string | undefined): boolean => scope !== undefined && holders.get(scope)?.size === 1
  const reached = index.rows.routers.flatMap((router) => {
    const tenant = index.tenantOf(router.project_id)
    if (tenant === undefined || router.external_gateway_info === null) return []
    return (index.interfacesOf.get(router.id) ?? []).flatMap(({ network_id, fixed_ips }) => {
      const network = index.network.get(network_id)
      const subnets = fixed_ips.flatMap(({ subnet_id }) => index.subnet.get(subnet_id) ?? [])
      const isReached = subnets.some(({ cidr }) => !isOwn(scopeOf(network, parsePrefix(cidr)?.family)))
      return network !== undefined && isReached ? [{ tenant, name: network.name }] : []
    })
  })
  return [...grouped(reached, ({ tenant }) => tenant)].map(([tenant, networks]) => {
    const names = [...new Set(networks.map(({ name }) => `\`${name}\``))]
    return teller(
      `networks of ${tenant}`,
      index.shownBy.networks,
    )({
      code: 'exposure/no-address-scope',
      severity: 'info',
      message: `only security groups keep other routers of the external network out of ${names.join(', ')}: no address scope of its own does`,
      owner: 'operator',
      remedy:
        'make an address scope and a subnet pool for the tenant (`openstack address scope create`, `openstack subnet pool create --address-scope`), and subnets from that pool',
    })
  })
}

type Scoped = Pick<PacketNetwork, 'ipv4_address_scope' | 'ipv6_address_scope'>

function scopeOf(network: Scoped | undefined, family: Family | undefined): string | undefined {
  return (family === 6 ? network?.ipv6_address_scope : network?.ipv4_address_scope) ?? undefined
}

/** Which tenants, or projects of none, have networks in a scope. Routers forward within one scope. */
function holdersOf({ rows, tenantOf }: RowIndex): ReadonlyMap<string, ReadonlySet<string>> {
  const holders = new Map<string, Set<string>>()
  for (const network of rows.networks)
    for (const family of [4, 6] as const) {
      const scope = scopeOf(network, family)
      if (scope === undefined) continue
      const known = holders.get(scope) ?? new Set()
      holders.set(scope, known.add(tenantOf(network.project_id) ?? network.project_id))
    }
  return holders
}
