/**
 * What a cloud must do for a tenant, as separate answers: each has its own owner and its own remedy, and the tenant file decides
 * which are needed.
 */
import type { Check } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { wantsOf } from './cloud-readings.ts'

export type CloudAnswer = 'works' | 'does not work' | 'does not work (accepted)' | 'not shown' | 'not needed'

export type CloudAnswers = Readonly<Record<CloudPart, CloudAnswer>>

/** The families of probes (`src/probes/`) that answer it, and whether only a cluster needs it. */
const parts = {
  policy: { families: ['persona', 'cluster-quota'], forClusters: false },
  trusts: { families: ['delegation', 'trustee'], forClusters: true },
  'certificate store': { families: ['certificate-store'], forClusters: true },
  "Magnum's driver": { families: ['cluster-type'], forClusters: true },
} as const satisfies Readonly<Record<string, { readonly families: readonly string[]; readonly forClusters: boolean }>>

type CloudPart = keyof typeof parts

/** `checks`: of the gate of preflight. What no probe answered is not shown. */
export function answersOf(tenant: Tenant, checks: readonly Check[]): CloudAnswers {
  const isClusterWanted = wantsOf(tenant).cluster
  const probes = checks.flatMap((check) => readingOf(check) ?? [])
  const answer = (part: CloudPart): CloudAnswer => {
    const { families, forClusters } = parts[part]
    if (forClusters && !isClusterWanted) return 'not needed'
    const own = probes.filter(({ family }) => (families as readonly string[]).includes(family))
    const failed = own.filter(({ ok }) => !ok)
    if (failed.some(({ observed }) => observed !== 'unknown')) return 'does not work'
    if (failed.length > 0 || own.length === 0) return 'not shown'
    return own.some(({ isRefused }) => isRefused) ? 'does not work (accepted)' : 'works'
  }
  return {
    policy: answer('policy'),
    trusts: answer('trusts'),
    'certificate store': answer('certificate store'),
    "Magnum's driver": answer("Magnum's driver"),
  }
}

export function renderAnswers(answers: CloudAnswers): string {
  return Object.entries(answers)
    .map(([part, answer]) => `${part}: ${answer}`)
    .join('; ')
}

type ProbeReading = {
  readonly family: string
  readonly observed: unknown
  readonly ok: boolean
  /** What a tenant needs, and does not get. */
  readonly isRefused: boolean
}

/** As `evidenceOf` (probes/claim.ts) records a probe; `undefined` for a check that is none. */
function readingOf({ value, ok }: Check): ProbeReading | undefined {
  if (typeof value !== 'object' || value === null || !('probe' in value) || typeof value.probe !== 'string')
    return undefined
  const observed = 'observed' in value ? value.observed : undefined
  const isWanted = 'expected' in value && value.expected === 'allowed'
  return { family: value.probe.split('/')[0] ?? '', observed, ok, isRefused: isWanted && observed !== 'allowed' }
}
