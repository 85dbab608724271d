/**
 * Can this cloud carry a tenant: the persona works and is bounded? For clusters: can trusts be made, does the certificate store work?
 * Proved with a throwaway domain and its accounts. The operator makes them all and removes them all.
 */
import type { Finding } from '../finding.ts'
import { probeCertificateStore } from './certificate-store.ts'
import { probeClusterQuota } from './cluster-quota.ts'
import { probeClusterType } from './cluster-type.ts'
import { probeDelegation } from './delegation.ts'
import { claimsOf, probePersona } from './persona.ts'
import type { ProbeResult } from './claim.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { newRun } from './throwaway/run.ts'
import type { FixSigns } from './fixes.ts'
import { buildProbeDomain } from './throwaway/domain.ts'
import type { ProbeDomainOptions } from './throwaway/domain.ts'
import { sweepCloud } from './throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from './throwaway/throwaways.ts'
import type { Leftover } from './throwaway/throwaways.ts'
import { probeTrustee } from './trustee.ts'

export type CloudProbeOptions = ProbeDomainOptions & {
  /** The roles that a domain manager must be able to grant. */
  readonly managedRoles: readonly string[]
  readonly now: () => Date
  /** `false`: no cluster is wanted, so that neither trusts nor the certificate store are needed. Absent: all is tried. */
  readonly isClusterWanted?: boolean
  /** `false`: no quota of clusters is wanted, so Magnum is not asked for one. Absent: it is. */
  readonly limitsClusters?: boolean
  /** The image of clusters, if the tenant wants any: does Magnum have a driver for it? */
  readonly image?: { readonly id: string; readonly name: string } | undefined
  /** Earlier runs that ended too early: what they left is removed at once, at any age. */
  readonly runs?: ProbeRuns
}

export type CloudProbe = {
  readonly results: readonly ProbeResult[]
  readonly findings: readonly Finding[]
  readonly fixes: FixSigns
  /** Objects that could not be removed; the next run tries again. */
  readonly leftovers: readonly Leftover[]
}

/** Throws `CloudError` if the operator cannot make the throwaway domain; removes what was made by then first. */
export async function probeCloud(options: CloudProbeOptions): Promise<CloudProbe> {
  const throwaways = new Throwaways(newRun(options.now(), options.random))
  await options.runs?.begin(throwaways.run.id)
  try {
    const { operator, image, isClusterWanted = true, limitsClusters = true } = options
    const store = isClusterWanted ? probeCertificateStore(operator, throwaways) : []
    const type =
      image === undefined
        ? undefined
        : probeClusterType({ session: operator, image, nowhere: throwaways.name('nowhere') })
    const swept = sweepCloud(options.operator, {
      now: options.now(),
      roles: options.roles,
      deadRuns: options.runs?.dead ?? [],
    })
    const probes = async (): Promise<Omit<CloudProbe, 'findings' | 'leftovers'>> => {
      const probeDomain = await buildProbeDomain(options, throwaways)
      const { accounts, domain } = probeDomain
      const [persona, trustee, quota] = await Promise.all([
        probePersona(probeDomain, options.managedRoles),
        isClusterWanted ? probeTrustee(probeDomain) : [],
        limitsClusters ? probeClusterQuota(operator, accounts, domain.id) : [],
      ])
      const delegation = await probeDelegation(probeDomain, persona, options)
      const results = [...claimsOf(persona), ...trustee, ...quota, ...delegation.results]
      return { results, fixes: delegation.fixes }
    }
    // wait for all, even if one throws: an object that is still being made could not be removed
    const [stored, probed, old, typed] = await Promise.allSettled([store, probes(), swept, type])
    if (probed.status === 'rejected') throw probed.reason
    if (stored.status === 'rejected') throw stored.reason
    if (old.status === 'rejected') throw old.reason
    if (typed.status === 'rejected') throw typed.reason
    const results = [...probed.value.results, ...stored.value, ...(typed.value === undefined ? [] : [typed.value])]
    const leftovers = [...old.value.leftovers, ...(await throwaways.removeAll())]
    if (leftovers.length === 0) await options.runs?.end()
    const findings = [...distinct(results.flatMap(({ finding }) => finding ?? [])), ...leftovers.map(leftoverFinding)]
    return { results, findings, fixes: probed.value.fixes, leftovers }
  } finally {
    await throwaways.removeAll()
  }
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Set(findings)]
}
