import type { Operation } from '../model/operation.ts'
import { fillsTreeDomain } from '../model/targets.ts'
import { lookUp } from '../python/value.ts'
import { idOf, isDomainToken } from './record.ts'

/* keystone 25.0.0, keystone/api/role_assignments.py */

export const assignmentOperations: readonly Operation[] = [
  ...(['domain', 'project'] as const).map((kind): Operation => ({
    id: `identity:list_role_assignments on a ${kind}`,
    action: 'identity:list_role_assignments',
    draft: ({ place, persona, domain, project }) => {
      const id = kind === 'domain' ? domain : project && place !== 'none' ? idOf(project) : undefined
      if (id === undefined || (place === 'self' && kind === 'domain')) return undefined
      return {
        request: 'GET /v3/role_assignments',
        filters: { [`scope.${kind}.id`]: id },
        ...(isDomainToken(persona) ? { target: { domain_id: persona.domain }, targetFrom: 'token' } : {}),
      }
    },
  })),
  {
    id: 'identity:list_role_assignments of the cloud',
    action: 'identity:list_role_assignments',
    draft: ({ place, persona }) =>
      place === 'none'
        ? {
            request: 'GET /v3/role_assignments',
            ...(isDomainToken(persona) ? { target: { domain_id: persona.domain }, targetFrom: 'token' } : {}),
          }
        : undefined,
  },
  {
    id: 'identity:list_role_assignments_for_tree',
    action: 'identity:list_role_assignments_for_tree',
    draft: ({ project, release }) => {
      if (project === undefined) return undefined
      // Its default reads `target.domain_id`, which the handler of 25.0.0 fills and that of 22 does not.
      const hasDomain = fillsTreeDomain(release)
      const domain_id = lookUp(project, 'domain_id') ?? null
      return {
        request: 'GET /v3/role_assignments',
        filters: { 'scope.project.id': idOf(project) },
        query: { include_subtree: 'true' },
        target: { project, ...(hasDomain ? { domain_id } : {}) },
      }
    },
  },
]
