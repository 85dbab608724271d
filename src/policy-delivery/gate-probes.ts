/** The probes of `preflight` and `verify` that Keystone decides, on a throwaway tenant. */
import { CloudError, StopError } from '../errors.ts'
import { buildFixture } from '../isolation/fixture.ts'
import { Family } from '../probes/checks.ts'
import { probeDelegation } from '../probes/delegation.ts'
import { claimsOf, probePersona } from '../probes/persona.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { authOf, ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { newRun } from '../probes/throwaway/run.ts'
import { buildProbeDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomain, ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import { Throwaways } from '../probes/throwaway/throwaways.ts'
import { probeTrustee } from '../probes/trustee.ts'
import { identityPhases, runFamilies } from '../isolation/attack.ts'
import type { Auth } from '../openstack/auth.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { Session } from '../openstack/session.ts'
import { familyOf } from '../policy/build/family.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import type { PolicyBase } from './base-config.ts'
import { showFixes } from './shown-fixes.ts'
import type { ShownFixes } from './shown-fixes.ts'

export type ProbesOptions = Omit<ProbeDomainOptions, 'open'> & {
  /** Sends each request on a new connection, so that every unit behind the address is reached. */
  readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
  readonly managedRoles: readonly string[]
  /** What Keystone runs with, if known. */
  readonly policyBase: PolicyBase | undefined
  readonly now: () => Date
}

type Probed = { readonly results: readonly ProbeResult[]; readonly fixes: ShownFixes }

/** A case whose throwaway could not be made is inconclusive. */
export async function probePersonaAndOthers(options: ProbesOptions, throwaways: Throwaways): Promise<Probed> {
  const family = new Family('persona')
  const known: ProbeResult[] = []
  try {
    const probeDomain = await buildProbeDomain(options, throwaways)
    const [persona, trustee, members] = await Promise.all([
      probePersona(probeDomain, options.managedRoles),
      probeTrustee(probeDomain),
      probeMembers(probeDomain),
    ])
    known.push(...claimsOf(persona), ...trustee, ...(persona.isThere ? members : []))
    const delegation = await probeDelegation(probeDomain, persona, { now: options.now })
    known.push(...delegation.results)
    if (persona.isThere) known.push(...(await attack(probeDomain, options)))
    return { results: known, fixes: await showFixes(probeDomain, persona, delegation) }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    await family.cannotGoOn(error)
    // what was found by then is told
    return { results: [...known, ...(await family.results())], fixes: {} }
  }
}

/** What a dashboard asks for to show the members of a project, and other clients that ask for the tree. */
async function probeMembers({
  manager,
  options: { operator },
  accounts,
  domain,
}: ProbeDomain): Promise<readonly ProbeResult[]> {
  if (manager === undefined) return []
  const family = new Family('members')
  const project = await accounts.project(domain.id, 'members', operator)
  await family.check({
    id: 'tree',
    claim: 'a domain manager lists the roles on a project of its domain and below it',
    as: { session: manager, who: 'a throwaway domain manager', actor: 'manager' },
    whom: 'a project of its domain',
    rule: 'identity:list_role_assignments_for_tree',
    expected: 'allowed',
    ask: (session) => listRoleAssignments(session, { projectId: project.id, includesSubtree: true }),
    otherwise: {
      code: 'delivery/no-members',
      severity: 'warning',
      remedy:
        'Horizon then shows no members of a project: `tenant-onboard policy build` makes an override that allows it',
    },
  })
  return family.results()
}

/** The families of `verify` that Keystone alone decides, on the throwaway tenant, under other names. */
async function attack({ domain, roles }: ProbeDomain, options: ProbesOptions): Promise<readonly ProbeResult[]> {
  const { operator, open, managedRoles, random, now } = options
  if (roles.manager === undefined) return []
  const throwaways = new Throwaways(newRun(now(), random))
  const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random })
  const on = { kind: 'domain', id: domain.id } as const
  const manager = open('manager', authOf(await accounts.holder(domain.id, 'attacker', [roles.manager], on), on))
  const tenant = { name: domain.name, domainId: domain.id }
  try {
    const fixture = await buildFixture(
      { operator, manager, workers: [], tenant, open, managedRoles, random, now },
      throwaways,
    )
    const { results, unfinished } = await runFamilies(fixture, identityPhases)
    if (unfinished !== undefined) throw new StopError(unfinished.because)
    return isConfined(options.policyBase) ? results.map(withConfinement) : results
  } finally {
    // a leftover is in a domain that is deleted too, or is found by the next sweep
    await throwaways.removeAll()
  }
}

/**
 * A warning if Keystone itself treats admin on any domain as admin of the cloud; an error if the rules say otherwise.
 */
function isConfined(policyBase: PolicyBase | undefined): boolean {
  return (
    policyBase !== undefined && familyOf(keystoneRules(policyBase.keystone, { base: policyBase.base })) !== 'native'
  )
}

function withConfinement(result: ProbeResult): ProbeResult {
  const { finding } = result
  return finding?.code === 'isolation/domain-admin' ? { ...result, finding: { ...finding, severity: 'error' } } : result
}
