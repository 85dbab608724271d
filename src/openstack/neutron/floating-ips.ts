import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, object, optional, orNull, text } from '../shape.ts'

export type FloatingIp = {
  readonly id: string
  readonly floating_ip_address: string
  readonly floating_network_id: string
  readonly project_id: string
  readonly port_id: string | null
  readonly router_id: string | null
  readonly status: string
  readonly description?: string | undefined
}

const floatingIp = object<FloatingIp>({
  id: text,
  floating_ip_address: text,
  floating_network_id: text,
  project_id: text,
  port_id: orNull(text),
  router_id: orNull(text),
  status: text,
  description: optional(text),
})

export function listFloatingIps(
  session: Session,
  filter: { readonly project_id?: string; readonly floating_network_id?: string; readonly router_id?: string } = {},
): Promise<readonly FloatingIp[]> {
  return list(session, { service: 'network', path: '/floatingips', query: filter }, 'floatingips', floatingIp)
}

export function getFloatingIp(session: Session, id: string): Promise<FloatingIp> {
  return get(session, { service: 'network', path: `/floatingips/${id}` }, inside('floatingip', floatingIp))
}

export function createFloatingIp(
  session: Session,
  fields: { readonly floating_network_id: string; readonly description?: string },
): Promise<FloatingIp> {
  const body = { floatingip: fields }
  return send(
    session,
    { service: 'network', method: 'POST', path: '/floatingips', body },
    inside('floatingip', floatingIp),
  )
}

export function deleteFloatingIp(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/floatingips/${id}` })
}
