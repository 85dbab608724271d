import type { Operation } from '../model/operation.ts'
import { createOperation, listOperations, recordOperation } from './record.ts'

/* keystone 25.0.0, keystone/api/projects.py. The tags' handlers build the same target from the project. */

const tag = 'PUT /v3/projects/{project_id}/tags/new'
export const projectOperations: readonly Operation[] = [
  ...listOperations('identity:list_projects', 'GET /v3/projects', (domain_id) => ({ domain_id })),
  recordOperation('identity:get_project', 'GET /v3/projects/{project_id}', 'project'),
  createOperation('identity:create_project', 'POST /v3/projects', 'project'),
  recordOperation('identity:update_project', 'PATCH /v3/projects/{project_id}', 'project', { enabled: false }),
  recordOperation('identity:delete_project', 'DELETE /v3/projects/{project_id}', 'project'),
  recordOperation('identity:list_project_tags', 'GET /v3/projects/{project_id}/tags', 'project'),
  recordOperation('identity:create_project_tag', tag, 'project'),
  recordOperation('identity:delete_project_tags', 'DELETE /v3/projects/{project_id}/tags', 'project'),
]
