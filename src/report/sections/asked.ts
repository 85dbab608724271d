import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { quotaServices, quotaTable } from '../../openstack/quotas.ts'
import type { QuotaRow } from '../../openstack/quotas.ts'
import { serviceTable } from '../../openstack/services.ts'
import type { ProjectSpec, Quotas } from '../../tenant/spec.ts'
import { section, table } from './piece.ts'

/** What the tenant's file says. */
export function asked({ asked: spec, file, evidence }: Report): Markup {
  return section(
    'asked',
    'What was asked',
    html`${spec.description === undefined ? '' : html`<p>${spec.description}</p>`}
      <p>
        The file <code>${file}</code> asks for the domain <strong>${spec.tenant}</strong> with
        ${spec.projects.length === 1 ? 'one project' : `${spec.projects.length} projects`}. Its digest is
        <code>${evidence.digests.spec}</code>.
      </p>
      ${spec.projects.map((project) => projectTable(spec.tenant, project))}`,
  )
}

function projectTable(tenant: string, project: ProjectSpec): Markup {
  return table(
    `Project ${tenant}-${project.name}${project.description === undefined ? '' : `: ${project.description}`}`,
    [{ title: 'What' }, { title: 'Asked for' }],
    [...quotaRows(project.quotas), ...networkRow(project), ...templateRow(project), ...clusterRow(project)],
  )
}

/** Rows of text, which Markdown shows as well. */
export function quotaRows(quotas: Quotas): readonly (readonly [string, string])[] {
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

export function networkRow({ network }: ProjectSpec): readonly (readonly [string, string])[] {
  if (network === undefined) return []
  const prefix = network.cidr ?? `the first free prefix of ${network.pool ?? 'the pool'}`
  const dns = network.dns.length === 0 ? '' : `, name servers ${network.dns.join(', ')}`
  return [['network', `${prefix}${dns}, with a router that translates to the external network`]]
}

export function templateRow({ template }: ProjectSpec): readonly (readonly [string, string])[] {
  if (template === undefined) return []
  const parts = [
    `Kubernetes with ${template.network_driver}`,
    `pinned to the project's network: ${template.pin}`,
    `load balancer before the masters: ${template.master_lb_enabled ? 'yes' : 'no'}`,
    `floating addresses: ${template.floating_ip_enabled ? 'yes' : 'no'}`,
  ]
  return [['cluster template', parts.join(', ')]]
}

export function clusterRow({ cluster }: ProjectSpec): readonly (readonly [string, string])[] {
  if (cluster === undefined) return []
  return [['cluster', `${cluster.master_count} master, ${cluster.node_count} node`]]
}
