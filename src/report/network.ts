import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import { clusterOf } from '../onboarding/stages/cluster.ts'
import { routerOf } from '../onboarding/stages/router.ts'
import { networkOf, subnetOf } from '../onboarding/stages/subnet.ts'
import { textsIn } from './probe-record.ts'
import type { ReadCheck } from './standing.ts'

/** How a project reaches the outside: what the file says, and what a gate read. Absent if nothing was read. */
export type NetworkReport = {
  readonly project: string
  readonly external?: string | undefined
  readonly router: { readonly name: string; readonly status?: string | undefined; readonly ok?: boolean | undefined }
  readonly snat: { readonly addresses: readonly string[]; readonly isOn?: boolean | undefined }
  readonly network: { readonly name: string; readonly id?: string | undefined; readonly ok?: boolean | undefined }
  readonly subnet: { readonly name: string; readonly cidr?: string | undefined; readonly ok?: boolean | undefined }
  readonly cluster?: ClusterReport
}

export type ClusterReport = {
  readonly name: string
  readonly status?: string | undefined
  readonly ok?: boolean | undefined
  readonly api?: string | undefined
  readonly masters: readonly string[]
  readonly nodes: readonly string[]
}

export function networksOf(tenant: Tenant, checks: readonly ReadCheck[]): readonly NetworkReport[] {
  return tenant.projects
    .filter(({ spec }) => spec.network !== undefined)
    .map((project) => networkReport(tenant, project, checks))
}

function networkReport(tenant: Tenant, project: TenantProject, checks: readonly ReadCheck[]): NetworkReport {
  const { names, spec } = project
  const router = readingOf(checks, routerOf(tenant, project).id)
  const network = readingOf(checks, networkOf(tenant, project).id)
  const subnet = readingOf(checks, subnetOf(tenant, project).id)
  const external = textsIn(router.value['network'])['name'] ?? tenant.facts.external_network
  const isOn = router.value['enable_snat']
  const cidr = subnet.texts['cidr'] ?? spec.network?.cidr
  return {
    project: names.project,
    external,
    router: { name: names.router, status: router.texts['status'], ok: router.ok },
    snat: { addresses: textList(router.value['addresses']), isOn: typeof isOn === 'boolean' ? isOn : undefined },
    network: { name: names.network, id: network.texts['id'], ok: network.ok },
    subnet: { name: names.subnet, cidr, ok: subnet.ok },
    ...(spec.cluster === undefined ? {} : { cluster: clusterReport(tenant, project, checks) }),
  }
}

function clusterReport(tenant: Tenant, project: TenantProject, checks: readonly ReadCheck[]): ClusterReport {
  const { value, texts, ok } = readingOf(checks, clusterOf(tenant, project).id)
  return {
    name: project.names.cluster,
    status: texts['status'],
    ok,
    api: texts['api_address'],
    // as the cluster's own API has them; only Heat's driver tells Magnum
    masters: textList(value['masters'] ?? value['master_addresses']),
    nodes: textList(value['workers'] ?? value['node_addresses']),
  }
}

/** Everything that gates read about one resource, the latest reading first. */
function readingOf(checks: readonly ReadCheck[], id: string) {
  const about = checks.filter((check) => check.about === id)
  const read = about.flatMap(({ value }) =>
    typeof value === 'object' && value !== null ? [Object.entries(value)] : [],
  )
  const value: Readonly<Record<string, unknown>> = Object.fromEntries(read.toReversed().flat())
  const ok = about.length === 0 ? undefined : about.every((check) => check.ok)
  return { value, texts: textsIn(value), ok }
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
