import { randomBytes } from 'node:crypto'
import { success } from '../../success.ts'
import { isBlocked } from '../../finding.ts'
import { answersOf, renderAnswers } from '../../onboarding/answers.ts'
import type { CloudAnswers } from '../../onboarding/answers.ts'
import { prepare } from '../../onboarding/prepare.ts'
import type { Prepared } from '../../onboarding/prepare.ts'
import { probe } from '../../onboarding/probe.ts'
import type { OperatorContext } from '../../onboarding/run.ts'
import { readEvidence } from '../../tenant/evidence.ts'
import { stagesAskedBy } from '../../tenant/stage.ts'
import { statusOf } from '../../tenant/status.ts'
import { lookAtDashboard, probeDashboard } from '../../probes/dashboard.ts'
import type { DashboardOptions } from '../../probes/dashboard.ts'
import { dashboardOf } from '../dashboard.ts'
import { openOnboarding } from '../onboarding-command.ts'
import type { OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import type { PreflightOptions } from '../definitions/tenant.ts'
import { paint, print } from '../output.ts'
import { renderChecks, renderFindings } from '../views/plan.ts'

export async function preflightCommand(file: string, options: PreflightOptions, io: CommandContext): Promise<number> {
  const context = await openOnboarding(file, { ...options, run: { adopt: false, wait: true } }, io)
  try {
    const prepared = await prepare(context)
    const dashboard = dashboardOf(context, options, io)
    const result =
      options.probe === true ? await prove(prepared, context, dashboard, io) : await read(prepared, context, dashboard)
    const ok = !isBlocked(result.findings) && result.checks.every((check) => check.ok)
    print(io, options.output, { tenant: context.tenant.spec.tenant, ...result }, ({ checks, findings, proof }) => {
      const verdict = ok ? paint(io, 'green', success.preflight()) : paint(io, 'red', 'preflight failed')
      return `${renderChecks(io, checks)}${renderFindings(io, findings)}${verdict}; this cloud: ${proof}\n`
    })
    return ok ? 0 : 3
  } finally {
    await context.close()
  }
}

type Result = Pick<Prepared['preflight'], 'checks' | 'findings'> & {
  readonly proof: string
  /** With probes. */
  readonly answers?: CloudAnswers
}

/** The dashboard too, as a throwaway domain manager. A cloud whose file names no dashboard has none to look at. */
async function prove(
  prepared: Prepared,
  context: OperatorContext,
  dashboard: DashboardOptions,
  io: CommandContext,
): Promise<Result> {
  const { operator, tenant } = context
  const caller = { command: 'preflight --probe', pid: io.pid }
  const { checks, findings } = await probe(prepared, context, caller, async (runs) =>
    dashboard.address === undefined
      ? []
      : probeDashboard(dashboard, { operator, random: randomBytes, now: io.now, runs }),
  )
  const answers = answersOf(tenant, checks)
  return { checks, findings, answers, proof: renderAnswers(answers) }
}

/** Without probes the proof is what the evidence says of the last ones. */
async function read(
  { preflight, findings }: Prepared,
  { home, tenant, digests }: OpenCloud,
  dashboard: DashboardOptions,
): Promise<Result> {
  const stages = statusOf(await readEvidence(home.evidence), digests, stagesAskedBy(tenant.spec))
  const status = stages.find(({ stage }) => stage === 'preflight')
  const proof =
    status?.at === undefined ? 'not proved (--probe proves it)' : `its proof of ${status.at} is ${status.state}`
  const seen = dashboard.address === undefined ? [] : await lookAtDashboard(dashboard)
  return { checks: preflight.checks, findings: [...findings, ...seen], proof }
}
