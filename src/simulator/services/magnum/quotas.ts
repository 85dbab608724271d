/** /v1/quotas and /v1/stats. magnum 15.0.1, magnum/api/controllers/v1/quota.py. */
import { created, noContent, ok, param, route } from '../../service.ts'
import { denied } from './error.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { isoZone } from './serializers.ts'
import { getAsDomainAdmin } from './accounts.ts'
import { numberAt, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { MagnumQuota } from '../../state.ts'

/** `[quotas] max_clusters_per_project` */
const DEFAULT_LIMIT = 20

export function requireClusterQuota(call: Call): void {
  const project = projectOf(call)
  const limit = call.world.state.magnumQuotas.get(project)?.hard_limit ?? DEFAULT_LIMIT
  const count = call.world.state.clusters.filter((row) => row.project_id === project).length
  if (limit === -1 || count < limit) return
  throw new Refusal(
    403,
    `Resource limit exceeded: You have reached the maximum clusters per project, ${limit}. You may delete a cluster to make room for a new one.`,
  )
}

function show(row: MagnumQuota): Json {
  return {
    id: row.id,
    hard_limit: row.hard_limit,
    project_id: row.project_id,
    resource: 'Cluster',
    created_at: isoZone(row.createdAt),
    updated_at: row.updatedAt === undefined ? null : isoZone(row.updatedAt),
  }
}

function find(call: Call): MagnumQuota {
  const projectId = param(call, 'project_id')
  const resource = param(call, 'resource')
  const row = resource === 'Cluster' ? call.world.state.magnumQuotas.get(projectId) : undefined
  if (row !== undefined) return row
  throw new Refusal(404, `Quota could not be found: project_id ${projectId} resource ${resource}.`)
}

function requireAdmin(call: Call, rule: string): void {
  if (!isAdmin(call)) throw denied(rule)
}

/**
 * Before the policy, and as the trustee domain's admin; keystoneclient's error is not caught. magnum 15.0.1,
 * api/validation.py, _validate_project_id. Seen in the lab.
 */
async function requireProject(call: Call, projectId: string): Promise<void> {
  const { status, message, requestId } = await getAsDomainAdmin(call.world, `/v3/projects/${projectId}`)
  if (status === 404) throw new Refusal(404, `The project_id ${projectId} could not be found.`)
  if (status >= 400) throw new Refusal(500, `${message} (HTTP ${status}) (Request-ID: ${requestId})`)
}

export const quotaRoutes: readonly Route[] = [
  route('GET', '/v1/quotas', (call) => {
    requireAdmin(call, 'quota:get_all')
    const isAll = call.query.get('all_tenants')?.toLowerCase() === 'true'
    const rows = call.world.state.magnumQuotas.filter((row) => isAll || row.project_id === projectOf(call))
    return ok({ quotas: rows.map(show) })
  }),
  route('POST', '/v1/quotas', async (call) => {
    const projectId = textAt(call.body, 'project_id') ?? ''
    const { state } = call.world
    await requireProject(call, projectId)
    requireAdmin(call, 'quota:create')
    if (state.magnumQuotas.has(projectId)) {
      throw new Refusal(409, `Quota for project ${projectId} already exists for resource Cluster.`)
    }
    const row: MagnumQuota = {
      id: state.magnumQuotas.version + 1,
      project_id: projectId,
      hard_limit: numberAt(call.body, 'hard_limit') ?? 1,
      createdAt: call.world.now(),
      updatedAt: undefined,
    }
    state.magnumQuotas.set(projectId, row)
    return created(show(row))
  }),
  route('GET', '/v1/quotas/:project_id/:resource', (call) => {
    const projectId = param(call, 'project_id')
    if (!isAdmin(call) && projectId !== projectOf(call)) throw new Refusal(403, 'Not authorized.')
    const row = call.world.state.magnumQuotas.get(projectId)
    return ok(row === undefined ? { hard_limit: DEFAULT_LIMIT, project_id: projectId, resource: 'Cluster' } : show(row))
  }),
  route('PATCH', '/v1/quotas/:project_id/:resource', (call) => {
    requireAdmin(call, 'quota:update')
    const row = find(call)
    const hard_limit = numberAt(call.body, 'hard_limit') ?? row.hard_limit
    const next: MagnumQuota = { ...row, hard_limit, updatedAt: call.world.now() }
    call.world.state.magnumQuotas.set(row.project_id, next)
    return { status: 202, body: show(next) }
  }),
  route('DELETE', '/v1/quotas/:project_id/:resource', (call) => {
    requireAdmin(call, 'quota:delete')
    call.world.state.magnumQuotas.delete(find(call).project_id)
    return noContent
  }),
  route('GET', '/v1/stats', (call) => {
    const projectId = call.query.get('project_id') ?? projectOf(call)
    if (!isAdmin(call) && projectId !== projectOf(call)) throw denied('stats:get_all')
    const rows = call.world.state.clusters.filter((row) => row.project_id === projectId)
    return ok({
      clusters: rows.length,
      nodes: rows.reduce((sum, row) => sum + row.node_count + row.master_count, 0),
    })
  }),
]
