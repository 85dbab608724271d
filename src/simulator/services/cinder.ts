/** Cinder: quotas, types, and readable resources. cinder 21.3.1, cinder/api/contrib/quotas.py and cinder/api/v3. */
import { askedVersion } from '../microversion.ts'
import { cinderMaximum } from '../profile.ts'
import { isAdmin, projectOf } from '../access.ts'
import { isJson, pythonRepr } from '../json.ts'
import { isoNaive } from '../world.ts'
import { ok, openRoute, param, route } from '../service.ts'
import { Refusal } from '../refusal.ts'
import type { Call, Handler, Route, Service } from '../service.ts'
import type { Json } from '../json.ts'
import type { Volume, VolumeSnapshot, VolumeType } from '../state.ts'

const FAULTS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

const DEFAULTS = {
  volumes: 10,
  per_volume_gigabytes: -1,
  snapshots: 10,
  gigabytes: 1000,
  backups: 10,
  backup_gigabytes: 1000,
}

function quotaOf(call: Call, projectId: string): Readonly<Record<string, number>> {
  const ofTypes: Record<string, number> = {}
  for (const type of call.world.state.volumeTypes.values()) {
    for (const kind of ['volumes', 'gigabytes', 'snapshots']) ofTypes[`${kind}_${type.name}`] = -1
  }
  return { ...DEFAULTS, ...ofTypes, groups: 10, ...call.world.state.quotas.get(`block-storage/${projectId}`) }
}

function used(call: Call, projectId: string, name: string): number {
  const rows = call.world.state.volumes.filter((row) => row.project_id === projectId)
  if (name === 'volumes') return rows.length
  return name === 'gigabytes' ? rows.reduce((sum, row) => sum + row.size, 0) : 0
}

function details(call: Call, projectId: string): Json {
  return Object.fromEntries(
    Object.entries(quotaOf(call, projectId)).map(([name, limit]) => [
      name,
      { limit, in_use: used(call, projectId, name), reserved: 0 },
    ]),
  )
}

function denied(rule: string): Refusal {
  return new Refusal(403, `Policy doesn't allow ${rule} to be performed.`)
}

function requireRead(call: Call, projectId: string): void {
  if (!isAdmin(call) && projectOf(call) !== projectId) throw denied('volume_extension:quotas:show')
}

function wanted(call: Call, projectId: string): Readonly<Record<string, number>> {
  const body = isJson(call.body) && isJson(call.body['quota_set']) ? call.body['quota_set'] : {}
  const known = Object.keys(quotaOf(call, projectId))
  // openstackclient 6 repeats the project in the body: cinder 21.3.1, api/schemas/quotas.py, `quota_set` leaves it out
  const { skip_validation: _skipped, tenant_id: _tenant, ...rest } = body
  const bad = Object.keys(rest).filter((name) => !known.includes(name))
  if (bad.length > 0) throw new Refusal(400, `Invalid input received: Bad key(s) in quota set: ${bad.join(',')}`)
  const all: Record<string, number> = {}
  for (const [name, value] of Object.entries(rest)) {
    const limit = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof limit !== 'number') throw new Refusal(400, `${name} must be an integer, not ${pythonRepr(value)}`)
    if (limit < -1) throw new Refusal(400, `${name} must be >= -1`)
    all[name] = limit
  }
  return all
}

function showType(call: Call, row: VolumeType): Json {
  return {
    id: row.id,
    name: row.name,
    is_public: row.isPublic,
    description: row.description,
    extra_specs: {},
    ...(isAdmin(call) ? { qos_specs_id: null } : {}),
  }
}

function showVolume(row: Volume): Json {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    size: row.size,
    volume_type: row.volumeType,
    user_id: row.user_id,
    created_at: `${isoNaive(row.createdAt)}.000000`,
    attachments: [],
    metadata: {},
    'os-vol-tenant-attr:tenant_id': row.project_id,
  }
}

function volumes(call: Call): readonly Volume[] {
  const isAll = isAdmin(call) && ['1', 'true', 'True'].includes(call.query.get('all_tenants') ?? '')
  const only = isAll ? call.query.get('project_id') : projectOf(call)
  return call.world.state.volumes.filter((row) => only === null || row.project_id === only)
}

function showSnapshot(row: VolumeSnapshot): Json {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    volume_id: row.volume_id,
    created_at: `${isoNaive(row.createdAt)}.000000`,
    'os-extended-snapshot-attributes:project_id': row.project_id,
  }
}

function snapshots(call: Call): readonly VolumeSnapshot[] {
  const isAll = isAdmin(call) && ['1', 'true', 'True'].includes(call.query.get('all_tenants') ?? '')
  const only = isAll ? call.query.get('project_id') : projectOf(call)
  return call.world.state.volumeSnapshots.filter((row) => only === null || row.project_id === only)
}

/** cinder/volume/api.py, delete */
const deletable = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing']

/** The path has the token's own project; from 3.67 on it may omit it. */
function requireProject(call: Call): void {
  const asked = askedVersion(call, 'volume')
  const maximum = cinderMaximum(call.world.profile)
  if (asked.kind === 'version' && (asked.major !== 3 || asked.minor > maximum)) {
    throw new Refusal(
      406,
      `Version ${asked.major}.${asked.minor} is not supported by the API. Minimum is 3.0 and maximum is 3.${maximum}.`,
    )
  }
  const project = call.params['project_id']
  if (typeof project === 'string' && project !== projectOf(call)) throw new Refusal(400, 'Malformed request url')
}

function both(method: Route['method'], path: string, handle: Handler): readonly Route[] {
  return [route(method, `/v3/:project_id{[0-9a-f]{32}}${path}`, handle), route(method, `/v3${path}`, handle)]
}

function emptyList(path: string, key: string, rule?: string): readonly Route[] {
  return both('GET', path, (call) => {
    if (rule !== undefined && !isAdmin(call)) throw denied(rule)
    return ok({ [key]: [] })
  })
}

function version(call: Call): Json {
  return {
    id: 'v3.0',
    status: 'CURRENT',
    version: `3.${cinderMaximum(call.world.profile)}`,
    min_version: '3.0',
    updated: '2022-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${call.world.bases['block-storage']}/v3/` },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  }
}

export const cinder: Service<'block-storage'> = {
  type: 'block-storage',
  name: 'cinder',
  path: '/volume',
  catalog: [
    { type: 'block-storage', name: 'cinder', path: '/v3/%(project_id)s' },
    { type: 'volumev3', name: 'cinderv3', path: '/v3/%(project_id)s' },
  ],
  versions: (call) => ({ status: 300, body: { versions: [version(call)] } }),
  hasMiddleware: true,
  before: requireProject,
  headers: (call) => {
    const asked = askedVersion(call, 'volume')
    const minor =
      asked.kind === 'version' ? asked.minor : asked.kind === 'latest' ? cinderMaximum(call.world.profile) : 0
    return {
      'OpenStack-API-Version': `volume 3.${minor}`,
      Vary: 'OpenStack-API-Version',
      'x-openstack-request-id': call.requestId,
      'x-compute-request-id': call.requestId,
    }
  },
  refuse: (refusal) => ({
    body: {
      [FAULTS[refusal.status] ?? 'computeFault']: {
        code: refusal.status,
        message: refusal.message,
        ...(refusal.headers['Retry-After'] === undefined ? {} : { retryAfter: refusal.headers['Retry-After'] }),
      },
    },
  }),
  routes: [
    openRoute('GET', '/v3', (call) => ok({ versions: [version(call)] })),
    ...both('GET', '/os-quota-sets/:id', (call) => {
      const id = param(call, 'id')
      requireRead(call, id)
      const isUsage = call.query.get('usage')?.toLowerCase() === 'true'
      return ok({ quota_set: { ...(isUsage ? details(call, id) : quotaOf(call, id)), id } })
    }),
    ...both('GET', '/os-quota-sets/:id/defaults', (call) => {
      const id = param(call, 'id')
      return ok({ quota_set: { ...quotaOf(call, ''), id } })
    }),
    ...both('PUT', '/os-quota-sets/:id', (call) => {
      const id = param(call, 'id')
      if (!isAdmin(call)) throw denied('volume_extension:quotas:update')
      const key = `block-storage/${id}`
      call.world.state.quotas.set(key, { ...call.world.state.quotas.get(key), ...wanted(call, id) })
      return ok({ quota_set: quotaOf(call, id) })
    }),
    ...both('DELETE', '/os-quota-sets/:id', (call) => {
      if (!isAdmin(call)) throw denied('volume_extension:quotas:delete')
      call.world.state.quotas.delete(`block-storage/${param(call, 'id')}`)
      return { status: 200 }
    }),
    ...both('GET', '/types', (call) => {
      const rows = call.world.state.volumeTypes.filter((row) => row.isPublic || isAdmin(call))
      return ok({
        volume_types: rows.map((row) => ({ ...showType(call, row), 'os-volume-type-access:is_public': row.isPublic })),
      })
    }),
    ...both('GET', '/types/:id', (call) => {
      const id = param(call, 'id')
      const types = call.world.state.volumeTypes
      const row = id === 'default' ? types.find((each) => each.name === '__DEFAULT__') : types.get(id)
      if (row === undefined) throw new Refusal(404, `Volume type ${id} could not be found.`)
      return ok({ volume_type: showType(call, row) })
    }),
    ...both('GET', '/volumes', (call) =>
      ok({ volumes: volumes(call).map((row) => ({ id: row.id, name: row.name, links: [] })) }),
    ),
    ...both('GET', '/volumes/detail', (call) => ok({ volumes: volumes(call).map(showVolume) })),
    ...both('GET', '/volumes/:id', (call) => {
      const row = volumes(call).find((each) => each.id === param(call, 'id'))
      if (row === undefined) throw new Refusal(404, `Volume ${param(call, 'id')} could not be found.`)
      return ok({ volume: showVolume(row) })
    }),
    ...both('POST', '/volumes/:id/action', (call) => {
      const id = param(call, 'id')
      if (!isJson(call.body) || !('os-force_delete' in call.body))
        throw new Refusal(501, 'the simulator has no action of a volume but os-force_delete')
      if (!isAdmin(call)) throw denied('volume_extension:volume_admin_actions:force_delete')
      if (!call.world.state.volumes.delete(id)) throw new Refusal(404, `Volume ${id} could not be found.`)
      return { status: 202 }
    }),
    // 202 on a real one, which deletes it a moment later. cinder/api/v3/volumes.py and cinder/volume/api.py, delete.
    ...both('DELETE', '/volumes/:id', (call) => {
      const id = param(call, 'id')
      const { volumes: all, volumeSnapshots } = call.world.state
      const row = all.get(id)
      if (row === undefined || (row.project_id !== projectOf(call) && !isAdmin(call)))
        throw new Refusal(404, `Volume ${id} could not be found.`)
      if (volumeSnapshots.some((each) => each.volume_id === id) || !deletable.includes(row.status))
        throw new Refusal(
          400,
          'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.',
        )
      all.delete(id)
      return { status: 202 }
    }),
    ...both('GET', '/snapshots/detail', (call) => ok({ snapshots: snapshots(call).map(showSnapshot) })),
    ...both('DELETE', '/snapshots/:id', (call) => {
      const id = param(call, 'id')
      const row = call.world.state.volumeSnapshots.get(id)
      if (row === undefined || (row.project_id !== projectOf(call) && !isAdmin(call)))
        throw new Refusal(404, `Snapshot ${id} could not be found.`)
      call.world.state.volumeSnapshots.delete(id)
      return { status: 202 }
    }),
    ...both('GET', '/limits', (call) => {
      const quota = quotaOf(call, projectOf(call))
      return ok({
        limits: {
          rate: [],
          absolute: {
            maxTotalVolumes: quota['volumes'],
            maxTotalSnapshots: quota['snapshots'],
            maxTotalVolumeGigabytes: quota['gigabytes'],
            maxTotalBackups: quota['backups'],
            maxTotalBackupGigabytes: quota['backup_gigabytes'],
            totalVolumesUsed: used(call, projectOf(call), 'volumes'),
            totalGigabytesUsed: used(call, projectOf(call), 'gigabytes'),
            totalSnapshotsUsed: 0,
            totalBackupsUsed: 0,
            totalBackupGigabytesUsed: 0,
          },
        },
      })
    }),
    ...emptyList('/snapshots', 'snapshots'),
    ...emptyList('/backups', 'backups'),
    ...emptyList('/backups/detail', 'backups'),
    ...emptyList('/os-volume-transfer/detail', 'transfers'),
    ...emptyList('/volume-transfers/detail', 'transfers'),
    ...emptyList('/os-availability-zone', 'availabilityZoneInfo'),
    ...emptyList('/os-services', 'services', 'volume_extension:services:index'),
    ...emptyList('/extensions', 'extensions'),
  ],
}
