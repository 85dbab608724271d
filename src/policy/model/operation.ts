/**
 * A request to Keystone, with the enforcer's target for it: the ids of the URL first, then `target`, then, below
 * OSSA-2026-015, body and filters over all of it; above, both under their own prefixes. keystone 2743acbcb and its
 * parent, keystone/common/rbac_enforcer/enforcer.py, RBACEnforcer.enforce_call.
 */
import { hasFix } from '../releases/release.ts'
import { isDict, keysOf, lookUp } from '../python/value.ts'
import type { Dict, Value } from '../python/value.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import type { Persona } from './persona.ts'
import type { TargetPlace, RequestContext } from './request-context.ts'

export type Operation = {
  /** The action, and the difference between its requests: `identity:create_grant admin to a user on a project`. */
  readonly id: string
  readonly action: string
  /** The request at this place and the handler's input for the enforcer; `undefined` if it makes no sense. */
  readonly draft: (context: RequestContext) => Draft | undefined
}

export type Draft = {
  /** Method and path with the ids still as names: `GET /v3/users/{user_id}`. */
  readonly request: string
  /** Flask's view arguments: the ids in the path. */
  readonly ids?: Readonly<Record<string, string>>
  /** The content of `target`, nested as the handler builds it. */
  readonly target?: Dict
  readonly targetFrom?: 'database' | 'caller' | 'token'
  readonly body?: Dict
  /** Query parameters that the handler names as filters. */
  readonly filters?: Readonly<Record<string, string>>
  /** Query parameters that it does not name. */
  readonly query?: Readonly<Record<string, string>>
  /** Sent with the caller's own token as X-Subject-Token, which the enforcer adds if no handler builds a target. */
  readonly hasSubjectToken?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** The party that decides the value of a target key. The caller chooses both `url` and `caller`. */
export type Origin = 'url' | 'caller' | 'database' | 'token'

/** One request, by one persona, at one place. */
export type Ask = {
  readonly operation: Operation
  readonly persona: Persona
  readonly place: TargetPlace
  readonly request: WireRequest
  /** Flat, as the rules read it. */
  readonly target: ReadonlyMap<string, Value>
  readonly origins: ReadonlyMap<string, Origin>
}

export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Dict
}

export function askOf(operation: Operation, context: RequestContext): Ask | undefined {
  const draft = operation.draft(context)
  if (draft === undefined) return undefined
  const { target, origins } = assembleTarget(context.release, {
    ...draft,
    ...(draft.hasSubjectToken === true ? { subject: subjectToken(context.persona) } : {}),
  })
  return { operation, persona: context.persona, place: context.place, request: wireRequest(draft), target, origins }
}

export type TargetParts = Pick<Draft, 'ids' | 'target' | 'targetFrom' | 'body' | 'filters'> & {
  /** What the enforcer reads from X-Subject-Token. */
  readonly subject?: Dict
}

export type AssembledTarget = Pick<Ask, 'target' | 'origins'>

/** The target of a request as the enforcer of this release puts it together. */
export function assembleTarget(release: KeystoneRelease, parts: TargetParts): AssembledTarget {
  const target = new Map<string, Value>()
  const origins = new Map<string, Origin>()
  const put = (dict: Dict, origin: Origin, prefix = ''): void => {
    flatten(dict, prefix, (key, value) => {
      target.set(key, value)
      origins.set(key, origin)
    })
  }
  const { ids = {}, body = {}, filters = {} } = parts
  put(ids, 'url')
  const isSeparate = hasFix(release, 'ossa-2026-015')
  // A `target` in the body replaces the real one as a whole.
  const isReplaced = !isSeparate && lookUp(body, 'target') !== undefined
  if (!isReplaced) {
    if (parts.target !== undefined) put(parts.target, parts.targetFrom ?? 'database', 'target')
    if (parts.subject !== undefined) put(parts.subject, 'caller', 'target.token')
  }
  put(body, 'caller', isSeparate ? 'request_body' : '')
  put(filters, 'caller', isSeparate ? 'filter_attr' : '')
  return { target, origins }
}

/** What the enforcer reads from the X-Subject-Token header. */
function subjectToken(persona: Persona): Dict {
  return { user_id: persona.user, user: { domain: { id: persona.userDomain } } }
}

function wireRequest(draft: Draft): WireRequest {
  const [method = '', template = ''] = draft.request.split(' ')
  const ids = draft.ids ?? {}
  const path = template.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole)
  const query = Object.entries({ ...draft.filters, ...draft.query }).map(([key, value]) => `${key}=${value}`)
  const headers = draft.hasSubjectToken === true ? { 'X-Subject-Token': 'the same token' } : draft.headers
  return {
    method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    ...(headers === undefined ? {} : { headers }),
    ...(draft.body === undefined ? {} : { body: draft.body }),
  }
}

/** keystone 25.0.0, keystone/common/utils.py, flatten_dict: lists stay whole, an empty dict leaves nothing. */
function flatten(dict: Dict, prefix: string, put: (key: string, value: Value) => void): void {
  for (const key of keysOf(dict)) {
    const value = lookUp(dict, key)
    if (value === undefined) continue
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (isDict(value)) flatten(value, path, put)
    else put(path, value)
  }
}

/** Method, path, and the body if there is one, on one line. */
export function renderRequest({ method, path, headers, body }: WireRequest): string {
  const heads = Object.entries(headers ?? {}).map(([name, value]) => ` ${name}: ${value}`)
  return `${method} ${path}${heads.join('')}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`
}
