/**
 * Glance. glance 25.1.0, glance/api/v2/images.py; the errors are webob's, which depend on the client's Accept header.
 */
import { createHash } from 'node:crypto'
import { isAdmin, projectOf } from '../access.ts'
import { isJson, numberAt, plain, textAt, textsAt } from '../json.ts'
import { isoSeconds } from '../world.ts'
import { noContent, ok, openRoute, param, route } from '../service.ts'
import { Refusal, titleOf } from '../refusal.ts'
import type { Call, Service } from '../service.ts'
import type { Image } from '../state.ts'
import type { Json } from '../json.ts'

const VERSIONS = ['v2.15', 'v2.13', 'v2.12', 'v2.11', 'v2.10', 'v2.9', 'v2.8', 'v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3']

/** Fields of the API; every other field of an image is a custom property. */
const OWN_FIELDS = [
  'id',
  'name',
  'visibility',
  'status',
  'owner',
  'size',
  'virtual_size',
  'min_disk',
  'min_ram',
  'disk_format',
  'container_format',
  'protected',
  'tags',
  'checksum',
  'os_hidden',
  'os_hash_algo',
  'os_hash_value',
  'created_at',
  'updated_at',
  'self',
  'file',
  'schema',
]

function maySee(call: Call, row: Image): boolean {
  return isAdmin(call) || ['public', 'community'].includes(row.visibility) || row.owner === projectOf(call)
}

function notFound(id: string): Refusal {
  return new Refusal(404, `No image found with ID ${id}`)
}

function find(call: Call): Image {
  const id = param(call, 'id')
  const row = call.world.state.images.get(id)
  if (row === undefined || !maySee(call, row)) throw notFound(id)
  return row
}

function digest(algorithm: string, row: Image): string {
  return createHash(algorithm).update(row.id).digest('hex')
}

function show(row: Image): Json {
  const isActive = row.status === 'active'
  return {
    ...row.properties,
    name: row.name,
    disk_format: row.disk_format,
    container_format: row.container_format,
    visibility: row.visibility,
    size: row.size,
    virtual_size: row.size,
    status: row.status,
    checksum: isActive ? digest('md5', row) : null,
    protected: row.protected,
    min_ram: row.min_ram,
    min_disk: row.min_disk,
    owner: row.owner,
    os_hidden: false,
    os_hash_algo: isActive ? 'sha512' : null,
    os_hash_value: isActive ? digest('sha512', row) : null,
    id: row.id,
    created_at: isoSeconds(row.createdAt),
    updated_at: isoSeconds(row.updatedAt),
    tags: row.tags,
    self: `/v2/images/${row.id}`,
    file: `/v2/images/${row.id}/file`,
    schema: '/v2/schemas/image',
  }
}

const CONTROLS = ['limit', 'marker', 'sort_key', 'sort_dir', 'sort', 'member_status', 'visibility', 'tag', 'os_hidden']

function isMatch(call: Call, row: Image): boolean {
  const visibility = call.query.get('visibility')
  if (visibility !== null && visibility !== 'all' && row.visibility !== visibility) return false
  // A community image is listed only on request.
  if (visibility === null && row.visibility === 'community' && row.owner !== projectOf(call)) return false
  if (!call.query.getAll('tag').every((tag) => row.tags.includes(tag))) return false
  const shown = show(row)
  for (const [key, wanted] of call.query) {
    if (CONTROLS.includes(key)) continue
    const values = wanted.startsWith('in:') ? wanted.slice(3).split(',') : [wanted]
    if (!values.includes(plain(shown[key]))) return false
  }
  return true
}

function listImages(call: Call): Json {
  const rows = call.world.state.images
    .filter((row) => maySee(call, row) && isMatch(call, row))
    .sort((one, other) => other.createdAt - one.createdAt)
  const marker = call.query.get('marker')
  const start = marker === null ? 0 : rows.findIndex((row) => row.id === marker) + 1
  if (marker !== null && start === 0) throw new Refusal(400, `No image found with ID ${marker}`)
  const limit = Math.min(Number(call.query.get('limit') ?? 25), 1000)
  const page = rows.slice(start, start + limit)
  const query = new URLSearchParams(call.query)
  query.delete('marker')
  const first = query.size === 0 ? '/v2/images' : `/v2/images?${query.toString()}`
  query.set('marker', page.at(-1)?.id ?? '')
  const isMore = page.length > 0 && start + limit < rows.length
  return {
    images: page.map(show),
    first,
    ...(isMore ? { next: `/v2/images?${query.toString()}` } : {}),
    schema: '/v2/schemas/images',
  }
}

function visibilityOf(value: unknown): Image['visibility'] {
  return value === 'public' || value === 'private' || value === 'community' ? value : 'shared'
}

function requireVisibility(call: Call, visibility: Image['visibility']): void {
  const action = { public: 'publicize_image', community: 'communitize_image', private: '', shared: '' }[visibility]
  if (visibility === 'public' && !isAdmin(call)) {
    throw new Refusal(403, `You are not authorized to complete ${action} action.`)
  }
}

function propertiesOf(body: Json): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const [key, value] of Object.entries(body)) {
    if (!OWN_FIELDS.includes(key) && typeof value === 'string') all[key] = value
  }
  return all
}

function createImage(call: Call): Image {
  const body = isJson(call.body) ? call.body : {}
  const visibility = visibilityOf(body['visibility'])
  requireVisibility(call, visibility)
  const now = call.world.now()
  const id = textAt(body, 'id') ?? call.world.ids.uuid()
  if (call.world.state.images.has(id)) throw new Refusal(409, `Image ID ${id} already exists!`)
  const row: Image = {
    id,
    name: textAt(body, 'name') ?? '',
    visibility,
    status: 'queued',
    owner: textAt(body, 'owner') ?? projectOf(call),
    size: null,
    min_disk: numberAt(body, 'min_disk') ?? 0,
    min_ram: numberAt(body, 'min_ram') ?? 0,
    disk_format: textAt(body, 'disk_format') ?? null,
    container_format: textAt(body, 'container_format') ?? null,
    protected: body['protected'] === true,
    tags: textsAt(body, 'tags'),
    properties: propertiesOf(body),
    createdAt: now,
    updatedAt: now,
  }
  call.world.state.images.set(id, row)
  return row
}

function requireOwner(call: Call, row: Image): void {
  if (!isAdmin(call) && row.owner !== projectOf(call)) throw new Refusal(403, 'You do not own this image')
}

/** JSON patch of one level; Glance supports no more. */
function patchImage(call: Call, row: Image): Image {
  requireOwner(call, row)
  const properties: Record<string, string> = { ...row.properties }
  let next = row
  for (const change of Array.isArray(call.body) ? call.body : []) {
    const name = (textAt(change, 'path') ?? '').replace(/^\//, '')
    const value: unknown = isJson(change) ? change['value'] : undefined
    if (name === 'visibility') {
      const visibility = visibilityOf(value)
      requireVisibility(call, visibility)
      next = { ...next, visibility }
    } else if (name === 'name') next = { ...next, name: String(value) }
    else if (name === 'tags') next = { ...next, tags: Array.isArray(value) ? value.map(String) : [] }
    else if (name === 'protected') next = { ...next, protected: value === true }
    else if (name === 'min_disk' || name === 'min_ram') next = { ...next, [name]: Number(value) }
    else if (textAt(change, 'op') === 'remove') Reflect.deleteProperty(properties, name)
    else if (!OWN_FIELDS.includes(name)) properties[name] = String(value)
  }
  const patched = { ...next, properties, updatedAt: call.world.now() }
  call.world.state.images.set(row.id, patched)
  return patched
}

/** HTML unless the client accepts JSON. webob 1.8.6, webob/exc.py, generate_response. */
function refuse(refusal: Refusal, call: Call): { readonly body: unknown; readonly contentType?: string } {
  const line = `${refusal.status} ${titleOf(refusal.status)}`
  if (!(call.header('accept') ?? '').includes('json')) {
    const html = `<html>\n <head>\n  <title>${line}</title>\n </head>\n <body>\n  <h1>${line}</h1>\n  ${refusal.message}<br /><br />\n\n\n\n </body>\n</html>`
    return { body: html, contentType: 'text/html; charset=UTF-8' }
  }
  return { body: { message: `${refusal.message}<br /><br />\n\n\n`, code: line, title: titleOf(refusal.status) } }
}

function versions(call: Call): Json {
  return {
    versions: VERSIONS.map((id, index) => ({
      id,
      status: index === 0 ? 'CURRENT' : 'SUPPORTED',
      links: [{ rel: 'self', href: `${call.world.bases.image}/v2/` }],
    })),
  }
}

export const glance: Service<'image'> = {
  type: 'image',
  name: 'glance',
  path: '/image',
  catalog: [{ type: 'image', name: 'glance', path: '' }],
  versions: (call) => ({ status: 300, body: versions(call) }),
  hasMiddleware: true,
  headers: (call) => ({ 'x-openstack-request-id': call.requestId }),
  refuse,
  routes: [
    openRoute('GET', '/versions', (call) => ok(versions(call))),
    route('GET', '/v2/images', (call) => ok(listImages(call))),
    route('POST', '/v2/images', (call) => {
      const row = createImage(call)
      const headers = { Location: `${call.world.bases.image}/v2/images/${row.id}` }
      return { status: 201, body: show(row), headers }
    }),
    route('GET', '/v2/images/:id', (call) => ok(show(find(call)))),
    route('PATCH', '/v2/images/:id', (call) => ok(show(patchImage(call, find(call))))),
    route('DELETE', '/v2/images/:id', (call) => {
      const id = param(call, 'id')
      const row = call.world.state.images.get(id)
      if (row === undefined || !maySee(call, row)) throw new Refusal(404, `Failed to find image ${id} to delete`)
      requireOwner(call, row)
      if (row.protected) throw new Refusal(403, `Image ${id} is protected and cannot be deleted.`)
      call.world.state.images.delete(id)
      call.world.state.imageMembers.deleteWhere((member) => member.image_id === id)
      return noContent
    }),
    route('PUT', '/v2/images/:id/file', (call) => {
      const row = find(call)
      requireOwner(call, row)
      call.world.state.images.set(row.id, { ...row, status: 'active', size: call.text.length })
      return noContent
    }),
    route('GET', '/v2/images/:id/members', (call) => {
      const row = find(call)
      if (row.visibility === 'shared') {
        const members = call.world.state.imageMembers.filter(({ image_id }) => image_id === row.id)
        return ok({ members, schema: '/v2/schemas/members' })
      }
      throw new Refusal(403, `Not allowed to list members for image ${row.id}: Only shared images have members.`)
    }),
    // a dashboard asks for them on the page of images
    route('GET', '/v2/metadefs/namespaces', ({ query }) => {
      const first = query.size === 0 ? '/v2/metadefs/namespaces' : `/v2/metadefs/namespaces?${query.toString()}`
      return ok({ namespaces: [], schema: '/v2/schemas/metadefs/namespaces', first })
    }),
    // clients make a model of it, for which no property is needed
    ...['image', 'metadefs/namespace'].map((path) =>
      route('GET', `/v2/schemas/${path}`, () =>
        ok({ name: path.split('/').at(-1) ?? path, properties: {}, additionalProperties: { type: 'string' } }),
      ),
    ),
  ],
}
