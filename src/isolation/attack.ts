/** The families of probes, and how they are run against one tenant: everything that is made is removed again. */
import { CloudError, StepError, StopError, errorChain } from '../errors.ts'
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
  /** The families under way are finished, and no other one begins. */
  readonly stop?: AbortSignal
}

/** An end before the end: what was seen until then is told all the same. */
export type Unfinished = { readonly because: string; readonly families: readonly string[] }

export type Verification = {
  readonly results: readonly ProbeResult[]
  /** Of the probes, of what they left, and of where the tenant's packets may go. */
  readonly findings: readonly Finding[]
  readonly leftovers: readonly Leftover[]
  readonly milliseconds: number
  readonly unfinished?: Unfinished
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
    const { results, unfinished } = await runFamilies(fixture, phases, options.stop)
    const leftovers = [...old.flatMap((swept) => swept.leftovers), ...(await throwaways.removeAll())]
    if (leftovers.length === 0) await options.runs?.end()
    const cut = unfinished === undefined ? [] : [unfinishedFinding(options.tenant.name, unfinished)]
    const findings = [...findingsOf(results), ...leftovers.map(leftoverFinding), ...cut]
    const milliseconds = options.now().getTime() - started
    return { results, findings, leftovers, milliseconds, ...(unfinished === undefined ? {} : { unfinished }) }
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

type FamiliesRun = { readonly results: readonly ProbeResult[]; readonly unfinished?: Unfinished }

/** Throws only what is a bug in us. */
export async function runFamilies(
  fixture: VerificationFixture,
  wanted: readonly Phase[],
  stop?: AbortSignal,
): Promise<FamiliesRun> {
  const results: ProbeResult[] = []
  const broken: { readonly family: string; readonly error: Error }[] = []
  for (const [index, phase] of wanted.entries()) {
    const left = wanted.slice(index).flatMap((one) => Object.keys(one))
    if (stop?.aborted === true) return { results, unfinished: { because: 'stopped as requested', families: left } }
    if (broken.length > 0) return { results, unfinished: brokenOff(broken, left) }
    const families = Object.entries(phase).map(async ([name, probe]) => {
      const family = new Family(name)
      try {
        await probe(family, fixture)
      } catch (error) {
        if (error instanceof CloudError) await family.cannotGoOn(error)
        else if (error instanceof StopError || error instanceof StepError) broken.push({ family: name, error })
        else throw error
      }
      return family.results()
    })
    // wait for all, even if one throws: nothing may still be made while the throwaways are removed
    for (const settled of await Promise.allSettled(families)) {
      if (settled.status === 'rejected') throw settled.reason
      results.push(...settled.value)
    }
  }
  return broken.length === 0 ? { results } : { results, unfinished: brokenOff(broken, []) }
}

function brokenOff(
  broken: readonly { readonly family: string; readonly error: Error }[],
  left: readonly string[],
): Unfinished {
  const because = [...new Set(broken.flatMap(({ error }) => errorChain(error)))].join('; ')
  return { because, families: [...broken.map(({ family }) => family), ...left] }
}

function unfinishedFinding(tenant: string, { because, families }: Unfinished): Finding {
  return {
    code: 'isolation/not-finished',
    severity: 'unknown',
    where: `tenant ${tenant}`,
    message: `${because}; not tried, or not to the end: ${families.join(', ')}`,
    remedy: 'run `verify` again',
    owner: 'operator',
  }
}
