/** /v1/clustertemplates. magnum 15.0.1, magnum/api/controllers/v1/cluster_template.py. */
import { bodyOf, isoZone, links, page } from './serializers.ts'
import { booleanAt, isJson, numberAt, textAt } from '../../json.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { denied } from './error.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { Refusal } from '../../refusal.ts'
import {
  lookUpImage,
  requireClusterType,
  requireExternalNetwork,
  requireFixedNetwork,
  requireFixedSubnet,
  requireFlavor,
  requireImage,
  requireNetworkDriver,
} from './resources.ts'
import type { Call, Route } from '../../service.ts'
import type { ClusterTemplate } from '../../state.ts'
import type { Json } from '../../json.ts'

/** In Magnum's order, with the meaning of an absent one. */
const DEFAULTS: Json = {
  coe: null,
  image_id: null,
  flavor_id: null,
  master_flavor_id: null,
  dns_nameserver: null,
  keypair_id: null,
  external_network_id: null,
  fixed_network: null,
  fixed_subnet: null,
  network_driver: null,
  apiserver_port: null,
  docker_volume_size: null,
  cluster_distro: null,
  http_proxy: null,
  https_proxy: null,
  no_proxy: null,
  volume_driver: null,
  registry_enabled: false,
  labels: null,
  tls_disabled: false,
  public: false,
  server_type: 'vm',
  insecure_registry: null,
  docker_storage_driver: null,
  master_lb_enabled: false,
  floating_ip_enabled: true,
  hidden: false,
  tags: null,
}

const KNOWN = ['name', ...Object.keys(DEFAULTS)]

export function maySeeTemplate(call: Call, row: ClusterTemplate): boolean {
  return isAdmin(call) || row.fields['public'] === true || row.project_id === projectOf(call)
}

export function findTemplate(call: Call, nameOrId: string): ClusterTemplate {
  const found = call.world.state.clusterTemplates.filter(
    (row) => (row.uuid === nameOrId || row.name === nameOrId) && maySeeTemplate(call, row),
  )
  const [row] = found
  if (row === undefined) throw new Refusal(404, `ClusterTemplate ${nameOrId} could not be found.`)
  if (found.length > 1) {
    throw new Refusal(
      409,
      'Multiple ClusterTemplates exist with same name. Please use the ClusterTemplate uuid instead.',
    )
  }
  return row
}

function show(call: Call, row: ClusterTemplate): Json {
  const { hidden, tags, ...fields } = row.fields
  return {
    uuid: row.uuid,
    name: row.name,
    ...fields,
    links: links(call, `clustertemplates/${row.uuid}`),
    project_id: row.project_id,
    user_id: row.user_id,
    hidden,
    tags,
    created_at: isoZone(row.createdAt),
    updated_at: row.updatedAt === undefined ? null : isoZone(row.updatedAt),
  }
}

function requireResources(call: Call, fields: Json): void {
  requireImage(call, textAt(fields, 'image_id') ?? '')
  requireFlavor(call, textAt(fields, 'flavor_id'))
  requireFlavor(call, textAt(fields, 'master_flavor_id'))
  requireExternalNetwork(call, textAt(fields, 'external_network_id') ?? '')
  requireFixedNetwork(call, textAt(fields, 'fixed_network'))
  requireFixedSubnet(call, textAt(fields, 'fixed_subnet'))
}

function labelsOf(body: Json): Json {
  const labels = body['labels']
  if (!isJson(labels)) return {}
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]))
}

/** magnum 15.0.1, conf/cluster_templates.py, kubernetes_default_network_driver and its relatives. */
function defaultNetworkDriver(coe: string): string | null {
  return coe === 'kubernetes' ? 'flannel' : null
}

function createTemplate(call: Call): ClusterTemplate {
  const body = bodyOf(call, 'cluster_template', KNOWN, ['coe', 'image_id', 'external_network_id'])
  const coe = textAt(body, 'coe') ?? 'kubernetes'
  const imageName = textAt(body, 'image_id') ?? ''
  requireNetworkDriver(coe, textAt(body, 'network_driver'))
  requireClusterType(call, textAt(body, 'server_type') ?? 'vm', imageName, coe)
  if (projectOf(call) === '') throw denied('clustertemplate:create')
  requireResources(call, body)
  const isPublic = booleanAt(body, 'public') === true || booleanAt(body, 'hidden') === true
  if (isPublic && !isAdmin(call)) {
    throw new Refusal(403, 'Not authorized to set public or hidden flag for cluster template.')
  }
  const given = Object.fromEntries(Object.entries(body).filter(([key, value]) => key !== 'name' && value !== null))
  const row: ClusterTemplate = {
    uuid: call.world.ids.uuid(),
    name: textAt(body, 'name') ?? `template-${call.world.ids.hex().slice(0, 6)}`,
    project_id: projectOf(call),
    user_id: call.caller().user.id,
    fields: {
      ...DEFAULTS,
      ...given,
      labels: body['labels'] === undefined ? null : labelsOf(body),
      network_driver: textAt(body, 'network_driver') ?? defaultNetworkDriver(coe),
      docker_volume_size: numberAt(body, 'docker_volume_size') ?? null,
      cluster_distro: lookUpImage(call, imageName)?.properties['os_distro'] ?? null,
    },
    createdAt: call.world.now(),
    updatedAt: undefined,
  }
  call.world.state.clusterTemplates.set(row.uuid, row)
  return row
}

function requireUnused(call: Call, row: ClusterTemplate): void {
  if (!call.world.state.clusters.some((cluster) => cluster.cluster_template_id === row.uuid)) return
  throw new Refusal(400, `ClusterTemplate ${row.uuid} is referenced by one or multiple clusters.`)
}

/** Magnum reads the words for a boolean that oslo.utils knows: types.BooleanType, oslo_utils/strutils.py, bool_from_string. */
function booleanOf(key: string, value: unknown): boolean {
  const word = String(value).toLowerCase()
  if (['true', 't', 'yes', 'y', 'on', '1'].includes(word)) return true
  if (['false', 'f', 'no', 'n', 'off', '0'].includes(word)) return false
  throw new Refusal(
    400,
    `Invalid input for field/attribute ${key}. Value: '${String(value)}'. unable to convert to boolean`,
  )
}

function updateTemplate(call: Call, row: ClusterTemplate): ClusterTemplate {
  const fields: Record<string, unknown> = { ...row.fields }
  let { name } = row
  for (const change of Array.isArray(call.body) ? call.body : []) {
    const key = (textAt(change, 'path') ?? '').replace(/^\//, '')
    const value: unknown = isJson(change) && textAt(change, 'op') !== 'remove' ? change['value'] : DEFAULTS[key]
    if (key === 'name') name = String(value)
    else if (key in DEFAULTS) fields[key] = typeof DEFAULTS[key] === 'boolean' ? booleanOf(key, value) : value
  }
  const next = { ...row, name, fields, updatedAt: call.world.now() }
  requireResources(call, next.fields)
  call.world.state.clusterTemplates.set(row.uuid, next)
  return next
}

export const clusterTemplateRoutes: readonly Route[] = [
  ...['/v1/clustertemplates', '/v1/clustertemplates/detail'].map((path) =>
    route('GET', path, (call) => {
      const rows = call.world.state.clusterTemplates.filter((row) => maySeeTemplate(call, row))
      return ok(page(call, 'clustertemplates', rows, (row) => show(call, row)))
    }),
  ),
  route('POST', '/v1/clustertemplates', (call) => {
    const row = createTemplate(call)
    const location = `${call.world.bases['container-infra']}/v1/clustertemplates/${row.uuid}`
    return { ...created(show(call, row)), headers: { Location: location } }
  }),
  route('GET', '/v1/clustertemplates/:id', (call) => ok(show(call, findTemplate(call, param(call, 'id'))))),
  route('PATCH', '/v1/clustertemplates/:id', (call) => {
    const row = findTemplate(call, param(call, 'id'))
    if (row.project_id !== projectOf(call) && !isAdmin(call)) throw denied('clustertemplate:update')
    requireUnused(call, row)
    return ok(show(call, updateTemplate(call, row)))
  }),
  route('DELETE', '/v1/clustertemplates/:id', (call) => {
    const row = findTemplate(call, param(call, 'id'))
    if (row.project_id !== projectOf(call) && !isAdmin(call)) throw denied('clustertemplate:delete')
    requireUnused(call, row)
    call.world.state.clusterTemplates.delete(row.uuid)
    return noContent
  }),
]
