/**
 * Whether an override is in force and does what it is for: by behaviour alone, with throwaways that are removed. Files and
 * the status of a charm may explain a verdict; they never make one.
 */
import { CloudError } from '../errors.ts'
import { hasErrors } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { buildBench } from '../isolation/bench.ts'
import { Family, findingsOf } from '../isolation/checks.ts'
import { probeDelegation } from '../isolation/delegation.ts'
import { levelOf } from './level.ts'
import { personaMissing, probePersona } from '../isolation/persona.ts'
import type { ProbeResult } from '../isolation/probe.ts'
import { newRun, throwawayPassword } from '../isolation/run.ts'
import type { SecurityLevel } from '../isolation/security-level.ts'
import { buildStand, createThrowawayUser } from '../isolation/stand.ts'
import type { Stand, StandOptions } from '../isolation/stand.ts'
import { sweepCloud } from '../isolation/sweep.ts'
import { leftoverFinding, Throwaways } from '../isolation/throwaway.ts'
import { probeTrustee } from '../isolation/trustee.ts'
import { identityPhases, runFamilies } from '../isolation/verify.ts'
import type { Auth } from '../openstack/auth.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import type { Session } from '../openstack/session.ts'
import { familyOf } from '../policy/build/family.ts'
import { isAtLeast, renderDialect } from '../policy/dialect.ts'
import { keystoneRules } from '../policy/keystone.ts'
import { Secret } from '../secret.ts'
import { probeAuthority } from './authority.ts'
import { gateCase } from './gate-case.ts'
import type { GateCase } from './gate-case.ts'
import { overridesWith } from './ground.ts'
import type { Ground } from './ground.ts'
import { whatIsInForce } from './in-force.ts'
import type { Candidate, InForce } from './in-force.ts'
import { observe } from './observe.ts'
import type { Observation } from './observe.ts'
import { compareOthers } from './others.ts'
import { distinction, paperOf } from './paper.ts'
import type { Paper } from './paper.ts'
import { gatherPeople } from './people.ts'
import { askUnits, ballotOf } from './units.ts'
import type { Units } from './units.ts'

/** What a gate is asked about. */
export type GateQuestion = {
  /** What Keystone runs with, where that is known. */
  readonly ground: Ground | undefined
  /** What should be in force over it, and what was before. */
  readonly override: string | undefined
  readonly previous: string | undefined
  /** What the personas could do before the override came. */
  readonly before: readonly Observation[] | undefined
  /** Whether only to say which rules are in force: after a rollback there is no override to be judged. */
  readonly isBrief?: boolean
  /** Runs that are over, whose throwaways may be left because a rule forbade to remove them. */
  readonly deadRuns?: readonly string[]
}

export type GateOptions = Omit<StandOptions, 'open'> &
  GateQuestion & {
    /** Each request on a connection of its own, so that every unit behind the address is met. */
    readonly open: <Who extends string>(actor: Who, auth: Auth) => Session<Who>
    readonly managedRoles: readonly string[]
    readonly connections: number
    /** How long units may disagree, and the override may not be there yet. */
    readonly patienceMs: number
    readonly now: () => Date
    readonly sleep: (milliseconds: number) => Promise<void>
    readonly stop: AbortSignal
  }

export type Gate = {
  readonly ok: boolean
  /** Of its throwaways. */
  readonly run: string
  readonly cases: readonly GateCase[]
  readonly inForce: InForce
  readonly units: Units | undefined
  readonly security: SecurityLevel | undefined
  readonly observed: readonly Observation[]
  readonly findings: readonly Finding[]
  readonly milliseconds: number
}

/** Throws `CloudError` only when the operator cannot sign in. */
export async function runGate(options: GateOptions): Promise<Gate> {
  const { operator, now } = options
  const started = now()
  await operator.token()
  const throwaways = new Throwaways(newRun(started, options.random))
  try {
    const swept = await sweepCloud(operator, {
      now: started,
      isIdentityOnly: true,
      ...(options.deadRuns && { deadRuns: options.deadRuns }),
    })
    const papers = papersOf(options)
    const authority = await probeAuthority(operator, throwaways)
    const looked = await lookOn(options, throwaways, papers)
    const probed = options.isBrief === true ? { results: [], security: undefined } : await probe(options, throwaways)
    const compared =
      options.before === undefined || looked.observed.length === 0
        ? []
        : compareOthers({ before: options.before, now: looked.observed, papers: losses(papers) })
    const results = [...authority, ...looked.results, ...probed.results, ...(options.isBrief === true ? [] : compared)]
    const leftovers = [...swept.leftovers, ...(await throwaways.removeAll())]
    const inForce = whatIsInForce(looked.observed, papers.candidates)
    const findings = [
      ...verdictFindings(options, inForce, looked.units, results),
      ...dialectFindings(options.ground, probed.security),
      ...findingsOf(results),
      ...leftovers.map(leftoverFinding),
    ]
    return {
      ok: !hasErrors(findings),
      run: throwaways.run.id,
      cases: results.map(gateCase),
      inForce,
      units: looked.units,
      security: probed.security,
      observed: looked.observed,
      findings,
      milliseconds: now().getTime() - started.getTime(),
    }
  } finally {
    await throwaways.removeAll()
  }
}

type Papers = {
  readonly candidates: readonly Candidate[]
  readonly wanted: Paper | undefined
  readonly then: Paper | undefined
}

function papersOf({ ground, override, previous }: GateOptions): Papers {
  if (ground === undefined) return { candidates: [], wanted: undefined, then: undefined }
  const paper = (text: string | undefined): Paper =>
    paperOf(ground.keystone, { base: ground.base, overrides: overridesWith(ground, text) })
  const base: Candidate = { name: 'base', paper: paper(undefined) }
  const before: Candidate = previous === undefined ? base : { name: 'previous', paper: paper(previous) }
  if (override === undefined)
    return { candidates: previous === undefined ? [base] : [before, base], wanted: undefined, then: before.paper }
  const own: Candidate = { name: 'override', paper: paper(override) }
  return {
    candidates: previous === undefined ? [own, base] : [own, before, base],
    wanted: own.paper,
    then: before.paper,
  }
}

function losses({ wanted, then }: Papers): { readonly before: Paper; readonly now: Paper } | undefined {
  return wanted === undefined || then === undefined ? undefined : { before: then, now: wanted }
}

type Looked = {
  readonly results: readonly ProbeResult[]
  readonly observed: readonly Observation[]
  readonly units: Units | undefined
}

/** What all personas can do, once the units agree. */
async function lookOn(options: GateOptions, throwaways: Throwaways, papers: Papers): Promise<Looked> {
  const { operator, now, sleep, stop } = options
  const family = new Family('others')
  try {
    const people = await gatherPeople(options, throwaways, await listRoles(operator), now())
    const changed = papers.wanted && papers.then ? distinction(papers.then, papers.wanted) : new Set<string>()
    const units = await askUnits({
      people,
      cells: ballotOf(changed),
      connections: options.connections,
      deadline: new Date(now().getTime() + options.patienceMs),
      wanted: papers.wanted,
      now,
      sleep,
      stop,
    })
    return { results: [], observed: await observe(people), units }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    family.cannotGoOn(error)
    return { results: await family.results(), observed: [], units: undefined }
  }
}

type Probed = { readonly results: readonly ProbeResult[]; readonly security: SecurityLevel | undefined }

async function probe(options: GateOptions, throwaways: Throwaways): Promise<Probed> {
  const family = new Family('persona')
  try {
    const stand = await buildStand(options, throwaways)
    const [persona, trustee] = await Promise.all([probePersona(stand, options.managedRoles), probeTrustee(stand)])
    const delegation = await probeDelegation(stand, persona, options.now)
    const own = persona.isThere
      ? persona.results
      : persona.results.map((result) => (result.ok ? result : { ...result, finding: personaMissing }))
    const attacked = persona.isThere ? await attack(stand, options) : []
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
async function attack({ domain, roles }: Stand, options: GateOptions): Promise<readonly ProbeResult[]> {
  const { operator, open, managedRoles, random, now } = options
  if (roles.manager === undefined) return []
  const throwaways = new Throwaways(newRun(now(), random))
  const password = new Secret(throwawayPassword(random))
  const user = await createThrowawayUser(operator, throwaways, { what: 'attacker', domainId: domain.id, password })
  await createGrant(operator, {
    roleId: roles.manager.id,
    to: { kind: 'user', id: user.id },
    on: { kind: 'domain', id: domain.id },
  })
  const scope = { kind: 'domain', domain: { id: domain.id } } as const
  const manager = open('manager', { kind: 'password', user: { id: user.id }, password, scope })
  const tenant = { name: domain.name, domainId: domain.id }
  try {
    const bench = await buildBench(
      { operator, manager, workers: [], tenant, open, managedRoles, random, now },
      throwaways,
    )
    const results = await runFamilies(bench, identityPhases)
    return isConfined(options.ground) ? results.map(withConfinement) : results
  } finally {
    // what is left over is in a domain that goes too, or is found by the next sweep
    await throwaways.removeAll()
  }
}

/** Where Keystone itself takes admin on any domain for admin of the cloud, that is a warning; where the rules say otherwise, it is not. */
function isConfined(ground: Ground | undefined): boolean {
  return ground !== undefined && familyOf(keystoneRules(ground.keystone, { base: ground.base })) !== 'native'
}

function withConfinement(result: ProbeResult): ProbeResult {
  const { finding } = result
  return finding?.code === 'isolation/domain-admin' ? { ...result, finding: { ...finding, severity: 'error' } } : result
}

function verdictFindings(
  { override }: GateOptions,
  inForce: InForce,
  units: Units | undefined,
  results: readonly ProbeResult[],
): readonly Finding[] {
  const findings: Finding[] = []
  if (units?.verdict === 'mixed') {
    const [first] = units.split
    findings.push({
      code: 'delivery/mixed',
      severity: 'error',
      where: 'keystone',
      message: `the units behind this address do not agree: ${first === undefined ? '' : `${first.cell} was allowed ${first.allow} and refused ${first.deny} times`}, on ${units.connections} connections`,
      remedy: 'bring the override to every unit; `policy gate` again says when they agree',
      owner: 'operator',
    })
  }
  if (override === undefined) return findings
  const isMissing = inForce.verdict === 'unknown' && results.some(({ finding }) => finding === personaMissing)
  if (inForce.verdict === 'base' || inForce.verdict === 'previous' || isMissing) {
    findings.push({
      code: 'delivery/not-in-force',
      severity: 'error',
      where: 'keystone',
      message: `the override is not in force: Keystone answers as ${inForce.verdict === 'previous' ? 'with the override of before' : 'with its base alone'}`,
      remedy: 'see what became of the file: `tenant-onboard policy gate` tells what it finds of the delivery',
      owner: 'operator',
    })
  }
  if (inForce.verdict === 'neither') {
    findings.push({
      code: 'delivery/unlike',
      severity: 'warning',
      where: 'keystone',
      message: `${inForce.strange.length} of ${inForce.compared} answers are not those of the override over this base: ${strangeOnes(inForce)}`,
      remedy: 'say which Keystone this is: `tenant-onboard policy advise` finds it; `--base` and `--dialect` name it',
      owner: 'operator',
    })
  }
  return findings
}

function strangeOnes({ strange }: InForce): string {
  const some = strange.slice(0, 3).map(({ persona, operation, place, answer }) => {
    return `${persona} ${operation} at ${place} (${answer === 'allow' ? 'allowed' : 'refused'})`
  })
  return some.join('; ')
}

function dialectFindings(ground: Ground | undefined, security: SecurityLevel | undefined): readonly Finding[] {
  if (ground === undefined || security === undefined) return []
  const { dialect } = ground.keystone
  if (dialect.security === security) return []
  const isLower = !isAtLeast({ ...dialect, security }, dialect.security)
  return [
    {
      code: 'delivery/dialect-differs',
      severity: isLower ? 'error' : 'warning',
      where: 'keystone',
      message: `this Keystone is at security level ${security}, and the override was looked at for ${renderDialect(dialect)}`,
      remedy: `build and attach it again with \`--dialect ${dialect.release}+${security}\``,
      owner: 'operator',
    },
  ]
}
