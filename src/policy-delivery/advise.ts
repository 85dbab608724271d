/** Identifies this Keystone by its answers, and says what that means for the override and what to do. */
import type { Finding } from '../finding.ts'
import { attempt } from '../probes/attempt.ts'
import { probeDelegation } from '../probes/delegation.ts'
import { probePersona } from '../probes/persona.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { newRun } from '../probes/throwaway/run.ts'
import { buildProbeDomain } from '../probes/throwaway/domain.ts'
import type { ProbeDomainOptions } from '../probes/throwaway/domain.ts'
import { sweepCloud } from '../probes/throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from '../probes/throwaway/throwaways.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import type { Base, PolicyText } from '../policy/releases/keystone.ts'
import { releaseMatches, nearestOf, speaksForAll } from './release-match.ts'
import type { ReleaseMatch, Spokesman } from './release-match.ts'
import { readRoleInferences } from './role-inferences.ts'
import type { CloudRoleInferences } from './role-inferences.ts'
import { showFixes } from './shown-fixes.ts'
import type { ShownFixes } from './shown-fixes.ts'
import { cellOf, observe } from './observe.ts'
import type { Observation } from './observe.ts'
import { openPersonaSessions } from './persona-sessions.ts'
import type { PersonaSessions } from './persona-sessions.ts'

export type AdviseOptions = ProbeDomainOptions & {
  readonly managedRoles: readonly string[]
  /** Codes that the operator knows and accepts. */
  readonly accepted: readonly string[]
  /** The base, if the operator has its file. */
  readonly base: Base | undefined
  /** The known override. */
  readonly overrides: readonly PolicyText[]
  readonly now: () => Date
  readonly runs: ProbeRuns
}

/** What was observed on this cloud. */
export type Signs = Spokesman & {
  readonly fixes: ShownFixes
  /** What roles imply here. */
  readonly implied: CloudRoleInferences
  readonly nearest: readonly ReleaseMatch[]
  readonly validatesFirst: boolean | undefined
  readonly enforcesScope: boolean | undefined
  readonly enforcesNewDefaults: boolean | undefined
  /** True if a domain manager can do anything at all. */
  readonly hasPersona: boolean
  /** The roles that a domain manager could grant in its domain, of those that were tried. */
  readonly grantable: readonly string[]
  readonly results: readonly ProbeResult[]
  /** How much of the cloud a domain manager sees. */
  readonly visible: Visible
  /** Questions that were answered, and that were not. */
  readonly compared: number
  readonly unanswered: readonly Observation[]
  readonly leftovers: readonly Finding[]
}

export type Visible = {
  readonly domains: Shown
  readonly roles: Shown
}

/** `seen` of `all`; `undefined`: refused. */
export type Shown = { readonly seen: number | undefined; readonly all: number; readonly requestIds: readonly string[] }

/** Throws `CloudError` if the operator cannot make the throwaways. */
export async function readSigns(options: AdviseOptions): Promise<Signs> {
  const { operator, now } = options
  const throwaways = new Throwaways(newRun(now(), options.random))
  await options.runs.begin(throwaways.run.id)
  try {
    const swept = await sweepCloud(operator, { now: now(), isIdentityOnly: true, deadRuns: options.runs.dead })
    const roles = await listRoles(operator)
    const implied = await readRoleInferences(operator, options)
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random: options.random })
    const [sessions, probeDomain] = await Promise.all([
      openPersonaSessions({ accounts, open: options.open, roles, now: now() }),
      buildProbeDomain(options, throwaways),
    ])
    const persona = await probePersona(probeDomain, options.managedRoles)
    const delegation = await probeDelegation(probeDomain, persona, { now })
    const observed = await observe(sessions)
    const unanswered = observed.filter(({ answer }) => answer === 'unknown')
    const validatesFirst = await whetherValidatedFirst(sessions)
    const enforcesScope = scopeIn(observed)
    const { base, overrides } = options
    const shown = await showFixes(probeDomain, persona, delegation)
    const nearest = nearestOf(
      await releaseMatches({
        observed,
        shown,
        validatesFirst,
        enforcesScope,
        inferences: implied.rows,
        base,
        overrides,
      }),
    )
    const visible = await whatIsShown(operator, probeDomain.manager)
    const left = [...swept.leftovers, ...(await throwaways.removeAll())]
    if (left.length === 0) await options.runs.end()
    const leftovers = left.map(leftoverFinding)
    return {
      fixes: shown,
      implied,
      nearest,
      ...speaksForAll(nearest, shown, implied.rows),
      validatesFirst,
      enforcesScope,
      enforcesNewDefaults: sameOf(nearest.map((one) => one.enforcesNewDefaults)),
      hasPersona: persona.isThere,
      grantable: grantableIn(observed),
      results: [...persona.results, ...delegation.results],
      visible,
      compared: observed.length - unanswered.length,
      unanswered,
      leftovers,
    }
  } finally {
    await throwaways.removeAll()
  }
}

/** Nobody can make a domain without a name: 400 if the body is checked first, or 403 if the policy is. */
async function whetherValidatedFirst({ sessions }: PersonaSessions): Promise<boolean | undefined> {
  const nobody = sessions.get('reader') ?? sessions.get('member')
  if (nobody === undefined) return undefined
  const tried = await attempt(nobody, (session) =>
    session.request({ service: 'identity', method: 'POST', path: '/domains', body: { domain: { name: '' } } }),
  )
  if (tried.kind !== 'refused') return undefined
  return tried.status === 400 ? true : tried.status === 403 ? false : undefined
}

/**
 * Making a trust needs a token of a project (keystone, common/policies/trust.py, scope_types). If a member may, and the
 * same request with a domain's token is refused, Keystone enforces the scope.
 */
function scopeIn(observed: readonly Observation[]): boolean | undefined {
  const answer = (persona: Observation['persona']) =>
    observed.find((one) => cellOf(one) === cellOf({ persona, operation: 'identity:create_trust', place: 'self' }))
      ?.answer
  if (answer('member') !== 'allow') return undefined
  const byDomain = answer('domain-reader') ?? answer('domain-admin')
  return byDomain === undefined || byDomain === 'unknown' ? undefined : byDomain === 'deny'
}

function grantableIn(observed: readonly Observation[]): readonly string[] {
  return observed.flatMap(({ persona, operation, place, answer }) => {
    const role = /^identity:create_grant (\S+) to a user on a project$/.exec(operation)?.[1]
    return role !== undefined && persona === 'domain-manager' && place === 'own' && answer === 'allow' ? [role] : []
  })
}

async function whatIsShown(operator: Session, manager: Session | undefined): Promise<Visible> {
  const shown = async (list: (session: Session) => Promise<readonly unknown[]>): Promise<Shown> => {
    const all = (await list(operator)).length
    if (manager === undefined) return { seen: undefined, all, requestIds: [] }
    const tried = await attempt(manager, list)
    return { seen: tried.kind === 'answered' ? tried.value.length : undefined, all, requestIds: tried.requestIds }
  }
  const [domains, roles] = await Promise.all([
    shown((session) => listDomains(session)),
    shown((session) => listRoles(session)),
  ])
  return { domains, roles }
}

function sameOf(values: readonly boolean[]): boolean | undefined {
  const [first] = values
  return values.every((value) => value === first) ? first : undefined
}
