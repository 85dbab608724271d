/** A tenant that is on the cloud, as its file would say it. Pure. */
import type { ClusterTemplate } from '../openstack/magnum/cluster-templates.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { marker } from '../tenant/names.ts'
import type { FoundTenant } from './found.ts'
import type { ProjectDraft, TenantDraft } from './render.ts'

export type Described = {
  readonly draft: TenantDraft
  /** What is there and a file cannot say. */
  readonly left: readonly string[]
}

export function describeTenant({ domain, projects: found, left: unnamed }: FoundTenant, cloud: string): Described {
  const tenant = domain.name
  const chosen = new Map<string, Set<string>>()
  const choose = (key: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined) chosen.set(key, (chosen.get(key) ?? new Set()).add(value))
  }
  const projects = found.map(({ name, project, limits, subnet, router, template, cluster }): ProjectDraft => {
    choose('external_network', router?.external_gateway_info?.network_id)
    choose('image', template?.image_id)
    choose('flavor', template?.flavor_id)
    if (template?.master_flavor_id !== template?.flavor_id) choose('master_flavor', template?.master_flavor_id)
    return {
      name,
      description: withoutMarker(tenant, project.description),
      quotas: limits,
      network: subnet === undefined ? undefined : { cidr: subnet.cidr, dns: subnet.dns_nameservers },
      template: template === undefined ? undefined : templateDraft(template),
      cluster: cluster === undefined ? undefined : clusterDraft(cluster, template),
    }
  })
  const left = [...unnamed]
  const overrides = [...chosen].map(([key, values]) => {
    const [value = '', ...others] = values
    if (others.length > 0) left.push(`\`${key}\` differs between projects: ${[...values].join(', ')}`)
    return { key, value, comment: '' }
  })
  const description = withoutMarker(tenant, domain.description)
  return { draft: { tenant, cloud, description, overrides, projects }, left }
}

function withoutMarker(tenant: string, description: string | null | undefined): string | undefined {
  const text = (description ?? '').replace(marker(tenant), '').trim()
  return text === '' ? undefined : text.slice(0, 200)
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
