/** The content of the catalog, as an operator sees it. */
import { list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, object, optional, orNull, text } from '../shape.ts'

export type Service = {
  readonly id: string
  readonly type: string
  readonly name?: string | undefined
  readonly enabled: boolean
}

export type ServiceEndpoint = {
  readonly id: string
  readonly service_id: string
  readonly interface: string
  readonly region_id: string | null
  readonly url: string
  readonly enabled: boolean
}

const service = object<Service>({ id: text, type: text, name: optional(text), enabled: flag })
const endpoint = object<ServiceEndpoint>({
  id: text,
  service_id: text,
  interface: text,
  region_id: orNull(text),
  url: text,
  enabled: flag,
})

export function listServices(session: Session, filter: { readonly type?: string } = {}): Promise<readonly Service[]> {
  return list(session, { service: 'identity', path: '/services', query: filter }, 'services', service)
}

export function listServiceEndpoints(
  session: Session,
  filter: { readonly service_id?: string; readonly interface?: string; readonly region_id?: string } = {},
): Promise<readonly ServiceEndpoint[]> {
  return list(session, { service: 'identity', path: '/endpoints', query: filter }, 'endpoints', endpoint)
}
