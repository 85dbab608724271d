/** /v2.1/flavors. nova 26.2.2, nova/api/openstack/compute/flavors.py and flavor_manage.py. */
import { forbiddenBy } from './error.ts'
import { hasRole, isAdmin, projectOf } from '../../access.ts'
import { minorOf } from './version.ts'
import { noContent, ok, param, route } from '../../service.ts'
import { numberAt, objectAt, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import type { ServiceResponse, Call, Route } from '../../service.ts'
import type { Flavor } from '../../state.ts'
import type { Json } from '../../json.ts'

export function maySeeFlavor(call: Call, row: Flavor): boolean {
  return row.isPublic || isAdmin(call) || row.projects.includes(projectOf(call))
}

function find(call: Call): Flavor {
  const id = param(call, 'id')
  const row = call.world.state.flavors.get(id)
  if (row === undefined || !maySeeFlavor(call, row)) throw new Refusal(404, `Flavor ${id} could not be found.`)
  return row
}

function links(call: Call, row: Flavor): readonly Json[] {
  const { compute } = call.world.bases
  return [
    { rel: 'self', href: `${compute}/v2.1/flavors/${row.id}` },
    { rel: 'bookmark', href: `${compute}/flavors/${row.id}` },
  ]
}

function show(call: Call, row: Flavor): Json {
  const minor = minorOf(call)
  return {
    id: row.id,
    name: row.name,
    ram: row.ram,
    disk: row.disk,
    swap: minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: row.vcpus,
    'os-flavor-access:is_public': row.isPublic,
    rxtx_factor: 1,
    links: links(call, row),
    ...(minor >= 55 ? { description: null } : {}),
    ...(minor >= 61 ? { extra_specs: {} } : {}),
  }
}

function minimum(call: Call, name: string): number {
  const text = call.query.get(name)
  if (text === null) return 0
  if (!/^\d+$/.test(text)) throw new Refusal(400, `Invalid ${name} filter [${text}]`)
  return Number(text)
}

function visible(call: Call): readonly Flavor[] {
  const [ram, disk] = [minimum(call, 'minRam'), minimum(call, 'minDisk')]
  const asked = call.query.get('is_public')?.toLowerCase()
  return call.world.state.flavors
    .filter((row) => row.ram >= ram && row.disk >= disk)
    .filter((row) => {
      if (!isAdmin(call) || asked === undefined) return row.isPublic || row.projects.includes(projectOf(call))
      return asked === 'none' || row.isPublic === ['true', '1', 'yes'].includes(asked)
    })
}

function list(call: Call, path: string, shown: (row: Flavor) => Json): ServiceResponse {
  const rows = visible(call)
  const marker = call.query.get('marker')
  const start = marker === null ? 0 : rows.findIndex((row) => row.id === marker) + 1
  if (marker !== null && start === 0) throw new Refusal(400, `marker [${marker}] not found`)
  const limit = Number(call.query.get('limit') ?? 1000)
  const page = rows.slice(start, start + limit)
  const next = new URLSearchParams(call.query)
  next.set('marker', page.at(-1)?.id ?? '')
  const isMore = start + limit < rows.length && limit > 0
  const href = `${call.world.bases.compute}/v2.1/${path}?${next.toString()}`
  return ok({ flavors: page.map(shown), ...(isMore ? { flavors_links: [{ rel: 'next', href }] } : {}) })
}

function createFlavor(call: Call): Flavor {
  const body = objectAt(call.body, 'flavor')
  const name = textAt(body, 'name') ?? ''
  const wanted = textAt(body, 'id')
  const id = wanted === undefined || wanted === 'auto' ? call.world.ids.uuid() : wanted
  if (call.world.state.flavors.some((row) => row.name === name)) {
    throw new Refusal(409, `Flavor with name ${name} already exists.`)
  }
  if (call.world.state.flavors.has(id)) throw new Refusal(409, `Flavor with ID ${id} already exists.`)
  const row: Flavor = {
    id,
    name,
    ram: numberAt(body, 'ram') ?? 0,
    vcpus: numberAt(body, 'vcpus') ?? 0,
    disk: numberAt(body, 'disk') ?? 0,
    isPublic: body['os-flavor-access:is_public'] !== false,
    projects: [],
  }
  call.world.state.flavors.set(id, row)
  return row
}

export const flavorRoutes: readonly Route[] = [
  route('GET', '/v2.1/flavors', (call) =>
    list(call, 'flavors', (row) => ({
      id: row.id,
      name: row.name,
      links: links(call, row),
      ...(minorOf(call) >= 55 ? { description: null } : {}),
    })),
  ),
  route('GET', '/v2.1/flavors/detail', (call) => list(call, 'flavors/detail', (row) => show(call, row))),
  route('GET', '/v2.1/flavors/:id', (call) => ok({ flavor: show(call, find(call)) })),
  route('GET', '/v2.1/flavors/:id/os-extra_specs', (call) => {
    find(call)
    return ok({ extra_specs: {} })
  }),
  route('GET', '/v2.1/flavors/:id/os-flavor-access', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-flavor-access')
    const row = find(call)
    if (row.isPublic) throw new Refusal(404, 'Access list not available for public flavors.')
    return ok({ flavor_access: row.projects.map((tenant_id) => ({ flavor_id: row.id, tenant_id })) })
  }),
  route('POST', '/v2.1/flavors', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-flavor-manage:create')
    return ok({ flavor: show(call, createFlavor(call)) })
  }),
  route('DELETE', '/v2.1/flavors/:id', (call) => {
    if (!hasRole(call, 'admin')) throw forbiddenBy('os_compute_api:os-flavor-manage:delete')
    call.world.state.flavors.delete(find(call).id)
    return { ...noContent, status: 202 }
  }),
]
