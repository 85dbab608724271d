/** The common forms of operations: requests about one record by its id, lists, and creates. */
import type { Draft, Operation } from '../model/operation.ts'
import type { Persona } from '../model/persona.ts'
import { lookUp } from '../python/value.ts'
import type { Dict } from '../python/value.ts'
import type { RequestContext } from '../model/request-context.ts'

export type Kind = 'user' | 'group' | 'project'

/** A request on one record by its id, whose handler loads the record and ignores its absence. */
export function recordOperation(action: string, request: string, kind: Kind, body?: Dict): Operation {
  return {
    id: action,
    action,
    draft: (context) => {
      const record = context[kind]
      if (record === undefined && context.place !== 'none') return undefined
      return {
        request,
        ids: { [`${kind}_id`]: record === undefined ? 'nobody' : idOf(record) },
        target: record === undefined ? {} : { [kind]: record },
        ...(body === undefined ? {} : { body: { [kind]: body } }),
      }
    },
  }
}

/** A create, whose target is the body itself at every level. */
export function createOperation(action: string, request: string, kind: Kind): Operation {
  return {
    id: action,
    action,
    draft: ({ place, domain }) => {
      if (place === 'self') return undefined
      const record = { name: 'new', ...(domain === undefined ? {} : { domain_id: domain }) }
      return { request, target: { [kind]: record }, targetFrom: 'caller', body: { [kind]: record } }
    },
  }
}

/**
 * A list filtered by domain. For a domain-scoped token the handler puts the token's own domain into the target,
 * whatever the filter; for any other it builds none, and then the enforcer adds an X-Subject-Token.
 */
export function listOperations(action: string, request: string, target: (domain: string) => Dict): Operation[] {
  const plain = ({ place, domain, persona }: RequestContext): Draft | undefined =>
    place === 'self'
      ? undefined
      : {
          request,
          filters: domain === undefined ? {} : { domain_id: domain },
          ...(isDomainToken(persona) ? { target: target(persona.domain), targetFrom: 'token' } : {}),
        }
  return [
    { id: action, action, draft: plain },
    {
      id: `${action} with its own X-Subject-Token`,
      action,
      draft: (context) => {
        const draft = context.place === 'none' && !isDomainToken(context.persona) ? plain(context) : undefined
        return draft && { ...draft, hasSubjectToken: true }
      },
    },
  ]
}

export function isDomainToken(persona: Persona): boolean {
  return typeof lookUp(persona.creds, 'domain_id') === 'string'
}

export function idOf(record: Dict): string {
  const id = lookUp(record, 'id')
  return typeof id === 'string' ? id : 'nobody'
}
