/** Heat: the stack of each cluster, to read and to delete. heat 19.0.0, heat/api/openstack/v1/stacks.py. */
import { isAdmin, projectOf } from '../access.ts'
import { dismantle } from './magnum/driver-parts.ts'
import { isoSeconds } from '../world.ts'
import { noContent, ok, param, route } from '../service.ts'
import { Refusal, titleOf } from '../refusal.ts'
import type { Call, Service } from '../service.ts'
import type { Cluster } from '../state.ts'
import type { Json } from '../json.ts'

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
}

/** A stack's name is its cluster's, with twelve random characters. */
export function stackName(cluster: Cluster): string {
  return `${cluster.name}-${(cluster.stack_id ?? '').replaceAll('-', '').slice(0, 12)}`
}

function requireProject(call: Call): void {
  if (isAdmin(call) || param(call, 'project_id') === projectOf(call)) return
  throw new Refusal(403, EXPLANATIONS[403] ?? '', { type: 'HTTPForbidden' })
}

function visible(call: Call): readonly Cluster[] {
  requireProject(call)
  if (call.world.profile.magnumDriver !== 'heat') return []
  const project = param(call, 'project_id')
  return call.world.state.clusters.filter((row) => row.project_id === project && row.stack_id !== null)
}

function show(call: Call, row: Cluster): Json {
  const name = stackName(row)
  const self = `${call.world.bases.orchestration}/v1/${row.project_id}/stacks/${name}/${row.stack_id ?? ''}`
  return {
    id: row.stack_id,
    links: [{ href: self, rel: 'self' }],
    stack_name: name,
    description: '',
    stack_status: row.status,
    stack_status_reason: `Stack ${row.status.split('_')[0] ?? ''} started`,
    creation_time: isoSeconds(row.createdAt),
    updated_time: null,
    deletion_time: null,
    stack_owner: call.world.state.users.get(row.user_id)?.name ?? '',
    parent: null,
    stack_user_project_id: '',
    tags: null,
  }
}

export const heat: Service<'orchestration'> = {
  type: 'orchestration',
  name: 'heat',
  path: '/orchestration',
  catalog: [{ type: 'orchestration', name: 'heat', path: '/v1/%(project_id)s' }],
  versions: (call) => ({
    status: 300,
    body: {
      versions: [
        { id: 'v1.0', status: 'CURRENT', links: [{ rel: 'self', href: `${call.world.bases.orchestration}/v1/` }] },
      ],
    },
  }),
  hasMiddleware: true,
  headers: (call) => ({ 'X-Openstack-Request-Id': call.requestId }),
  refuse: (refusal) => ({
    body: {
      code: refusal.status,
      title: titleOf(refusal.status),
      explanation: EXPLANATIONS[refusal.status] ?? titleOf(refusal.status),
      error: { type: refusal.type ?? 'HTTPError', traceback: null, message: refusal.message },
    },
  }),
  routes: [
    route('GET', '/v1/:project_id/stacks', (call) => ok({ stacks: visible(call).map((row) => show(call, row)) })),
    route('GET', '/v1/:project_id/stacks/:stack', (call) => {
      const wanted = param(call, 'stack')
      const row = visible(call).find((each) => each.stack_id === wanted || stackName(each) === wanted)
      if (row === undefined) {
        throw new Refusal(404, `The Stack (${wanted}) could not be found.`, { type: 'EntityNotFound' })
      }
      return ok({ stack: show(call, row) })
    }),
    // Its resources are deleted with it; the cluster is not. heat/engine/service.py, delete_stack: 204.
    route('DELETE', '/v1/:project_id/stacks/:stack/:id', (call) => {
      const row = visible(call).find((each) => each.stack_id === param(call, 'id'))
      if (row === undefined) {
        throw new Refusal(404, `The Stack (${param(call, 'stack')}) could not be found.`, { type: 'EntityNotFound' })
      }
      dismantle(call.world, row)
      call.world.state.clusters.set(row.uuid, { ...row, stack_id: null, parts: [] })
      return noContent
    }),
  ],
}
