/** The service catalog of a token, and the place of a service in it. */
import { listOf, object, optional, text } from './shape.ts'
import type { Read } from './shape.ts'
import { serviceTable, serviceTypes } from './services.ts'
import type { ServiceRow, ServiceType } from './services.ts'

export type Interface = 'public' | 'internal' | 'admin'

export type CatalogEndpoint = {
  readonly interface: string
  readonly region_id?: string | undefined
  readonly region?: string | undefined
  readonly url: string
}

export type CatalogService = {
  /** Absent in the templated catalog. */
  readonly id?: string | undefined
  readonly type: string
  readonly name?: string | undefined
  readonly endpoints: readonly CatalogEndpoint[]
}

export const catalog: Read<readonly CatalogService[]> = listOf(
  object<CatalogService>({
    id: optional(text),
    type: text,
    name: optional(text),
    endpoints: listOf(
      object<CatalogEndpoint>({ interface: text, region_id: optional(text), region: optional(text), url: text }),
    ),
  }),
)

export type EndpointQuery = {
  readonly service: ServiceType
  readonly region?: string | undefined
  readonly interface: Interface
  /** The project of the token, for services with the project in the path. */
  readonly projectId?: string | undefined
  /** Addresses that clouds.yaml gives in the place of the catalog's. */
  readonly overrides?: EndpointOverrides | undefined
}

export type EndpointOverrides = Readonly<Partial<Record<ServiceType, string>>>

/** The regions of the services that we use. One of them has to be chosen if there are several. */
export function regionsOf(services: readonly CatalogService[], wanted: Interface): readonly string[] {
  const ours = new Set(serviceTypes.filter((type) => type !== 'identity').flatMap((type) => serviceTable[type].types))
  const endpoints = services.filter(({ type }) => ours.has(type)).flatMap((service) => service.endpoints)
  return [...new Set(endpoints.filter((endpoint) => isOf(endpoint, wanted)).map(regionOf))].sort()
}

/** The region that was chosen, or the only one of the catalog; `undefined` if that leaves several. */
export function regionIn(
  services: readonly CatalogService[],
  {
    region,
    interface: wanted = 'public',
  }: { readonly region?: string | undefined; readonly interface?: Interface | undefined },
): string | undefined {
  if (region !== undefined) return region
  const [only, ...others] = regionsOf(services, wanted)
  return others.length === 0 ? only : undefined
}

/** The base URL, with version and without a trailing slash; or the reason why there is none. */
export function findEndpoint(
  services: readonly CatalogService[],
  query: EndpointQuery,
): { readonly url: string } | { readonly missing: string } {
  const row = serviceTable[query.service]
  const override = query.overrides?.[query.service]
  if (override !== undefined) return normalise(override, row, query)
  const offered = row.types.flatMap((type) => services.filter((service) => service.type === type))
  if (offered.length === 0) return { missing: `the catalog has no \`${query.service}\` service` }
  const endpoints = offered.flatMap((service) => service.endpoints)
  const inRegion = endpoints.filter((endpoint) => query.region === undefined || regionOf(endpoint) === query.region)
  if (inRegion.length === 0) {
    const regions = [...new Set(endpoints.map(regionOf))].join('`, `')
    return {
      missing: `the catalog has no \`${query.service}\` in region \`${query.region ?? ''}\`, only in \`${regions}\`: correct it where it is named: \`region_name\` of the entry in clouds.yaml, OS_REGION_NAME or --region`,
    }
  }
  const found = inRegion.find((endpoint) => isOf(endpoint, query.interface))
  if (found === undefined) {
    const others = [...new Set(inRegion.map((endpoint) => endpoint.interface))].join('`, `')
    return { missing: `\`${query.service}\` has no ${query.interface} endpoint in the catalog, only \`${others}\`` }
  }
  return normalise(found.url, row, query)
}

function normalise(
  url: string,
  row: ServiceRow,
  query: EndpointQuery,
): { readonly url: string } | { readonly missing: string } {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    return { missing: `the catalog's URL of \`${query.service}\` is not an http URL: \`${url}\`` }
  }
  const parsed = new URL(url)
  // the version is followed by the project id that Keystone filled in, or by nothing
  const root = parsed.pathname.replace(/\/v\d+(\.\d+)?(\/[^/]*)?\/?$/, '').replace(/\/+$/, '')
  const base = `${parsed.origin}${root}/${row.version}`
  if (!row.endsWithProject) return { url: base }
  if (query.projectId === undefined) return { missing: `\`${query.service}\` needs a token of a project` }
  return { url: `${base}/${query.projectId}` }
}

function isOf(endpoint: CatalogEndpoint, wanted: Interface): boolean {
  return endpoint.interface.replace(/URL$/, '') === wanted
}

function regionOf(endpoint: CatalogEndpoint): string {
  return endpoint.region_id ?? endpoint.region ?? ''
}
