import { isBlocking } from '../finding.ts'
import { CloudError, StopError, errorChain, exitCodeOf } from '../errors.ts'
import type { Finding } from '../finding.ts'
import type { Allotted } from '../onboarding/preflight/network.ts'
import type { Onboarded } from '../onboarding/onboard.ts'
import type { StageName } from '../tenant/stage.ts'

/** The result of one tenant. Has no secret, because a fleet may put it into a database. */
export type TenantOutcome = {
  readonly tenant: string
  readonly cloud: string
  readonly file: string
  /**
   * `planned`: there are changes; `done`: as specified now; `unchanged`: as specified before; `refused`: the cloud, or
   * the plan, refuses; `failed`: it could not be completed; `stopped`: ended or not begun on request; `held`: handed
   * over, so its tenant does the rest.
   */
  readonly result: 'planned' | 'done' | 'unchanged' | 'held' | 'refused' | 'failed' | 'stopped'
  readonly exitCode: 0 | 1 | 2 | 3 | 4
  readonly changes: number
  /** The digest of the plan, if nothing was applied. */
  readonly digest?: string | undefined
  /** The prefixes of the plan, by project. */
  readonly cidrs?: Allotted | undefined
  readonly requests: number
  readonly seconds: number
  /** The stage where it ended, if it did not finish. */
  readonly stage?: StageName | undefined
  /** One sentence. */
  readonly because?: string | undefined
  /** At error level only. */
  readonly findings: readonly Finding[]
}

export type Subject = Pick<TenantOutcome, 'tenant' | 'cloud' | 'file'>
export type Effort = Pick<TenantOutcome, 'requests' | 'seconds'>

const noEffort = { requests: 0, seconds: 0 } as const

export function outcomeOf(subject: Subject, onboarded: Onboarded, effort: Effort): TenantOutcome {
  switch (onboarded.kind) {
    case 'declined':
      return stopped(subject, 'not approved', effort)
    case 'refused':
      return refused(subject, onboarded.findings, effort)
    case 'applied': {
      const { ok, changed, stages } = onboarded
      const changes = changed.length
      if (ok) {
        const result = changes === 0 ? 'unchanged' : 'done'
        return { ...subject, result, exitCode: 0, changes, ...effort, findings: [] }
      }
      const gate = stages.find((stage) => !stage.ok)
      const claims = gate?.checks.filter((check) => !check.ok).map((check) => check.claim) ?? []
      const findings = errorsOf(gate?.findings ?? [])
      const because =
        gate === undefined
          ? 'a part is left for another run'
          : `the gate of ${gate.stage} does not hold: ${[...claims, ...findings.map((one) => one.message)].join('; ')}`
      return { ...subject, result: 'refused', exitCode: 3, changes, ...effort, stage: gate?.stage, because, findings }
    }
  }
}

export function refused(subject: Subject, all: readonly Finding[], effort: Effort = noEffort): TenantOutcome {
  const findings = errorsOf(all)
  const because = findings.map(({ where, message }) => `${where}: ${message}`).join('; ')
  return { ...subject, result: 'refused', exitCode: 3, changes: 0, ...effort, because, findings }
}

/** An error is an outcome: the failure of one tenant does not affect others. */
export function failed({ tenant, cloud, file }: Subject, error: unknown, effort: Effort = noEffort): TenantOutcome {
  const subject = { tenant, cloud, file }
  const exitCode = exitCodeOf(error)
  const result = exitCode === 3 ? 'refused' : 'failed'
  return { ...subject, result, exitCode, changes: 0, ...effort, because: errorChain(error).join(': '), findings: [] }
}

export function stopped(subject: Subject, because: string, effort: Effort = noEffort): TenantOutcome {
  return { ...subject, result: 'stopped', exitCode: 4, changes: 0, ...effort, because, findings: [] }
}

export function held(subject: Subject, at: string): TenantOutcome {
  const because = `handed over at ${at}: its tenant holds the credentials`
  return { ...subject, result: 'held', exitCode: 0, changes: 0, ...noEffort, because, findings: [] }
}

/** True if it says that the cloud is out of reach, not that the tenant has a problem. */
export function isOutage(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof StopError) return false
    if (at instanceof CloudError) return ['unreachable', 'tls', 'timeout', 'sign-in'].includes(at.kind)
  }
  return false
}

function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(isBlocking)
}
