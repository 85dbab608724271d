/** The families of probes, and how they are run against one tenant: everything that is made is removed again. */
import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { buildFixture } from './fixture.ts'
import type { VerificationFixture, FixtureOptions } from './fixture.ts'
import { Family } from '../probes/checks.ts'
import { probeClusters } from './families/clusters.ts'
import { probeCompute } from './families/compute.ts'
import { probeDelegations } from './families/delegation.ts'
import { probeDomainAdmin } from './families/domain-admin.ts'
import { probeDomains } from './families/domains.ts'
import { probeEscalation } from './families/escalation.ts'
import { probeGroups } from './families/groups.ts'
import { probeImages } from './families/images.ts'
import { probeInbound } from './families/inbound.ts'
import { probeLists } from './families/lists.ts'
import { probeLogins } from './families/logins.ts'
import { probeNetwork } from './families/network.ts'
import { probeProjectManager } from './families/project-manager.ts'
import { probeProjects } from './families/projects.ts'
import { probeQuotas } from './families/quotas.ts'
import { probeRoles } from './families/roles.ts'
import { probeSecrets } from './families/secrets.ts'
import { probeUsers } from './families/users.ts'
import { probeVolumes } from './families/volumes.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { findingsOf } from '../probes/findings.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { newRun } from '../probes/throwaway/run.ts'
import { sweepCloud, sweepDomain } from '../probes/throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from '../probes/throwaway/throwaways.ts'
import type { Leftover } from '../probes/throwaway/throwaways.ts'

export type AttackOptions = FixtureOptions & {
  /** Earlier runs that died: their leftovers are removed at once, at any age. */
  readonly runs?: ProbeRuns
}

export type Verification = {
  readonly results: readonly ProbeResult[]
  /** Of the probes, of what they left, and of where the tenant's packets may go. */
  readonly findings: readonly Finding[]
  readonly leftovers: readonly Leftover[]
  readonly milliseconds: number
}

/** Throws `CloudError` only if the objects for the probes cannot be made; removes what was made by then first. */
export async function attack(options: AttackOptions): Promise<Verification> {
  const started = options.now().getTime()
  const throwaways = new Throwaways(newRun(options.now(), options.random))
  const sweep = { now: options.now(), deadRuns: options.runs?.dead ?? [] }
  await options.runs?.begin(throwaways.run.id)
  try {
    const old = await Promise.all([
      sweepCloud(options.operator, sweep),
      sweepDomain(options.operator, options.tenant.domainId, { ...sweep, operator: options.operator }),
    ])
    const fixture = await buildFixture(options, throwaways)
    const results = await runFamilies(fixture)
    const leftovers = [...old.flatMap((swept) => swept.leftovers), ...(await throwaways.removeAll())]
    if (leftovers.length === 0) await options.runs?.end()
    const findings = [...findingsOf(results), ...leftovers.map(leftoverFinding)]
    return { results, findings, leftovers, milliseconds: options.now().getTime() - started }
  } finally {
    await throwaways.removeAll()
  }
}

type Phase = Readonly<Record<string, (family: Family, fixture: VerificationFixture) => Promise<void>>>

/** What a Keystone decides about a domain manager and about an admin of one domain. */
export const identityPhases: readonly Phase[] = [
  {
    users: probeUsers,
    projects: probeProjects,
    groups: probeGroups,
    escalation: probeEscalation,
    'project-manager': probeProjectManager,
    'domain-admin': probeDomainAdmin,
  },
  { domains: probeDomains },
]

/** Families that only read come first: what the others are not refused changes what can be read. */
const phases: readonly Phase[] = [
  {
    logins: probeLogins,
    lists: probeLists,
    network: probeNetwork,
    compute: probeCompute,
    images: probeImages,
    secrets: probeSecrets,
    quotas: probeQuotas,
    volumes: probeVolumes,
    clusters: probeClusters,
  },
  {
    users: probeUsers,
    projects: probeProjects,
    groups: probeGroups,
    escalation: probeEscalation,
    delegation: probeDelegations,
    inbound: probeInbound,
    'project-manager': probeProjectManager,
    'domain-admin': probeDomainAdmin,
  },
  { roles: probeRoles, domains: probeDomains },
]

export async function runFamilies(
  fixture: VerificationFixture,
  wanted: readonly Phase[] = phases,
): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = []
  for (const phase of wanted) {
    const families = Object.entries(phase).map(async ([name, probe]) => {
      const family = new Family(name)
      try {
        await probe(family, fixture)
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        await family.cannotGoOn(error)
      }
      return family.results()
    })
    // wait for all, even if one throws: nothing may still be made while the throwaways are removed
    for (const settled of await Promise.allSettled(families)) {
      if (settled.status === 'rejected') throw settled.reason
      results.push(...settled.value)
    }
  }
  return results
}
