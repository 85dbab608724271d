/** Unified limits: for a service that takes its quotas from Keystone instead of its own API. */
import { get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, listOf, number, object, optional, orNull, text } from '../shape.ts'

export type Limit = {
  readonly id: string
  readonly service_id: string
  readonly resource_name: string
  readonly resource_limit: number
  readonly region_id: string | null
  readonly project_id?: string | undefined
  readonly domain_id?: string | undefined
}

const limit = object<Limit>({
  id: text,
  service_id: text,
  resource_name: text,
  resource_limit: number,
  region_id: orNull(text),
  project_id: optional(text),
  domain_id: optional(text),
})

export type LimitFilter = {
  readonly project_id?: string
  readonly domain_id?: string
  readonly service_id?: string
  readonly resource_name?: string
}

/** All of the cloud for an account of the system, those of the own domain or project for others. keystone 22.0.2, keystone/api/limits.py. */
export function listLimits(session: Session, filter: LimitFilter = {}): Promise<readonly Limit[]> {
  return list(session, { service: 'identity', path: '/limits', query: filter }, 'limits', limit)
}

export type LimitFields = Pick<Limit, 'service_id' | 'resource_name' | 'resource_limit'> & {
  readonly project_id: string
  readonly region_id?: string
}

/** All or none; 409 if one of them exists. */
export function createLimits(session: Session, limits: readonly LimitFields[]): Promise<readonly Limit[]> {
  const request = { service: 'identity', method: 'POST', path: '/limits', body: { limits } } as const
  return send(session, request, inside('limits', listOf(limit)))
}

export function updateLimit(session: Session, id: string, resource_limit: number): Promise<Limit> {
  const body = { limit: { resource_limit } }
  const request = { service: 'identity', method: 'PATCH', path: `/limits/${id}`, body, isRepeatable: true } as const
  return send(session, request, inside('limit', limit))
}

export function deleteLimit(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/limits/${id}` })
}

export type RegisteredLimit = {
  readonly id: string
  readonly service_id: string
  readonly region_id: string | null
  readonly resource_name: string
  readonly default_limit: number
}

const registeredLimit = object<RegisteredLimit>({
  id: text,
  service_id: text,
  region_id: orNull(text),
  resource_name: text,
  default_limit: number,
})

/** The defaults of every project; anybody may read them. What is not registered has no limit to set for a project. */
export function listRegisteredLimits(session: Session): Promise<readonly RegisteredLimit[]> {
  return list(session, { service: 'identity', path: '/registered_limits' }, 'registered_limits', registeredLimit)
}

/** `flat` or `strict_two_level`. */
export async function getLimitModel(session: Session): Promise<string> {
  const model = object<{ readonly name: string }>({ name: text })
  return (await get(session, { service: 'identity', path: '/limits/model' }, inside('model', model))).name
}
