import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import type { ProjectSpec, Quotas } from '../../tenant/spec.ts'
import { section, table } from './piece.ts'

/** The tenant's file. */
export function asked({ asked: spec, file, evidence }: Report): Markup {
  return section(
    'asked',
    'Specification',
    html`${spec.description === undefined ? '' : html`<p>${spec.description}</p>`}
      <p>
        The file <code>${file}</code> specifies the domain <strong>${spec.tenant}</strong> with
        ${spec.projects.length === 1 ? 'one project' : `${spec.projects.length} projects`}. Its digest is
        <code>${evidence.digests.spec}</code>.
      </p>
      ${spec.projects.map((project) => projectTable(spec.tenant, project))}`,
  )
}

function projectTable(tenant: string, project: ProjectSpec): Markup {
  return table(
    `Project ${tenant}-${project.name}${project.description === undefined ? '' : `: ${project.description}`}`,
    [{ title: 'What' }, { title: 'Specified' }],
    [...quotaRows(project.quotas), ...networkRow(project), ...templateRow(project), ...clusterRow(project)],
  )
}

/** Rows of text, which Markdown shows as well. */
export function quotaRows(quotas: Quotas): readonly (readonly [string, string])[] {
  return Object.entries(quotas).flatMap(([service, values]) =>
    values === undefined ? [] : [[`quota of ${service.replace('_', ' ')}`, amounts(values)] as const],
  )
}

function amounts(values: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} ${value === -1 ? 'unlimited' : value}${unitOf(name)}`],
    )
    .join(', ')
}

/** In the units of the services: nova MiB, cinder GiB. */
function unitOf(name: string): string {
  if (name === 'ram') return ' MiB'
  return name.endsWith('gigabytes') ? ' GiB' : ''
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
