import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, object, optional, text } from '../shape.ts'

export type Network = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly status: string
  readonly admin_state_up: boolean
  readonly shared: boolean
  readonly 'router:external': boolean
  readonly subnets: readonly string[]
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
}

const network = object<Network>({
  id: text,
  name: text,
  project_id: text,
  status: text,
  admin_state_up: flag,
  shared: flag,
  'router:external': flag,
  subnets: listOf(text),
  description: optional(text),
  tags: optional(listOf(text)),
})

export type NetworkFilter = {
  readonly project_id?: string
  readonly name?: string
  readonly 'router:external'?: boolean
  readonly shared?: boolean
}

/** What this identity sees: its own, shared and external ones; an operator sees all. */
export function listNetworks(session: Session, filter: NetworkFilter = {}): Promise<readonly Network[]> {
  return list(session, { service: 'network', path: '/networks', query: filter }, 'networks', network)
}

/** Names are not unique in Neutron, not even in a project. */
export function findNetwork(session: Session, name: string, filter: NetworkFilter): Promise<Network | undefined> {
  return findByName(
    session,
    { service: 'network', path: '/networks', query: { ...filter, name } },
    { key: 'networks', read: network, name },
  )
}

export function getNetwork(session: Session, id: string): Promise<Network> {
  return get(session, { service: 'network', path: `/networks/${id}` }, inside('network', network))
}

export function createNetwork(
  session: Session,
  fields: {
    readonly name: string
    readonly description?: string
    readonly project_id?: string
    readonly shared?: boolean
  },
): Promise<Network> {
  const body = { network: fields }
  return send(session, { service: 'network', method: 'POST', path: '/networks', body }, inside('network', network))
}

export function updateNetwork(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string; readonly shared?: boolean },
): Promise<Network> {
  const body = { network: fields }
  return send(session, { service: 'network', method: 'PUT', path: `/networks/${id}`, body }, inside('network', network))
}

export function deleteNetwork(session: Session, id: string): Promise<void> {
  return send(session, { service: 'network', method: 'DELETE', path: `/networks/${id}` })
}
