import type { TenantOutcome } from './outcome.ts'

/** Tenants with the same result for one reason: what needs attention, the most frequent first. */
export type Attention = {
  readonly result: TenantOutcome['result']
  /** The finding that they share, if there is one. */
  readonly code?: string
  /** The message of the first of them. */
  readonly because: string
  readonly remedy?: string
  readonly count: number
  /** The first few, `cloud/tenant`. */
  readonly tenants: readonly string[]
}

const shown = 5

export function attentionOf(outcomes: Iterable<TenantOutcome>): readonly Attention[] {
  const groups = new Map<string, { first: TenantOutcome; count: number; tenants: string[] }>()
  for (const outcome of outcomes) {
    if (outcome.exitCode === 0) continue
    const key = `${outcome.result} ${outcome.findings[0]?.code ?? alike(outcome)}`
    const group = groups.get(key) ?? { first: outcome, count: 0, tenants: [] }
    group.count++
    if (group.tenants.length < shown) group.tenants.push(`${outcome.cloud}/${outcome.tenant}`)
    groups.set(key, group)
  }
  return [...groups.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ first, count, tenants }) => {
      const [finding] = first.findings
      return {
        result: first.result,
        ...(finding === undefined ? {} : { code: finding.code }),
        because: first.because ?? 'unknown reason',
        ...(finding?.remedy === undefined ? {} : { remedy: finding.remedy }),
        count,
        tenants,
      }
    })
}

/** The message without what differs between tenants: names, ids, numbers. */
function alike({ tenant, because = '' }: TenantOutcome): string {
  return because
    .replaceAll(tenant, '*')
    .replace(/\b(req-)?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b/g, '*')
    .replace(/\d+/g, '*')
}
