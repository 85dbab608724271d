/**
 * Things whose project Keystone no longer knows. Other services keep what a project had, and no list by project shows
 * it to somebody who does not know the id. So everything of every service is compared with Keystone's projects.
 */
import type { Finding } from '../finding.ts'
import { listVolumeBackups, listVolumes, listVolumeSnapshots } from '../openstack/cinder.ts'
import { listImages } from '../openstack/glance.ts'
import { hasService } from '../openstack/has-service.ts'
import { findDomain, listDomains } from '../openstack/keystone/domains.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import { listClusterTemplates } from '../openstack/magnum/cluster-templates.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import { trusteeOf } from '../openstack/magnum/made-names.ts'
import { extensionObjects, listExtensionObjects } from '../openstack/neutron/extension-objects.ts'
import { listExtensions } from '../openstack/neutron/extensions.ts'
import { listFloatingIps } from '../openstack/neutron/floating-ips.ts'
import { listNetworks } from '../openstack/neutron/networks.ts'
import { listPorts } from '../openstack/neutron/ports.ts'
import { listRouters } from '../openstack/neutron/routers.ts'
import { listSecurityGroups } from '../openstack/neutron/security-groups.ts'
import { listSubnets } from '../openstack/neutron/subnets.ts'
import { listServerGroups, listServers } from '../openstack/nova.ts'
import { listLoadBalancers } from '../openstack/octavia.ts'
import type { ServiceType } from '../openstack/services.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { madeIds } from '../tenant/evidence.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { carriesMarker, markedTenant } from '../tenant/names.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { unseen } from './not-shown.ts'

/** One object, as far as attributing needs it. */
type Thing = {
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly description?: string | null | undefined
}

/** A deleted project of which other services keep something. */
export type DeletedProject = { readonly id: string; readonly things: readonly Thing[] }

export type Ownerless = {
  readonly projects: readonly DeletedProject[]
  /** Lists that could not be read. */
  readonly findings: readonly Finding[]
}

type Look = {
  readonly service: ServiceType
  readonly kind: string
  readonly list: (operator: Session, magnumDomain: string) => Promise<readonly Omit<Thing, 'kind'>[]>
}

/** All lists of a cloud that name the project of each object. Stacks and secrets have none: only their project lists them. */
const looks: readonly Look[] = [
  { service: 'network', kind: 'network', list: async (operator) => (await listNetworks(operator)).map(inNeutron) },
  { service: 'network', kind: 'subnet', list: async (operator) => (await listSubnets(operator)).map(inNeutron) },
  { service: 'network', kind: 'router', list: async (operator) => (await listRouters(operator)).map(inNeutron) },
  { service: 'network', kind: 'port', list: async (operator) => (await listPorts(operator)).map(inNeutron) },
  {
    service: 'network',
    kind: 'security group',
    list: async (operator) => (await listSecurityGroups(operator)).map(inNeutron),
  },
  {
    service: 'network',
    kind: 'floating IP',
    list: async (operator) =>
      (await listFloatingIps(operator)).map((one) => inNeutron({ ...one, name: one.floating_ip_address })),
  },
  {
    service: 'network',
    kind: 'object of an extension',
    list: async (operator) => {
      const there = new Set((await listExtensions(operator)).map(({ alias }) => alias))
      const each = (['trunk', 'subnet_allocation', 'address-scope', 'address-group', 'qos'] as const)
        .filter((alias) => there.has(alias))
        .map(async (alias) =>
          (await listExtensionObjects(operator, alias)).map((one) =>
            inNeutron({ ...one, name: `${extensionObjects[alias].kind} ${one.name}` }),
          ),
        )
      return (await Promise.all(each)).flat()
    },
  },
  {
    service: 'load-balancer',
    kind: 'load balancer',
    list: async (operator) => (await listLoadBalancers(operator)).map(inNeutron),
  },
  {
    service: 'compute',
    kind: 'server',
    list: async (operator) =>
      (await listServers(operator, 'everywhere')).map(({ id, name, tenant_id }) => ({
        id,
        name,
        projectId: tenant_id,
      })),
  },
  {
    service: 'compute',
    kind: 'server group',
    list: async (operator) => (await listServerGroups(operator)).map(inNeutron),
  },
  {
    service: 'block-storage',
    kind: 'volume',
    list: async (operator) =>
      (await listVolumes(operator, 'everywhere')).map((one) => ({
        id: one.id,
        name: one.name,
        projectId: one['os-vol-tenant-attr:tenant_id'] ?? '',
      })),
  },
  {
    service: 'block-storage',
    kind: 'volume snapshot',
    list: async (operator) =>
      (await listVolumeSnapshots(operator, 'everywhere')).map((one) => ({
        id: one.id,
        name: one.name,
        projectId: one['os-extended-snapshot-attributes:project_id'] ?? '',
      })),
  },
  {
    service: 'block-storage',
    kind: 'volume backup',
    list: async (operator) =>
      (await listVolumeBackups(operator, 'everywhere')).map((one) => ({
        id: one.id,
        name: one.name ?? '',
        projectId: one['os-backup-project-attr:project_id'] ?? '',
      })),
  },
  {
    service: 'image',
    kind: 'image',
    list: async (operator) =>
      (await listImages(operator, { visibility: 'all' })).map(({ id, name, owner }) => ({
        id,
        name: name ?? '',
        projectId: owner ?? '',
      })),
  },
  {
    service: 'container-infra',
    kind: 'cluster',
    list: async (operator) =>
      (await listClustersInDetail(operator)).map(({ uuid, name, project_id }) => ({
        id: uuid,
        name,
        projectId: project_id,
      })),
  },
  {
    service: 'container-infra',
    kind: 'cluster template',
    list: async (operator) =>
      (await listClusterTemplates(operator)).map(({ uuid, name, project_id }) => ({
        id: uuid,
        name: name ?? '',
        projectId: project_id,
      })),
  },
  {
    service: 'identity',
    kind: 'trustee',
    list: async (operator, magnumDomain) => {
      const domain = await findDomain(operator, magnumDomain)
      if (domain === undefined) return []
      const users = await listUsers(operator, { domain_id: domain.id })
      return users.map(({ id, name }) => ({ id, name, projectId: trusteeOf(name)?.project ?? '' }))
    },
  },
]

function inNeutron(one: {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly description?: string | undefined
}): Omit<Thing, 'kind'> {
  return { id: one.id, name: one.name, projectId: one.project_id, description: one.description }
}

export async function findOwnerless(operator: Session, magnumDomain: string): Promise<Ownerless> {
  const [projects, domains, read] = await Promise.all([
    listProjects(operator),
    listDomains(operator),
    Promise.all(looks.map((look) => readThings(look, operator, magnumDomain))),
  ])
  const known = new Set([...projects, ...domains].map(({ id }) => id))
  const byProject = new Map<string, Thing[]>()
  for (const thing of read.flatMap(({ things }) => things)) {
    // Neutron's own objects have no project
    if (thing.projectId === '' || known.has(thing.projectId)) continue
    byProject.set(thing.projectId, [...(byProject.get(thing.projectId) ?? []), thing])
  }
  return {
    projects: [...byProject].map(([id, things]) => ({ id, things })),
    findings: read.flatMap(({ finding }) => finding ?? []),
  }
}

async function readThings(
  { service, kind, list }: Look,
  operator: Session,
  magnumDomain: string,
): Promise<{ readonly things: readonly Thing[]; readonly finding?: Finding }> {
  if (!(await hasService(operator, service))) return { things: [] }
  try {
    return { things: (await list(operator, magnumDomain)).map((one) => ({ ...one, kind })) }
  } catch (error) {
    const status = refusalOf(error)
    if (status === undefined) throw error
    const message = `answers ${status} to the list of every ${kind}: what deleted projects left there is not known`
    return { things: [], finding: unseen(`service ${service}`, message) }
  }
}

/**
 * Pure: the deleted projects that were the tenant's. Something in them carries our marker, or is in the evidence; with
 * `adopt`, something that has the name of one of our own objects is enough.
 */
export function attribute(
  { projects }: Ownerless,
  tenant: Tenant,
  records: readonly EvidenceRecord[],
  adopt: boolean,
): ReadonlySet<string> {
  const made = madeIds(records)
  const isOurs = (thing: Thing): boolean =>
    carriesMarker(tenant.spec.tenant, thing.description) ||
    made.has(thing.id) ||
    (adopt && isNamedLikeOurs(thing, tenant))
  return new Set(projects.filter(({ things }) => things.some(isOurs)).map(({ id }) => id))
}

function isNamedLikeOurs({ name }: Thing, { projects }: Tenant): boolean {
  return projects.some(({ names }) =>
    [names.network, names.subnet, names.router, names.template, names.cluster].includes(name),
  )
}

/** Pure: what is left of deleted projects that nobody can attribute. Another tenant's marker does attribute. */
export function judgeOwnerless(
  { projects, findings }: Ownerless,
  tenant: Tenant,
  ours: ReadonlySet<string>,
): readonly Finding[] {
  const nobodys = projects.filter(
    ({ id, things }) => !ours.has(id) && !things.some(({ description }) => markedTenant(description) !== undefined),
  )
  return [
    ...findings,
    ...nobodys.map(({ id, things }): Finding => {
      const isLike = things.some((thing) => isNamedLikeOurs(thing, tenant))
      return {
        code: 'offboard/ownerless',
        severity: 'unknown',
        where: `project ${id}`,
        message: `is not known to Keystone, and ${listed(things)} still belong to it: ${
          isLike ? `a name is like one of ${tenant.spec.tenant}` : 'nothing shows whose they are'
        }`,
        remedy: isLike
          ? 'make sure that they are the tenant you mean, then use `--adopt`'
          : 'find out whose they were, and delete them by hand',
        owner: 'operator',
      }
    }),
  ]
}

const most = 8

function listed(things: readonly Thing[]): string {
  const named = things.slice(0, most).map(({ kind, name, id }) => `${kind} \`${name === '' ? id : name}\``)
  const rest = things.length - named.length
  return `${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`
}
