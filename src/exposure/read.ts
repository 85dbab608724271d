/** Reads what says where packets may go: the lists of a whole cloud, or those that touch the projects of one tenant. */
import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { hasService } from '../openstack/has-service.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import { listExtensions } from '../openstack/neutron/extensions.ts'
import {
  listPacketFloatingIps,
  listPacketGroups,
  listPacketNetworks,
  listPacketPolicies,
  listPacketPorts,
  listPacketRouters,
  listPacketSubnets,
} from '../openstack/neutron/packet-rows.ts'
import { listAmphorae } from '../openstack/octavia.ts'
import type { ShownList } from '../openstack/resource-requests.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { compareExposure } from './compare.ts'
import type { Compared } from './compare.ts'
import type { ExposureRows, ReadRows, RowKind, TenantOf } from './rows.ts'

export type ExposureOptions = {
  readonly operator: Session
  readonly tenantOf: TenantOf
  /** Only what touches these projects: their own rows, and all that is on their networks. Without: the whole cloud. */
  readonly projects?: readonly string[]
}

/** Read-only. What could not be read is a finding of severity `unknown`; without Neutron there is nothing to find. */
export async function exposureOf(options: ExposureOptions): Promise<Compared> {
  const { operator, tenantOf } = options
  if (!(await hasService(operator, 'network'))) return { findings: [], counts: [] }
  const parts = await readParts(options)
  const [extensions, amphorae] = await Promise.all([
    isLacking(parts) ? attempt(extensionsOf(operator)) : undefined,
    hasServicePorts(parts, tenantOf) ? attempt(amphoraeOf(operator)) : undefined,
  ])
  const aliases = extensions === undefined || extensions.refused !== undefined ? undefined : new Set(extensions.items)
  const compared = compareExposure(
    { ...rowsOf(parts), extensions: aliases, amphorae: new Set(amphorae?.items) },
    tenantOf,
  )
  const isLacked = (alias: string | undefined): boolean => alias !== undefined && aliases?.has(alias) === false
  const withoutList = rowKinds.filter((kind) => refusalOf(parts[kind].refused) === 404 && isLacked(extensionOf[kind]))
  const lacked = [...withoutList.map((kind) => extensionOf[kind]), ...fieldsLacking(parts)].filter(isLacked)
  const refused = [
    ...rowKinds.filter((kind) => !withoutList.includes(kind)).map((kind) => parts[kind]),
    extensions,
    amphorae,
  ]
  return {
    findings: [
      ...compared.findings,
      ...refused.flatMap((part) => (part?.refused === undefined ? [] : [unread(part.refused)])),
      ...[...new Set(lacked)].map((alias) => notOffered(alias ?? '')),
    ],
    counts: compared.counts,
  }
}

/** Of one tenant. Its domain is a project as well. */
export async function exposureOfDomain(
  operator: Session,
  domain: { readonly id: string; readonly name: string },
): Promise<readonly Finding[]> {
  try {
    const projects = (await listProjects(operator, { domain_id: domain.id })).map(({ id }) => id)
    const ids = new Set([...projects, domain.id])
    const tenantOf: TenantOf = (projectId) => (ids.has(projectId) ? domain.name : undefined)
    return (await exposureOf({ operator, tenantOf, projects: [...ids] })).findings
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    return [unread(error)]
  }
}

type Part<T> = ShownList<T> & { readonly refused?: CloudError }
type Parts = { readonly [Kind in RowKind]: Part<ExposureRows[Kind][number]> }

const rowKinds: readonly RowKind[] = ['networks', 'subnets', 'ports', 'routers', 'floatingIps', 'policies', 'groups']

async function readParts({ operator, projects }: ExposureOptions): Promise<Parts> {
  // networks, routers and policies of others count too: whose a network is, who has a route to here, who shares what
  const networks = attempt(listPacketNetworks(operator))
  const own = async (): Promise<Filter | undefined> =>
    projects && {
      network_id: (await networks).items.filter(({ project_id }) => projects.includes(project_id)).map(({ id }) => id),
    }
  const ofProjects = projects && { project_id: projects }
  const [subnets, onNetworks, ofTenant, routers, floatingIps, policies, groups] = await Promise.all([
    own().then((filter) => attempt(listFiltered(operator, listPacketSubnets, filter))),
    own().then((filter) => attempt(listFiltered(operator, listPacketPorts, filter))),
    attempt(listFiltered(operator, listPacketPorts, ofProjects ?? { project_id: [] })),
    attempt(listPacketRouters(operator)),
    attempt(listFiltered(operator, listPacketFloatingIps, ofProjects)),
    attempt(listPacketPolicies(operator)),
    attempt(listFiltered(operator, listPacketGroups, ofProjects)),
  ])
  return {
    networks: await networks,
    subnets,
    ports: joined(onNetworks, ofTenant),
    routers,
    floatingIps,
    policies,
    groups,
  }
}

async function attempt<T>(list: Promise<ShownList<T>>): Promise<Part<T>> {
  try {
    return await list
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    return { items: [], shownBy: '', refused: error }
  }
}

type Filter = Readonly<Record<string, readonly string[]>>

/** All of them without a filter. A filter of many ids is asked in parts, because a URL has a limit; one of none is not asked. */
async function listFiltered<T>(
  operator: Session,
  list: (session: Session, filter?: Filter) => Promise<ShownList<T>>,
  filter: Filter | undefined,
): Promise<ShownList<T>> {
  if (filter === undefined) return list(operator)
  const asked = Object.entries(filter).flatMap(([field, ids]) =>
    Array.from({ length: Math.ceil(ids.length / idsInUrl) }, (_, part) =>
      list(operator, { [field]: ids.slice(part * idsInUrl, (part + 1) * idsInUrl) }),
    ),
  )
  return merged(await Promise.all(asked))
}

/** 36 characters each, in a request line of 8190 bytes (Apache's limit). */
const idsInUrl = 100

function merged<T>(lists: readonly ShownList<T>[]): ShownList<T> {
  const shownBy = [...new Set(lists.map((list) => list.shownBy))].filter((one) => one !== '').join(', ')
  return { items: lists.flatMap(({ items }) => items), shownBy }
}

/** The ports on the tenant's networks and those of its projects are mostly the same. */
function joined<T extends { readonly id: string }>(one: Part<T>, other: Part<T>): Part<T> {
  const { items, shownBy } = merged([one, other])
  const refused = one.refused ?? other.refused
  const known = new Map(items.map((row) => [row.id, row]))
  return { items: [...known.values()], shownBy, ...(refused === undefined ? {} : { refused }) }
}

function rowsOf(parts: Parts): Pick<ReadRows, 'rows' | 'shownBy' | 'missing'> {
  const { networks, subnets, ports, routers, floatingIps, policies, groups } = parts
  return {
    rows: {
      networks: networks.items,
      subnets: subnets.items,
      ports: ports.items,
      routers: routers.items,
      floatingIps: floatingIps.items,
      policies: policies.items,
      groups: groups.items,
    },
    shownBy: {
      networks: networks.shownBy,
      subnets: subnets.shownBy,
      ports: ports.shownBy,
      routers: routers.shownBy,
      floatingIps: floatingIps.shownBy,
      policies: policies.shownBy,
      groups: groups.shownBy,
    },
    missing: new Set(rowKinds.filter((kind) => parts[kind].refused !== undefined)),
  }
}

/** What a list or a field comes with, and what is not there without it. neutron_lib 3.1, api/definitions. */
const extensionUses: Readonly<Record<string, string>> = {
  'rbac-policies': 'no policy gives one project the network of another',
  router: 'there are no routers and no floating IPs',
  'security-group': 'no security group filters a port',
  extraroute: 'no router has extra routes',
  'port-security': 'port security cannot be switched off',
  'allowed-address-pairs': 'no port may send as another address',
  'address-scope': 'no address scope keeps the networks of tenants apart',
}

const extensionOf: Readonly<Partial<Record<RowKind, string>>> = {
  policies: 'rbac-policies',
  routers: 'router',
  floatingIps: 'router',
  groups: 'security-group',
}

function fieldsLacking({ networks, ports, routers }: Parts): readonly string[] {
  const lacks: readonly (readonly [boolean, string])[] = [
    [routers.items.some(({ routes }) => routes === undefined), 'extraroute'],
    [ports.items.some(({ port_security_enabled }) => port_security_enabled === undefined), 'port-security'],
    [ports.items.some((port) => port.allowed_address_pairs === undefined), 'allowed-address-pairs'],
    [networks.items.some((network) => network.ipv4_address_scope === undefined), 'address-scope'],
  ]
  return lacks.flatMap(([isLacked, alias]) => (isLacked ? [alias] : []))
}

/** Only then the list of extensions is worth a request. */
function isLacking(parts: Parts): boolean {
  return rowKinds.some((kind) => refusalOf(parts[kind].refused) === 404) || fieldsLacking(parts).length > 0
}

async function extensionsOf(operator: Session): Promise<ShownList<string>> {
  return { items: (await listExtensions(operator)).map(({ alias }) => alias), shownBy: '' }
}

/** A load balancer has ports on the networks that it serves, which belong to the project of Octavia. */
function hasServicePorts({ networks, ports }: Parts, tenantOf: TenantOf): boolean {
  const hosts = new Set(
    networks.items.filter(({ project_id }) => tenantOf(project_id) !== undefined).map(({ id }) => id),
  )
  return ports.items.some(
    ({ network_id, project_id, device_owner }) =>
      hosts.has(network_id) && tenantOf(project_id) === undefined && !device_owner.startsWith('network:'),
  )
}

async function amphoraeOf(operator: Session): Promise<ShownList<string>> {
  if (!(await hasService(operator, 'load-balancer'))) return { items: [], shownBy: '' }
  const ids = (await listAmphorae(operator)).flatMap(({ vrrp_port_id, compute_id }) => [vrrp_port_id, compute_id])
  return { items: ids.flatMap((id) => (id === null || id === '' ? [] : [id])), shownBy: '' }
}

function unread(error: CloudError): Finding {
  return {
    code: 'exposure/unread',
    severity: 'unknown',
    where: error.service,
    message: `it is not known where packets may go: ${error.message}`,
    remedy: 'let the account of the operator read it, or repair the service that does not answer; then look again',
    owner: 'operator',
  }
}

function notOffered(alias: string): Finding {
  return {
    code: 'exposure/no-extension',
    severity: 'info',
    where: `extension ${alias}`,
    message: `this Neutron does not have it, so ${extensionUses[alias] ?? 'nothing is to be read'}`,
    owner: 'operator',
  }
}
