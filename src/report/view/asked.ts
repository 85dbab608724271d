import { quotaServices, quotaTable } from '../../openstack/quotas.ts'
import type { QuotaRow } from '../../openstack/quotas.ts'
import { serviceTable } from '../../openstack/services.ts'
import type { ProjectSpec, Quotas } from '../../tenant/spec.ts'
import type { Report } from '../report.ts'
import { paragraph, section, table } from './block.ts'
import type { Block, SectionView } from './block.ts'
import { code, strong } from './text.ts'

/** The tenant's file. */
export function asked({ asked: spec, file, evidence }: Report): SectionView {
  const { tenant, description, projects } = spec
  return section(
    'asked',
    'Specification',
    ...(description === undefined ? [] : [paragraph(description)]),
    paragraph([
      'The file ',
      code(file),
      ' asks for the domain ',
      strong(tenant),
      ` with ${projects.length === 1 ? 'one project' : `${projects.length} projects`}. Its digest is `,
      code(evidence.digests.spec),
      '.',
    ]),
    ...projects.map((project) => projectTable(tenant, project)),
  )
}

function projectTable(tenant: string, project: ProjectSpec): Block {
  return table(
    `Project ${tenant}-${project.name}${project.description === undefined ? '' : `: ${project.description}`}`,
    ['What', 'Specified'],
    [...quotaRows(project.quotas), ...networkRow(project), ...templateRow(project), ...clusterRow(project)],
  )
}

type Row = readonly [string, string]

function quotaRows(quotas: Quotas): readonly Row[] {
  return quotaServices.flatMap((service) => {
    const limits = quotas[service]
    if (limits === undefined) return []
    const { type, keys } = quotaTable[service]
    return [[`quota of ${serviceTable[type].label}`, amounts(limits, keys)] as const]
  })
}

function amounts(limits: Readonly<Record<string, number | undefined>>, keys: QuotaRow['keys']): string {
  return Object.entries(limits)
    .flatMap(([key, limit]) => {
      if (limit === undefined) return []
      const unit = keys[key]?.unit ?? 'count'
      return [`${key} ${limit === -1 ? 'unlimited' : limit}${unit === 'count' ? '' : ` ${unit}`}`]
    })
    .join(', ')
}

function networkRow({ network }: ProjectSpec): readonly Row[] {
  if (network === undefined) return []
  const prefix = network.cidr ?? `the first free prefix of ${network.pool ?? 'the pool'}`
  const dns = network.dns.length === 0 ? '' : `, name servers ${network.dns.join(', ')}`
  return [['network', `${prefix}${dns}, with a router that translates to the external network`]]
}

function templateRow({ template }: ProjectSpec): readonly Row[] {
  if (template === undefined) return []
  const parts = [
    `Kubernetes with ${template.network_driver}`,
    `pinned to the project's network: ${template.pin}`,
    `load balancer before the masters: ${template.master_lb_enabled ? 'yes' : 'no'}`,
    `floating addresses: ${template.floating_ip_enabled ? 'yes' : 'no'}`,
  ]
  return [['cluster template', parts.join(', ')]]
}

function clusterRow({ cluster }: ProjectSpec): readonly Row[] {
  if (cluster === undefined) return []
  return [['cluster', `${cluster.master_count} master, ${cluster.node_count} node`]]
}
