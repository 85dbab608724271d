/** A tenant that is on the cloud, as its file would say it. Reads as an operator, and changes nothing. */
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { hasService } from '../openstack/has-service.ts'
import { listClusterTemplates } from '../openstack/magnum/cluster-templates.ts'
import type { ClusterTemplate } from '../openstack/magnum/cluster-templates.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { listNetworks } from '../openstack/neutron/networks.ts'
import { listRouters } from '../openstack/neutron/routers.ts'
import { listSubnets } from '../openstack/neutron/subnets.ts'
import { quotaServices, quotaTable } from '../openstack/quotas.ts'
import type { Limits, QuotaService } from '../openstack/quotas.ts'
import type { Session } from '../openstack/session.ts'
import { marker, projectNames } from '../tenant/names.ts'
import type { ProjectNames } from '../tenant/names.ts'
import type { ProjectDraft, TenantDraft } from './render.ts'

export type Described = {
  readonly draft: TenantDraft
  /** What is there and a file cannot say. */
  readonly left: readonly string[]
}

export async function describeTenant(operator: Session<'operator'>, domain: Domain, cloud: string): Promise<Described> {
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
  const chosen = new Map<string, Set<string>>()
  const choose = (key: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined) chosen.set(key, (chosen.get(key) ?? new Set()).add(value))
  }
  const projects: ProjectDraft[] = []
  for (const [index, project] of ours.entries()) {
    const name = shortName(tenant, project.name) ?? ''
    const names = projectNames(tenant, name, index === 0)
    const network = networks.find((one) => one.project_id === project.id && one.name === names.network)
    const subnet = subnets.find((one) => one.network_id === network?.id && one.name === names.subnet)
    const router = routers.find((one) => one.project_id === project.id && one.name === names.router)
    const template = templates.find((one) => one.project_id === project.id && one.name === names.template)
    const cluster = clusters.find((one) => one.project_id === project.id && one.name === names.cluster)
    choose('external_network', router?.external_gateway_info?.network_id)
    choose('image', template?.image_id)
    choose('flavor', template?.flavor_id)
    if (template?.master_flavor_id !== template?.flavor_id) choose('master_flavor', template?.master_flavor_id)
    left.push(...notOurs(project, names, { networks, routers, templates, clusters }))
    projects.push({
      name,
      description: withoutMarker(tenant, project.description),
      quotas: await quotasOf(operator, project.id, services, template !== undefined),
      network: subnet === undefined ? undefined : { cidr: subnet.cidr, dns: subnet.dns_nameservers },
      template: template === undefined ? undefined : templateDraft(template),
      cluster: cluster === undefined ? undefined : clusterDraft(cluster, template),
    })
  }
  const overrides = [...chosen].map(([key, values]) => {
    const [value = '', ...others] = values
    if (others.length > 0) left.push(`\`${key}\` differs between projects: ${[...values].join(', ')}`)
    return { key, value, comment: '' }
  })
  const description = withoutMarker(tenant, domain.description)
  return { draft: { tenant, cloud, description, overrides, projects }, left }
}

/** `prod` of `acme-prod`. */
function shortName(tenant: string, project: string): string | undefined {
  const name = project.startsWith(`${tenant}-`) ? project.slice(tenant.length + 1) : ''
  return /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/.test(name) ? name : undefined
}

function withoutMarker(tenant: string, description: string | null | undefined): string | undefined {
  const text = (description ?? '').replace(marker(tenant), '').trim()
  return text === '' ? undefined : text.slice(0, 200)
}

async function servicesOf(operator: Session<'operator'>): Promise<readonly QuotaService[]> {
  const there = await Promise.all(quotaServices.map((service) => hasService(operator, quotaTable[service].type)))
  return quotaServices.filter((_, index) => there[index] === true)
}

/** Of the keys that a file may have. Magnum's limit only where clusters are made: elsewhere it is the cloud's default. */
async function quotasOf(
  operator: Session<'operator'>,
  projectId: string,
  services: readonly QuotaService[],
  hasTemplate: boolean,
): Promise<ProjectDraft['quotas']> {
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

function templateDraft(template: ClusterTemplate): Readonly<Record<string, unknown>> {
  return {
    pin: template.fixed_network === null ? 'off' : 'required',
    network_driver: template.network_driver ?? 'calico',
    docker_storage_driver: template.docker_storage_driver ?? 'overlay2',
    master_lb_enabled: template.master_lb_enabled,
    floating_ip_enabled: template.floating_ip_enabled,
    ...(Object.keys(template.labels).length === 0 ? {} : { labels: template.labels }),
  }
}

/** Its labels without those that it has from the template. */
function clusterDraft(cluster: Cluster, template: ClusterTemplate | undefined): Readonly<Record<string, unknown>> {
  const own = Object.entries(cluster.labels).filter(([key, text]) => template?.labels[key] !== text)
  return {
    master_count: cluster.master_count,
    node_count: cluster.node_count,
    ...(cluster.create_timeout === undefined ? {} : { create_timeout: cluster.create_timeout }),
    ...(own.length === 0 ? {} : { labels: Object.fromEntries(own) }),
  }
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
