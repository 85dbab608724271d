import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, object, optional, orNull, text } from '../shape.ts'

export type Router = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly status: string
  readonly admin_state_up: boolean
  readonly external_gateway_info: Gateway | null
  readonly description?: string | undefined
  /** Extra routes; absent without the extension `extraroute`. */
  readonly routes?: readonly Route[] | undefined
}

type Route = { readonly destination: string; readonly nexthop: string }

export type Gateway = {
  readonly network_id: string
  readonly enable_snat?: boolean | undefined
  readonly external_fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
}

const address = object<{ readonly subnet_id: string; readonly ip_address: string }>({
  subnet_id: text,
  ip_address: text,
})
const router = object<Router>({
  id: text,
  name: text,
  project_id: text,
  status: text,
  admin_state_up: flag,
  external_gateway_info: orNull(
    object<Gateway>({ network_id: text, enable_snat: optional(flag), external_fixed_ips: listOf(address) }),
  ),
  description: optional(text),
  routes: optional(listOf(object<Route>({ destination: text, nexthop: text }))),
})

export type RouterFilter = { readonly project_id?: string; readonly name?: string }

export function listRouters(session: Session, filter: RouterFilter = {}): Promise<readonly Router[]> {
  return list(session, { service: 'network', path: '/routers', query: filter }, 'routers', router)
}

export function findRouter(session: Session, name: string, filter: RouterFilter): Promise<Router | undefined> {
  return findByName(
    session,
    { service: 'network', path: '/routers', query: { ...filter, name } },
    { key: 'routers', read: router, name },
  )
}

export function getRouter(session: Session, id: string): Promise<Router> {
  return get(session, { service: 'network', path: `/routers/${id}` }, inside('router', router))
}

/**
 * A gateway is its network and nothing else: with `enable_snat` or an address in it Neutron refuses a tenant (403).
 * neutron/conf/policies/router.py, create_router:external_gateway_info:enable_snat
 */
type GatewayFields = { readonly network_id: string }

export function createRouter(
  session: Session,
  fields: { readonly name: string; readonly external_gateway_info?: GatewayFields; readonly description?: string },
): Promise<Router> {
  return send(
    session,
    { service: 'network', method: 'POST', path: '/routers', body: { router: fields } },
    inside('router', router),
  )
}

/** A gateway of null removes it. */
export function updateRouter(
  session: Session,
  id: string,
  fields: {
    readonly name?: string
    readonly external_gateway_info?: GatewayFields | null
    readonly description?: string
    readonly routes?: readonly Route[]
  },
): Promise<Router> {
  const body = { router: fields }
  return send(session, { service: 'network', method: 'PUT', path: `/routers/${id}`, body }, inside('router', router))
}

export function deleteRouter(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/routers/${id}` })
}

export type RouterInterface = { readonly port_id: string; readonly subnet_id: string; readonly network_id: string }

const routerInterface = object<RouterInterface>({ port_id: text, subnet_id: text, network_id: text })

/** Not a normal PUT: the second one is refused (400, `Router already has a port`), so it is never repeated blindly. */
export function addRouterInterface(session: Session, routerId: string, subnetId: string): Promise<RouterInterface> {
  const path = `/routers/${routerId}/add_router_interface`
  const body = { subnet_id: subnetId }
  return send(session, { service: 'network', method: 'PUT', path, body, isRepeatable: false }, routerInterface)
}

/** By its port, whatever subnets it has addresses in. */
export function removeRouterPort(session: Session, routerId: string, portId: string): Promise<void> {
  const path = `/routers/${routerId}/remove_router_interface`
  return send(session, { service: 'network', method: 'PUT', path, body: { port_id: portId } })
}

export function removeRouterInterface(session: Session, routerId: string, subnetId: string): Promise<void> {
  const path = `/routers/${routerId}/remove_router_interface`
  return send(session, { service: 'network', method: 'PUT', path, body: { subnet_id: subnetId }, isRepeatable: false })
}
