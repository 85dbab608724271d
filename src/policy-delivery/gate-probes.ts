/** The probes of `preflight` and `verify` that Keystone decides, on a throwaway tenant. */
import { CloudError } from '../errors.ts'
import { buildFixture } from '../isolation/fixture.ts'
import { Family } from '../probes/checks.ts'
import { probeDelegation } from '../probes/delegation.ts'
import { personaMissing, probePersona } from '../probes/persona.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { makeDomainAccount } from '../probes/throwaway/users.ts'
import { newRun } from '../probes/throwaway/run.ts'
import type { SecurityLevel } from '../probes/security-level.ts'
import { buildProbeDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomain, ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import { Throwaways } from '../probes/throwaway/throwaways.ts'
import { probeTrustee } from '../probes/trustee.ts'
import { identityPhases, runFamilies } from '../isolation/verify.ts'
import type { Auth } from '../openstack/auth.ts'
import type { Session } from '../openstack/session.ts'
import { familyOf } from '../policy/build/family.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import type { PolicyBase } from './base-config.ts'
import { levelOf } from './level.ts'

export type ProbesOptions = Omit<ProbeDomainOptions, 'open'> & {
  /** Each request on a connection of its own, so that every unit behind the address is met. */
  readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
  readonly managedRoles: readonly string[]
  /** What Keystone runs with, where that is known. */
  readonly policyBase: PolicyBase | undefined
  readonly now: () => Date
}

type Probed = { readonly results: readonly ProbeResult[]; readonly security: SecurityLevel | undefined }

/** What does not come about for want of a throwaway is told as a case without a verdict. */
export async function probePersonaAndOthers(options: ProbesOptions, throwaways: Throwaways): Promise<Probed> {
  const family = new Family('persona')
  try {
    const probeDomain = await buildProbeDomain(options, throwaways)
    const [persona, trustee] = await Promise.all([
      probePersona(probeDomain, options.managedRoles),
      probeTrustee(probeDomain),
    ])
    const delegation = await probeDelegation(probeDomain, persona, options.now)
    const own = persona.isThere
      ? persona.results
      : persona.results.map((result) => (result.ok ? result : { ...result, finding: personaMissing }))
    const attacked = persona.isThere ? await attack(probeDomain, options) : []
    return {
      results: [...own, ...trustee, ...delegation.results, ...attacked],
      security: levelOf(persona, delegation),
    }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    family.cannotGoOn(error)
    return { results: await family.results(), security: undefined }
  }
}

/** The families of `verify` that Keystone alone decides, on the throwaway tenant; under names of their own. */
async function attack({ domain, roles }: ProbeDomain, options: ProbesOptions): Promise<readonly ProbeResult[]> {
  const { operator, open, managedRoles, random, now } = options
  if (roles.manager === undefined) return []
  const throwaways = new Throwaways(newRun(now(), random))
  const { auth } = await makeDomainAccount(operator, throwaways, random, {
    what: 'attacker',
    domainId: domain.id,
    role: roles.manager,
  })
  const manager = open('manager', auth)
  const tenant = { name: domain.name, domainId: domain.id }
  try {
    const bench = await buildFixture(
      { operator, manager, workers: [], tenant, open, managedRoles, random, now },
      throwaways,
    )
    const results = await runFamilies(bench, identityPhases)
    return isConfined(options.policyBase) ? results.map(withConfinement) : results
  } finally {
    // what is left over is in a domain that goes too, or is found by the next sweep
    await throwaways.removeAll()
  }
}

/** Where Keystone itself takes admin on any domain for admin of the cloud, that is a warning; where the rules say otherwise, it is not. */
function isConfined(policyBase: PolicyBase | undefined): boolean {
  return (
    policyBase !== undefined && familyOf(keystoneRules(policyBase.keystone, { base: policyBase.base })) !== 'native'
  )
}

function withConfinement(result: ProbeResult): ProbeResult {
  const { finding } = result
  return finding?.code === 'isolation/domain-admin' ? { ...result, finding: { ...finding, severity: 'error' } } : result
}
