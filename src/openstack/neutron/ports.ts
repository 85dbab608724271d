import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, listOf, object, optional, text } from '../shape.ts'

export type Port = {
  readonly id: string
  readonly name: string
  readonly network_id: string
  readonly project_id: string
  readonly status: string
  /** `network:router_interface`, `Octavia`, `compute:nova`, or empty. */
  readonly device_owner: string
  readonly device_id: string
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
  readonly security_groups: readonly string[]
  readonly description?: string | undefined
}

const address = object<{ readonly subnet_id: string; readonly ip_address: string }>({
  subnet_id: text,
  ip_address: text,
})
const port = object<Port>({
  id: text,
  name: text,
  network_id: text,
  project_id: text,
  status: text,
  device_owner: text,
  device_id: text,
  fixed_ips: listOf(address),
  security_groups: listOf(text),
  description: optional(text),
})

export type PortFilter = {
  readonly project_id?: string
  readonly network_id?: string
  readonly device_id?: string
  readonly device_owner?: string
  readonly name?: string
}

export function listPorts(session: Session, filter: PortFilter = {}): Promise<readonly Port[]> {
  return list(session, { service: 'network', path: '/ports', query: filter }, 'ports', port)
}

export function getPort(session: Session, id: string): Promise<Port> {
  return get(session, { service: 'network', path: `/ports/${id}` }, inside('port', port))
}

export function createPort(
  session: Session,
  fields: {
    readonly network_id: string
    readonly name: string
    readonly project_id?: string
    readonly description?: string
  },
): Promise<Port> {
  return send(
    session,
    { service: 'network', method: 'POST', path: '/ports', body: { port: fields } },
    inside('port', port),
  )
}

export function deletePort(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/ports/${id}` })
}
