/** A tenant that is on the cloud, by the names that this program gives. Reads as an operator, and changes nothing. */
import { hasService } from '../openstack/has-service.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listClusterTemplates } from '../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate } from '../openstack/magnum/cluster-templates.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { listNetworks } from '../openstack/neutron/networks.ts'
import type { Network } from '../openstack/neutron/networks.ts'
import { listRouters } from '../openstack/neutron/routers.ts'
import type { Router } from '../openstack/neutron/routers.ts'
import { listSubnets } from '../openstack/neutron/subnets.ts'
import type { Subnet } from '../openstack/neutron/subnets.ts'
import { quotaServices, quotaTable } from '../openstack/quotas.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import type { Session } from '../openstack/session.ts'
import { projectNames } from '../tenant/names.ts'
import type { ProjectNames } from '../tenant/names.ts'

export type FoundProject = {
  /** `prod` of `acme-prod`. */
  readonly name: string
  readonly names: ProjectNames
  readonly project: Project
  /** Of the keys that a tenant file may have. */
  readonly limits: Readonly<Partial<Record<QuotaService, Limits>>>
  readonly network: Network | undefined
  readonly subnet: Subnet | undefined
  readonly router: Router | undefined
  readonly template: ClusterTemplate | undefined
  readonly cluster: Cluster | undefined
}

export type FoundTenant = {
  readonly domain: Domain
  /** The first one first: its network resources are called after the tenant alone. */
  readonly projects: readonly FoundProject[]
  /** What is there under names that are not ours. */
  readonly left: readonly string[]
}

export async function findTenant(operator: Session<'operator'>, domain: Domain): Promise<FoundTenant> {
  const tenant = domain.name
  const [all, networks, subnets, routers, hasMagnum, services] = await Promise.all([
    listProjects(operator, { domain_id: domain.id }),
    listNetworks(operator),
    listSubnets(operator),
    listRouters(operator),
    hasService(operator, 'container-infra'),
    servicesOf(operator),
  ])
  const [templates, clusters] = hasMagnum
    ? await Promise.all([listClusterTemplates(operator), listClustersInDetail(operator)])
    : [[], []]
  const left = all
    .filter(({ name }) => shortName(tenant, name) === undefined)
    .map(({ name }) => `project \`${name}\`: its name does not begin with \`${tenant}-\``)
  // network resources of the first project are called after the tenant alone
  const isFirst = (project: Project): boolean => {
    const names = projectNames(tenant, '', true)
    const own = (one: { readonly name: string | null; readonly project_id: string }, name: string): boolean =>
      one.project_id === project.id && one.name === name
    return networks.some((one) => own(one, names.network)) || templates.some((one) => own(one, names.template))
  }
  const ours = all
    .filter(({ name }) => shortName(tenant, name) !== undefined)
    .toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || a.name.localeCompare(b.name))
  const projects: FoundProject[] = []
  for (const [index, project] of ours.entries()) {
    const name = shortName(tenant, project.name) ?? ''
    const names = projectNames(tenant, name, index === 0)
    const network = networks.find((one) => one.project_id === project.id && one.name === names.network)
    const template = templates.find((one) => one.project_id === project.id && one.name === names.template)
    left.push(...notOurs(project, names, { networks, routers, templates, clusters }))
    projects.push({
      name,
      names,
      project,
      limits: await limitsOf(operator, project.id, services, template !== undefined),
      network,
      subnet: subnets.find((one) => one.network_id === network?.id && one.name === names.subnet),
      router: routers.find((one) => one.project_id === project.id && one.name === names.router),
      template,
      cluster: clusters.find((one) => one.project_id === project.id && one.name === names.cluster),
    })
  }
  return { domain, projects, left }
}

/** `prod` of `acme-prod`. */
function shortName(tenant: string, project: string): string | undefined {
  const name = project.startsWith(`${tenant}-`) ? project.slice(tenant.length + 1) : ''
  return /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/.test(name) ? name : undefined
}

async function servicesOf(operator: Session<'operator'>): Promise<readonly QuotaService[]> {
  const there = await Promise.all(quotaServices.map((service) => hasService(operator, quotaTable[service].type)))
  return quotaServices.filter((_, index) => there[index] === true)
}

/** Of the keys that a file may have. Magnum's limit only where clusters are made: elsewhere it is the cloud's default. */
async function limitsOf(
  operator: Session<'operator'>,
  projectId: string,
  services: readonly QuotaService[],
  hasTemplate: boolean,
): Promise<FoundProject['limits']> {
  const asked = services.filter((service) => service !== 'container_infra' || hasTemplate)
  const read = await Promise.all(
    asked.map(async (service) => {
      const { keys, read: readLimits } = quotaTable[service]
      const limits: Limits = await readLimits(operator, projectId)
      return [service, Object.fromEntries(Object.entries(limits).filter(([key]) => key in keys))] as const
    }),
  )
  return Object.fromEntries(read)
}

type Found = {
  readonly networks: readonly { readonly name: string; readonly project_id: string }[]
  readonly routers: readonly { readonly name: string; readonly project_id: string }[]
  readonly templates: readonly { readonly name: string | null; readonly project_id: string }[]
  readonly clusters: readonly { readonly name: string; readonly project_id: string }[]
}

function notOurs(project: Project, names: ProjectNames, found: Found): readonly string[] {
  const kinds = [
    ['network', found.networks, names.network],
    ['router', found.routers, names.router],
    ['cluster template', found.templates, names.template],
    ['cluster', found.clusters, names.cluster],
  ] as const
  return kinds.flatMap(([kind, all, ours]) =>
    all
      .filter((one) => one.project_id === project.id && one.name !== ours)
      .map(({ name }) => `${kind} \`${name ?? ''}\` of project \`${project.name}\`: a file names it \`${ours}\``),
  )
}
