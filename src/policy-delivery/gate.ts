/**
 * Is an override in force, and does it work? Decided by behaviour alone, with throwaways that are removed. Files and
 * the status of a charm may explain a verdict; they never make one.
 */
import { CloudError } from '../errors.ts'
import { isBlocked, verdictOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { Family } from '../probes/checks.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { findingsOf } from '../probes/findings.ts'
import { ThrowawayAccounts } from '../probes/throwaway/accounts.ts'
import { newRun } from '../probes/throwaway/run.ts'
import type { ShownFixes } from './shown-fixes.ts'
import { sweepCloud } from '../probes/throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from '../probes/throwaway/throwaways.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { listRoles } from '../openstack/keystone/roles.ts'
import { probeAuthority } from './authority.ts'
import { gateCase } from './gate-case.ts'
import type { GateCase } from './gate-case.ts'
import { releaseFindings, unansweredFindings, verdictFindings } from './gate-findings.ts'
import { probePersonaAndOthers } from './gate-probes.ts'
import type { ProbesOptions } from './gate-probes.ts'
import { overridesWith } from './base-config.ts'
import type { PolicyBase } from './base-config.ts'
import { whatIsInForce } from './in-force.ts'
import type { Candidate, InForce } from './in-force.ts'
import { observe } from './observe.ts'
import type { Observation } from './observe.ts'
import { compareOthers } from './others.ts'
import { distinction, policyExpectationOf } from './expectations.ts'
import type { PolicyExpectation } from './expectations.ts'
import { openPersonaSessions } from './persona-sessions.ts'
import type { RoleInferences } from '../policy/model/role-inferences.ts'
import { inferenceFindings, readRoleInferences } from './role-inferences.ts'
import { askServices, judgeServices } from './service-answers.ts'
import type { ServiceAnswer } from './service-answers.ts'
import { askUnits, sampleOf } from './units.ts'
import type { Units } from './units.ts'

/** The input of a gate. */
export type GateQuestion = {
  /** What Keystone runs with, if known. */
  readonly policyBase: PolicyBase | undefined
  /** What should be in force over it, and what was before. */
  readonly override: string | undefined
  readonly previous: string | undefined
  /** What the personas could do before the override came. */
  readonly before: readonly Observation[] | undefined
  /** What services could do by accounts of their own before it came. */
  readonly servicesBefore?: readonly ServiceAnswer[] | undefined
  /** Only find out which rules are in force: after a rollback there is no override to test. */
  readonly isBrief?: boolean
  /** Runs that are over. Their throwaways may be left because a rule forbade their removal. */
  readonly deadRuns?: readonly string[]
}

export type GateOptions = ProbesOptions &
  GateQuestion & {
    readonly runs: ProbeRuns
    readonly connections: number
    /** How long, in milliseconds, units may disagree or lack the override. */
    readonly patienceMs: number
    /** Codes that the operator knows and accepts (`accepted_findings` of cloud.yaml). */
    readonly accepted: readonly string[]
    readonly sleep: (milliseconds: number) => Promise<void>
    readonly stop: AbortSignal
  }

export type Gate = {
  readonly ok: boolean
  /** Of its throwaways. */
  readonly run: string
  readonly cases: readonly GateCase[]
  readonly inForce: InForce
  /** What roles imply on this cloud; `undefined`: not read. */
  readonly inferences: RoleInferences | undefined
  readonly units: Units | undefined
  readonly fixes: ShownFixes
  readonly observed: readonly Observation[]
  readonly findings: readonly Finding[]
  readonly milliseconds: number
}

/** True if nothing says that the override is wrong: questions had no answer. */
export function isNotShown({ findings }: Gate): boolean {
  return verdictOf(findings) === 'not shown'
}

/** Throws `CloudError` only if the operator cannot sign in. */
export async function runGate(options: GateOptions): Promise<Gate> {
  const { operator, now } = options
  const started = now()
  await operator.token()
  const throwaways = new Throwaways(newRun(started, options.random))
  await options.runs.begin(throwaways.run.id)
  try {
    const swept = await sweepCloud(operator, {
      now: started,
      isIdentityOnly: true,
      deadRuns: [...(options.deadRuns ?? []), ...options.runs.dead],
    })
    const implied = await readRoleInferences(operator, options)
    const expectations = papersOf(options, implied.rows)
    const accounts = new ThrowawayAccounts({ maker: operator, throwaways, random: options.random })
    const authority = await probeAuthority(accounts)
    const looked = await lookOn(options, accounts, expectations)
    const probed =
      options.isBrief === true ? { results: [], fixes: {} } : await probePersonaAndOthers(options, throwaways)
    const services =
      options.isBrief === true ? [] : judgeServices(await askServices(operator, accounts), options.servicesBefore)
    const compared =
      options.before === undefined || looked.observed.length === 0
        ? []
        : await compareOthers({ before: options.before, now: looked.observed, expectations: losses(expectations) })
    const results = [
      ...authority,
      ...looked.results,
      ...probed.results,
      ...services,
      ...(options.isBrief === true ? [] : compared),
    ]
    const leftovers = [...swept.leftovers, ...(await throwaways.removeAll())]
    if (leftovers.length === 0) await options.runs.end()
    const inForce = whatIsInForce(looked.observed, expectations.candidates)
    const findings = [
      ...verdictFindings(options.override, inForce, looked.units, results),
      ...unansweredFindings(looked.observed),
      ...releaseFindings(options.policyBase, probed.fixes),
      ...(options.isBrief === true ? [] : inferenceFindings(implied, options.policyBase)),
      ...findingsOf(results),
      ...leftovers.map(leftoverFinding),
    ].map((one): Finding => (options.accepted.includes(one.code) ? { ...one, severity: 'warning' } : one))
    return {
      ok: !isBlocked(findings),
      run: throwaways.run.id,
      cases: results.map(gateCase),
      inForce,
      inferences: implied.rows,
      units: looked.units,
      fixes: probed.fixes,
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
  readonly wanted: PolicyExpectation | undefined
  readonly then: PolicyExpectation | undefined
}

function papersOf({ policyBase, override, previous }: GateOptions, inferences: RoleInferences | undefined): Papers {
  if (policyBase === undefined) return { candidates: [], wanted: undefined, then: undefined }
  const expectation = (text: string | undefined): PolicyExpectation =>
    policyExpectationOf(policyBase.keystone, {
      base: policyBase.base,
      overrides: overridesWith(policyBase, text),
      inferences,
    })
  const base: Candidate = { name: 'base', expectation: expectation(undefined) }
  const before: Candidate = previous === undefined ? base : { name: 'previous', expectation: expectation(previous) }
  if (override === undefined)
    return { candidates: previous === undefined ? [base] : [before, base], wanted: undefined, then: before.expectation }
  const own: Candidate = { name: 'override', expectation: expectation(override) }
  return {
    candidates: previous === undefined ? [own, base] : [own, before, base],
    wanted: own.expectation,
    then: before.expectation,
  }
}

function losses({
  wanted,
  then,
}: Papers): { readonly before: PolicyExpectation; readonly now: PolicyExpectation } | undefined {
  return wanted === undefined || then === undefined ? undefined : { before: then, now: wanted }
}

type Looked = {
  readonly results: readonly ProbeResult[]
  readonly observed: readonly Observation[]
  readonly units: Units | undefined
}

/** What all personas can do, once the units agree. */
async function lookOn(options: GateOptions, accounts: ThrowawayAccounts, expectations: Papers): Promise<Looked> {
  const { operator, now, sleep, stop } = options
  const family = new Family('others')
  try {
    const sessions = await openPersonaSessions({
      accounts,
      open: options.open,
      roles: await listRoles(operator),
      now: now(),
    })
    const changed =
      expectations.wanted && expectations.then ? distinction(expectations.then, expectations.wanted) : new Set<string>()
    const units = await askUnits({
      sessions,
      cells: sampleOf(changed),
      connections: options.connections,
      deadline: new Date(now().getTime() + options.patienceMs),
      wanted: expectations.wanted,
      now,
      sleep,
      stop,
    })
    return { results: [], observed: await observe(sessions), units }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    await family.cannotGoOn(error)
    return { results: await family.results(), observed: [], units: undefined }
  }
}
