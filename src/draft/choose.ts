/** What a new tenant file says of its cloud: chosen from what an operator reads there. Pure. */
import type { CloudReadings } from '../onboarding/cloud-readings.ts'
import { firstFree } from '../tenant/cidr.ts'
import type { CloudFacts } from '../tenant/cloud-facts.ts'
import type { TenantDraft } from './render.ts'

export type Choice = TenantDraft['overrides'][number]

/** Only what preflight could not choose by itself, and cloud.yaml does not say. */
export function choicesOf(
  { externals, images }: Pick<CloudReadings, 'externals' | 'images'>,
  facts: CloudFacts,
  hasCluster: boolean,
): readonly Choice[] {
  const ready = images.filter(
    ({ status, os_distro, kube_version }) =>
      status === 'active' && os_distro !== undefined && kube_version !== undefined,
  )
  const newest = ready.toSorted((a, b) => b.created_at.localeCompare(a.created_at))
  return [
    ...(facts.external_network === undefined ? oneOf('external_network', 'external network', externals) : []),
    ...(hasCluster && facts.image === undefined ? oneOf('image', 'image for Kubernetes', newest) : []),
  ]
}

type Named = { readonly id: string; readonly name: string | null }

/** Nothing where there is one: then the file need not say it. */
function oneOf(key: string, what: string, found: readonly Named[]): readonly Choice[] {
  const [first, ...others] = found
  if (first === undefined || others.length === 0) return []
  const listed = others.map(({ id, name }) => `${name ?? ''} ${id}`.trim()).join(', ')
  return [{ key, value: first.id, comment: `${what} ${first.name ?? first.id}; the cloud also has ${listed}` }]
}

/** The prefix of a first network; `undefined` if the pool has none. */
export function freePrefix(
  pool: string | undefined,
  { tenant_pool: own }: CloudFacts,
  { subnets }: Pick<CloudReadings, 'subnets'>,
): { readonly pool: string; readonly length: number; readonly cidr: string | undefined } {
  const from = pool ?? own?.cidr ?? '10.0.0.0/8'
  const length = pool === undefined ? (own?.prefix_length ?? 24) : 24
  const used = subnets.filter(({ ip_version }) => ip_version === 4).map(({ cidr }) => cidr)
  return { pool: from, length, cidr: firstFree(from, length, used) }
}
