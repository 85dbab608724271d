/** The catalog, and its services, endpoints and regions. */
import { enforce } from './enforcer.ts'
import { filtered, link, list } from './serializers.ts'
import { notFound } from './error.ts'
import { ok, param, route } from '../../service.ts'
import { REGION, SERVICE_TYPES } from '../../world.ts'
import type { Json } from '../../json.ts'
import type { Route } from '../../service.ts'
import type { ServiceRow } from '../../state.ts'
import type { CatalogEntry, ServiceType, World } from '../../world.ts'

const INTERFACES = ['public', 'internal', 'admin']

/** What each service is registered as, with the service behind it. */
function entriesOf(world: World): readonly (CatalogEntry & { readonly service: ServiceType })[] {
  return SERVICE_TYPES.flatMap((service) => world.catalog[service].map((entry) => ({ ...entry, service })))
}

/** Rows for the services of a new cloud. */
export function seedServices(world: World): void {
  for (const { name, type } of entriesOf(world)) {
    const id = world.ids.hex()
    world.state.services.set(id, { id, name, type })
  }
}

/** An endpoint with a project is left out for a token without one, and its service stays, empty. */
export function catalogFor(world: World, projectId: string | undefined): readonly Json[] {
  return allEndpoints(world).map(({ service, endpoints }) => ({
    endpoints: endpoints
      .filter((endpoint) => projectId !== undefined || !endpoint.url.includes('%('))
      .map(({ id, interface: face, url }) => ({
        id,
        interface: face,
        region_id: REGION,
        url: url.replace('%(project_id)s', projectId ?? ''),
        region: REGION,
      })),
    id: service.id,
    type: service.type,
    name: service.name,
  }))
}

type Endpoint = { readonly id: string; readonly interface: string; readonly service_id: string; readonly url: string }

type Offer = { readonly service: ServiceRow; readonly endpoints: readonly Endpoint[] }

const offers = new WeakMap<World, { readonly base: string; readonly all: readonly Offer[] }>()

/** Made once, and again when the cloud moves, because every token shows them. */
function allEndpoints(world: World): readonly Offer[] {
  const known = offers.get(world)
  if (known?.base === world.bases.identity) return known.all
  const all = world.state.services.map((service) => ({ service, endpoints: endpointsOf(world, service.type) }))
  offers.set(world, { base: world.bases.identity, all })
  return all
}

function endpointsOf(world: World, type: string): readonly Endpoint[] {
  const entry = entriesOf(world).find((each) => each.type === type)
  const row = world.state.services.find((each) => each.type === type)
  if (entry === undefined || row === undefined) return []
  return INTERFACES.map((face, index) => ({
    id: `${row.id.slice(0, 31)}${index}`,
    interface: face,
    service_id: row.id,
    url: `${world.bases[entry.service]}${entry.path}`,
  }))
}

function showService(world: World, row: { readonly id: string; readonly name: string; readonly type: string }): Json {
  const { id, name, type } = row
  return { name, id, type, enabled: true, links: { self: link(world, `/services/${id}`) } }
}

function showEndpoint(world: World, row: Endpoint): Json {
  const links = { self: link(world, `/endpoints/${row.id}`) }
  const { id, service_id, url } = row
  return { id, interface: row.interface, region_id: REGION, service_id, url, enabled: true, region: REGION, links }
}

function showRegion(world: World): Json {
  return { id: REGION, description: '', parent_region_id: null, links: { self: link(world, `/regions/${REGION}`) } }
}

export const catalogRoutes: readonly Route[] = [
  route('GET', '/v3/services', (call) => {
    const filters = ['type', 'name']
    enforce(call, 'identity:list_services', { filters })
    const rows = call.world.state.services.map((row) => showService(call.world, row))
    return list(call, 'services', filtered(call, rows, filters))
  }),
  route('GET', '/v3/services/:service_id', (call) => {
    enforce(call, 'identity:get_service')
    const row = call.world.state.services.get(param(call, 'service_id'))
    if (row === undefined) throw notFound('service', param(call, 'service_id'))
    return ok({ service: showService(call.world, row) })
  }),
  route('GET', '/v3/endpoints', (call) => {
    const filters = ['interface', 'service_id', 'region_id']
    enforce(call, 'identity:list_endpoints', { filters })
    const rows = allEndpoints(call.world)
      .flatMap(({ endpoints }) => endpoints)
      .map((row) => showEndpoint(call.world, row))
    return list(call, 'endpoints', filtered(call, rows, filters))
  }),
  route('GET', '/v3/endpoints/:endpoint_id', (call) => {
    enforce(call, 'identity:get_endpoint')
    const id = param(call, 'endpoint_id')
    const row = allEndpoints(call.world)
      .flatMap(({ endpoints }) => endpoints)
      .find((each) => each.id === id)
    if (row === undefined) throw notFound('endpoint', id)
    return ok({ endpoint: showEndpoint(call.world, row) })
  }),
  route('GET', '/v3/regions', (call) => {
    enforce(call, 'identity:list_regions', { filters: ['parent_region_id'] })
    return list(call, 'regions', [showRegion(call.world)])
  }),
  route('GET', '/v3/regions/:region_id', (call) => {
    enforce(call, 'identity:get_region')
    if (param(call, 'region_id') !== REGION) throw notFound('region', param(call, 'region_id'))
    return ok({ region: showRegion(call.world) })
  }),
]
