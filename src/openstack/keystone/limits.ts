/** Unified limits: for a service that takes its quotas from Keystone instead of its own API. */
import { get, list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { inside, number, object, optional, orNull, text } from '../shape.ts'

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

export function listLimits(session: Session, filter: LimitFilter = {}): Promise<readonly Limit[]> {
  return list(session, { service: 'identity', path: '/limits', query: filter }, 'limits', limit)
}

export type RegisteredLimit = {
  readonly id: string
  readonly service_id: string
  readonly resource_name: string
  readonly default_limit: number
}

const registeredLimit = object<RegisteredLimit>({
  id: text,
  service_id: text,
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
