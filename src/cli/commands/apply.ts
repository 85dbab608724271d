import { success } from '../../success.ts'
import { InputError } from '../../errors.ts'
import { symptomOfGate } from '../../diagnosis/symptom.ts'
import type { Symptom } from '../../diagnosis/symptom.ts'
import { IgnoredQuotaError } from '../../openstack/quota-setting.ts'
import type { Finding } from '../../finding.ts'
import type { StageResult } from '../../onboarding/apply.ts'
import { onboard } from '../../onboarding/onboard.ts'
import type { Onboarded } from '../../onboarding/onboard.ts'
import { changesOf } from '../../onboarding/plan.ts'
import type { Plan } from '../../onboarding/plan.ts'
import type { Watch } from '../../onboarding/run.ts'
import { nearest } from '../../nearest.ts'
import { secretNames } from '../../tenant/sessions.ts'
import { stageNames } from '../../tenant/stage.ts'
import type { StageName } from '../../tenant/stage.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { confirmOn } from '../cloud-question.ts'
import { openOnboarding } from '../onboarding-command.ts'
import type { OpenCloud } from '../tenant-command.ts'
import { diagnoseFailure, renderFailureDiagnosis, symptomOfError } from '../views/failure.ts'
import { fail } from '../fail.ts'
import type { CommandContext } from '../context.ts'
import type { ApplyOptions } from '../definitions/tenant.ts'
import { paint, print, wrap } from '../output.ts'
import { progressView } from '../views/progress.ts'
import { renderChecks, renderFindings, renderPlan } from '../views/plan.ts'

export async function applyCommand(file: string, options: ApplyOptions, io: CommandContext): Promise<number> {
  const run = {
    adopt: options.adopt === true,
    enable: options.enable,
    until: stageOf(options.until),
    wait: options.wait,
  }
  const context = await openOnboarding(file, { ...options, run }, io)
  let failedAt: StageName | undefined
  const watch = (): Watch => {
    const view = progressView(io, stageNames)
    return {
      show: (event) => {
        if (event.kind === 'stage' && event.state === 'failed') failedAt = event.stage
        view.show(event)
      },
      end: view.end,
    }
  }
  try {
    const onboarded = await onboard(context, {
      command: 'apply',
      pid: io.pid,
      // an approved digest approves exactly that plan
      goesOn: options.expect === undefined,
      approve: (plan) => isApproved(plan, context.used(), options, io),
      watch,
    })
    return await report(onboarded, context, options, io)
  } catch (error) {
    const symptom = symptomOfError(error, failedAt)
    if (symptom === undefined || io.stop.aborted) throw error
    // the failure first, in its own words and with its own exit code; then what is behind it
    const code = fail(error, io)
    if (error instanceof IgnoredQuotaError) {
      const findings = [error.finding]
      const told = { tenant: context.tenant.spec.tenant, ok: false, error: symptom.message, findings }
      print(io, options.output, told, () => renderFindings(io, findings))
      return code
    }
    const diagnosis = await diagnoseFailure(context, symptom, options, io)
    const told = { tenant: context.tenant.spec.tenant, ok: false, error: symptom.message, diagnosis }
    print(io, options.output, told, () => (diagnosis === undefined ? '' : renderFailureDiagnosis(diagnosis, io)))
    return code
  } finally {
    await context.close()
  }
}

async function report(
  onboarded: Onboarded,
  context: OpenCloud,
  options: ApplyOptions,
  io: CommandContext,
): Promise<number> {
  switch (onboarded.kind) {
    case 'declined':
      return 0
    case 'refused':
      return refuse(onboarded.findings, options, io)
    case 'applied': {
      const { ok, digest, changed, stages } = onboarded
      const { tenant, home, exchanges } = context
      const failed = stages.find((result) => !result.ok)
      const diagnosis =
        failed === undefined ? undefined : await diagnoseFailure(context, gateSymptom(failed, context), options, io)
      const result = {
        tenant: tenant.spec.tenant,
        cloud: context.used(),
        ok,
        digest,
        changed,
        stages,
        ...(diagnosis === undefined ? {} : { diagnosis }),
        handover: home.handover,
        evidence: home.evidence,
        kubeconfigs: kubeconfigsOf(context, stages),
        requests: exchanges.length,
        changingRequests: exchanges.filter(isChanging).length,
      }
      print(
        io,
        options.output,
        result,
        () =>
          `${failed === undefined ? '' : renderFailure(failed, io)}${diagnosis === undefined ? '' : renderFailureDiagnosis(diagnosis, io)}${summary(result, stageOf(options.until), io)}`,
      )
      if (failed !== undefined) return 3
      return ok ? 0 : 4
    }
  }
}

function gateSymptom(failed: StageResult, { exchanges }: OpenCloud): Symptom {
  return symptomOfGate({ ...failed, requests: exchanges.map(({ requestId, service }) => ({ id: requestId, service })) })
}

/** The clusters that were waited for and are healthy. */
function kubeconfigsOf({ tenant, secrets }: LoadedTenant, stages: readonly StageResult[]): readonly string[] {
  const isComplete = stages.some(({ stage, gate, ok }) => stage === 'cluster' && gate === 'complete' && ok)
  const projects = isComplete ? tenant.projects.filter(({ spec }) => spec.cluster !== undefined) : []
  return projects.map((project) => secrets.pathOf(secretNames.kubeconfig(project)))
}

function renderFailure(failed: StageResult, io: CommandContext): string {
  const wanting = failed.checks.filter((check) => !check.ok)
  const head = paint(io, 'red', `the gate of ${failed.stage} does not hold`)
  return `${head}\n${renderChecks(io, wanting)}${renderFindings(io, failed.findings)}`
}

/** Signing in makes a token and nothing else. */
function isChanging({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method !== 'GET' && method !== 'HEAD' && !path.endsWith('/v3/auth/tokens')
}

function summary(
  result: {
    readonly tenant: string
    readonly ok: boolean
    readonly changed: Plan['steps']
    readonly stages: readonly StageResult[]
    readonly handover: string
    readonly evidence: string
    readonly kubeconfigs: readonly string[]
    readonly requests: number
    readonly changingRequests: number
  },
  until: StageName | undefined,
  io: CommandContext,
): string {
  const by = new Map<string, number>()
  for (const step of result.changed) by.set(step.actor, (by.get(step.actor) ?? 0) + 1)
  const who = [...by].map(([actor, count]) => `${count} by ${actor}`).join(', ')
  const what = result.changed.length === 0 ? 'nothing had to be changed' : `${result.changed.length} changes: ${who}`
  const head = result.ok
    ? paint(io, 'green', saidOf(result.tenant, until, result.stages))
    : `${result.tenant} is not finished; run the same command again to continue`
  const done = `${head}; ${what} (${result.requests} requests, ${result.changingRequests} of them changes)`
  return `${wrap(done, io.columns).join('\n')}\nhandover  ${result.handover}\nevidence  ${result.evidence}\n${result.kubeconfigs.map((path) => `kubectl   --kubeconfig ${path} get nodes\n`).join('')}`
}

/** What nobody looked at is not said. */
function saidOf(tenant: string, until: StageName | undefined, stages: readonly StageResult[]): string {
  if (until !== undefined && until !== stageNames.at(-1)) return success['apply --until'](tenant, until)
  const cluster = stages.findLast(({ stage }) => stage === 'cluster')
  return cluster?.gate === 'accepted' ? success['apply --no-wait'](tenant) : success.apply(tenant)
}

function refuse(findings: readonly Finding[], options: ApplyOptions, io: CommandContext): number {
  print(
    io,
    options.output,
    { ok: false, findings },
    () =>
      `${renderFindings(
        io,
        findings.filter((finding) => finding.severity !== 'info'),
      )}nothing was changed\n`,
  )
  return 3
}

async function isApproved(plan: Plan, used: UsedCloud, options: ApplyOptions, io: CommandContext): Promise<boolean> {
  if (options.expect !== undefined) {
    if (options.expect === plan.digest) return true
    io.err(renderPlan(io, plan, used))
    throw new InputError(`the plan is ${plan.digest}, not the approved one; nothing was changed`)
  }
  if (changesOf(plan).length === 0 || options.yes === true) {
    if (options.output === 'text') io.err(renderPlan(io, plan, used))
    return true
  }
  io.err(renderPlan(io, plan, used))
  if (!io.isTerminal)
    throw new InputError('there is no terminal to ask on: give `--yes`, or `--expect` with the digest of the plan')
  if (await confirmOn(used, 'apply this plan?', io)) return true
  io.err('nothing was changed\n')
  return false
}

export function stageOf(text: string | undefined): StageName | undefined {
  if (text === undefined) return undefined
  const found = stageNames.find((name) => name === text)
  if (found !== undefined) return found
  const close = nearest(text, stageNames)
  throw new InputError([
    {
      message: `there is no stage \`${text}\``,
      hint: close === undefined ? `stages: ${stageNames.join(', ')}` : `did you mean \`${close}\`?`,
    },
  ])
}
