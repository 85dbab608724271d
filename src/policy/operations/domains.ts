import { hasFix } from '../releases/release.ts'
import type { Operation } from '../model/operation.ts'
import { domainRecord } from '../model/request-context.ts'
import type { Dict } from '../python/value.ts'
import { isDomainToken } from './record.ts'

/* keystone 25.0.0, keystone/api/domains.py */

export const domainOperations: readonly Operation[] = [
  {
    id: 'identity:list_domains',
    action: 'identity:list_domains',
    draft: ({ place, persona, release }) => {
      if (place !== 'none') return undefined
      // Filtered to the token's own domain since dd785ee69 (LP#2041611); before, the handler builds no target.
      const isFiltered = hasFix(release, 'lp-2041611') && isDomainToken(persona)
      return {
        request: 'GET /v3/domains',
        ...(isFiltered ? { target: { domain: { id: persona.domain } }, targetFrom: 'token' } : {}),
      }
    },
  },
  domainOperation('identity:get_domain', 'GET'),
  {
    id: 'identity:create_domain',
    action: 'identity:create_domain',
    draft: ({ place }) =>
      place === 'none' ? { request: 'POST /v3/domains', body: { domain: { name: 'new' } } } : undefined,
  },
  domainOperation('identity:update_domain', 'PATCH', { enabled: false }),
  domainOperation('identity:delete_domain', 'DELETE'),
]

function domainOperation(action: string, method: string, body?: Dict): Operation {
  return {
    id: action,
    action,
    draft: ({ place, domain }) =>
      place === 'self' || domain === undefined
        ? undefined
        : {
            request: `${method} /v3/domains/{domain_id}`,
            ids: { domain_id: domain },
            target: { domain: domainRecord(domain) },
            ...(body === undefined ? {} : { body: { domain: body } }),
          },
  }
}
