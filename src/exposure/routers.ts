/** Extra routes: a route to an address that is not the tenant's own leads past it, or into another tenant. */
import type { Finding } from '../finding.ts'
import type { ExtraRoute, PacketRouter } from '../openstack/neutron/packet-rows.ts'
import { contains, parsePrefix } from '../openstack/prefix.ts'
import { whose } from './ports.ts'
import { addressKey, hiddenField, isHidden, teller } from './rows.ts'
import type { Judged, RowIndex } from './rows.ts'

export function judgeRouter(index: RowIndex, router: PacketRouter): Judged {
  const owner = index.tenantOf(router.project_id)
  const tell = teller(`router ${router.name} of ${whose(index, router.project_id)}`, index.shownBy.routers)
  if (router.routes === undefined) {
    if (owner === undefined) return undefined
    return isHidden(index, undefined, 'extraroute') ? [tell(hiddenField('its extra routes'))] : []
  }
  const found = router.routes.flatMap((route) => judgeRoute(index, router, route, tell))
  return owner === undefined && found.length === 0 ? undefined : found
}

function judgeRoute(
  index: RowIndex,
  router: PacketRouter,
  { destination, nexthop }: ExtraRoute,
  tell: ReturnType<typeof teller>,
): readonly Finding[] {
  const owner = index.tenantOf(router.project_id)
  const route = `its route to ${destination} by ${nexthop}`
  const remedy = `openstack router unset --route destination=${destination},gateway=${nexthop} ${router.id}`
  if (owner !== undefined && isOnOwnNetwork(index, router, nexthop)) return []
  const holder = networksAt(index, router).flatMap((id) => index.outside.get(addressKey(id, nexthop)) ?? [])[0]
  if (holder !== undefined) {
    // two routers of one tenant may know each other; routes between others are none of a tenant's
    if (index.tenantOf(holder.projectId) === owner) return []
    return [
      tell({
        code: 'exposure/route',
        severity: 'error',
        message: `${route} leads to ${holder.what} of ${whose(index, holder.projectId)}, and so into private networks behind it`,
        owner: 'operator',
        remedy,
      }),
    ]
  }
  if (owner === undefined) return []
  return [
    tell({
      code: 'exposure/route',
      severity: 'unknown',
      message: `the next hop of ${route} is not in a network of ${owner}, and nothing shows whose it is`,
      owner: 'tenant',
      remedy,
    }),
  ]
}

/** Neutron takes a next hop only in a network that the router is connected to: db/extraroute_db.py, _validate_routes_nexthop. */
function networksAt(index: RowIndex, { id, external_gateway_info: gateway }: PacketRouter): readonly string[] {
  const interfaces = (index.interfacesOf.get(id) ?? []).map(({ network_id }) => network_id)
  return gateway === null ? interfaces : [gateway.network_id, ...interfaces]
}

/** On a subnet that this router is connected to: a network elsewhere may have the same addresses. */
function isOnOwnNetwork(index: RowIndex, router: PacketRouter, nexthop: string): boolean {
  const hop = parsePrefix(nexthop)
  const owner = index.tenantOf(router.project_id)
  if (hop === undefined) return false
  return (index.interfacesOf.get(router.id) ?? [])
    .filter(({ network_id }) => index.tenantOf(index.network.get(network_id)?.project_id ?? '') === owner)
    .flatMap(({ fixed_ips }) => fixed_ips)
    .some(({ subnet_id }) => {
      const subnet = parsePrefix(index.subnet.get(subnet_id)?.cidr ?? '')
      return subnet !== undefined && contains(subnet, hop)
    })
}
