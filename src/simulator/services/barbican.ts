/** Barbican: secrets and containers. barbican 15.0.1, barbican/api/controllers. */
import { hasRole, isAdmin, projectOf } from '../access.ts'
import { isJson, listAt, numberAt, textAt } from '../json.ts'
import { isoNaive } from '../world.ts'
import { noContent, ok, param, route } from '../service.ts'
import { Refusal, titleOf } from '../refusal.ts'
import type { Call, Service } from '../service.ts'
import type { Json } from '../json.ts'
import type { Secret, SecretContainer } from '../state.ts'

function denied(attempt: string): Refusal {
  return new Refusal(403, `${attempt} attempt not allowed - please review your user/project privileges`)
}

/** Until 2024.1 these are Barbican's own roles; later `member` and `reader` are accepted as well. */
function requireCreator(call: Call, attempt: string): void {
  if (!isAdmin(call) && !hasRole(call, 'creator')) throw denied(attempt)
}

function requireReader(call: Call, attempt: string): void {
  if (!['admin', 'creator', 'observer', 'audit'].some((role) => hasRole(call, role))) throw denied(attempt)
}

function secretRef(call: Call, id: string): string {
  return `${call.world.bases['key-manager']}/v1/secrets/${id}`
}

function containerRef(call: Call, id: string): string {
  return `${call.world.bases['key-manager']}/v1/containers/${id}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function findSecret(call: Call, attempt: string): Secret {
  const id = param(call, 'id')
  if (!UUID.test(id)) throw new Refusal(404, 'Not Found. Provided secret id is invalid.')
  const row = call.world.state.secrets.get(id)
  if (row === undefined) throw new Refusal(404, 'Secret not found.')
  if (row.project_id !== projectOf(call)) throw denied(attempt)
  requireReader(call, attempt)
  return row
}

function findContainer(call: Call, attempt: string): SecretContainer {
  const id = param(call, 'id')
  if (!UUID.test(id)) throw new Refusal(404, 'Not Found. Provided container id is invalid.')
  const row = call.world.state.containers.get(id)
  if (row === undefined) throw new Refusal(404, 'Container not found.')
  if (row.project_id !== projectOf(call)) throw denied(attempt)
  requireReader(call, attempt)
  return row
}

function showSecret(call: Call, row: Secret): Json {
  const at = isoNaive(row.createdAt)
  return {
    created: at,
    updated: at,
    status: 'ACTIVE',
    name: row.name,
    secret_type: row.secretType,
    expiration: null,
    algorithm: row.algorithm ?? null,
    bit_length: row.bitLength ?? null,
    mode: row.mode ?? null,
    creator_id: row.creator_id,
    ...(row.contentType === undefined ? {} : { content_types: { default: row.contentType } }),
    secret_ref: secretRef(call, row.id),
  }
}

function showContainer(call: Call, row: SecretContainer): Json {
  const at = isoNaive(row.createdAt)
  return {
    created: at,
    updated: at,
    status: 'ACTIVE',
    name: row.name,
    type: row.type,
    creator_id: row.creator_id,
    secret_refs: row.secretRefs,
    consumers: (row.consumers ?? []).map((URL) => ({ name: 'Magnum', URL })),
    container_ref: containerRef(call, row.id),
  }
}

function page<Row extends { readonly name: string | null }>(call: Call, rows: readonly Row[]): readonly Row[] {
  const offset = Number(call.query.get('offset') ?? 0)
  const limit = Number(call.query.get('limit') ?? 10)
  const name = call.query.get('name')
  return rows.filter((row) => name === null || row.name === name).slice(offset, offset + limit)
}

function createSecret(call: Call): Secret {
  requireCreator(call, 'Secret creation')
  const body = isJson(call.body) ? call.body : {}
  const payload = textAt(body, 'payload')
  const contentType = textAt(body, 'payload_content_type')
  if (payload !== undefined && contentType === undefined) {
    throw new Refusal(
      400,
      "Provided object does not match schema 'Secret': If 'payload' is supplied, 'payload_content_type' must also be supplied.. Invalid property: 'payload_content_type'",
    )
  }
  const row: Secret = {
    id: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? null,
    project_id: projectOf(call),
    creator_id: call.caller().user.id,
    payload,
    contentType,
    secretType: textAt(body, 'secret_type') ?? 'opaque',
    algorithm: textAt(body, 'algorithm'),
    bitLength: numberAt(body, 'bit_length'),
    mode: textAt(body, 'mode'),
    createdAt: call.world.now(),
  }
  call.world.state.secrets.set(row.id, row)
  return row
}

function createContainer(call: Call): SecretContainer {
  requireCreator(call, 'Container creation')
  const body = isJson(call.body) ? call.body : {}
  const row: SecretContainer = {
    id: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? null,
    type: textAt(body, 'type') ?? 'generic',
    project_id: projectOf(call),
    creator_id: call.caller().user.id,
    secretRefs: listAt(body, 'secret_refs').map((ref) => ({
      name: textAt(ref, 'name') ?? '',
      secret_ref: textAt(ref, 'secret_ref') ?? '',
    })),
    createdAt: call.world.now(),
  }
  call.world.state.containers.set(row.id, row)
  return row
}

function versionOne(call: Call): Json {
  return {
    id: 'v1',
    status: 'stable',
    links: [
      { rel: 'self', href: `${call.world.bases['key-manager']}/v1/` },
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.key-manager-v1+json' }],
  }
}

export const barbican: Service<'key-manager'> = {
  type: 'key-manager',
  name: 'barbican',
  path: '/key-manager',
  catalog: [{ type: 'key-manager', name: 'barbican', path: '' }],
  versions: (call) => ({
    status: 300,
    body: { versions: { values: [versionOne(call)] } },
  }),
  hasMiddleware: true,
  headers: (call) => ({
    'openstack-api-version': 'key-manager 1.0',
    vary: 'openstack-api-version',
    'x-openstack-request-id': call.requestId,
  }),
  refuse: (refusal) => ({
    body: { code: refusal.status, title: titleOf(refusal.status), description: refusal.message },
  }),
  routes: [
    // barbicanclient 7 asks for it before anything else
    route('GET', '/v1', (call) => ok({ version: versionOne(call) })),
    route('GET', '/v1/secrets', (call) => {
      requireReader(call, 'Secret(s) retrieval')
      const all = call.world.state.secrets.filter((row) => row.project_id === projectOf(call))
      const rows = page(call, all)
      return ok({
        secrets: rows.map((row) => showSecret(call, row)),
        total: call.query.has('name') ? rows.length : all.length,
      })
    }),
    route('POST', '/v1/secrets', (call) => {
      const ref = secretRef(call, createSecret(call).id)
      return { status: 201, body: { secret_ref: ref }, headers: { Location: ref } }
    }),
    route('GET', '/v1/secrets/:id', (call) => ok(showSecret(call, findSecret(call, 'Secret retrieval')))),
    route('GET', '/v1/secrets/:id/payload', (call) => {
      const row = findSecret(call, 'Secret payload retrieval')
      if (row.payload === undefined) throw new Refusal(404, 'Not Found. Sorry but your secret has no payload.')
      const type = row.contentType ?? 'application/octet-stream'
      return { status: 200, body: row.payload, contentType: type === 'text/plain' ? 'text/plain; charset=UTF-8' : type }
    }),
    route('DELETE', '/v1/secrets/:id', (call) => {
      const row = findSecret(call, 'Secret deletion')
      requireCreator(call, 'Secret deletion')
      call.world.state.secrets.delete(row.id)
      return noContent
    }),
    route('GET', '/v1/containers', (call) => {
      requireReader(call, 'Containers(s) retrieval')
      const all = call.world.state.containers.filter((row) => row.project_id === projectOf(call))
      return ok({ containers: page(call, all).map((row) => showContainer(call, row)), total: all.length })
    }),
    route('POST', '/v1/containers', (call) => {
      const ref = containerRef(call, createContainer(call).id)
      return { status: 201, body: { container_ref: ref }, headers: { Location: ref } }
    }),
    route('GET', '/v1/containers/:id', (call) => ok(showContainer(call, findContainer(call, 'Container retrieval')))),
    route('DELETE', '/v1/containers/:id', (call) => {
      const row = findContainer(call, 'Container deletion')
      requireCreator(call, 'Container deletion')
      call.world.state.containers.delete(row.id)
      return noContent
    }),
    route('GET', '/v1/quotas', (call) => {
      requireReader(call, 'Quotas')
      return ok({ quotas: { secrets: -1, orders: -1, containers: -1, consumers: -1, cas: -1 } })
    }),
    route('GET', '/v1/orders', (call) => {
      requireReader(call, 'Order(s) retrieval')
      return ok({ orders: [], total: 0 })
    }),
  ],
}
