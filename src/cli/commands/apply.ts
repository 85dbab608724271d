import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { symptomOfChecks } from '../../diagnosis/symptom.ts'
import type { Symptom } from '../../diagnosis/symptom.ts'
import type { Finding } from '../../finding.ts'
import type { StageResult } from '../../onboarding/apply.ts'
import { onboard } from '../../onboarding/onboard.ts'
import type { Onboarded, Watch } from '../../onboarding/onboard.ts'
import { changesOf } from '../../onboarding/plan.ts'
import type { Plan } from '../../onboarding/plan.ts'
import { operatorCustody } from '../../onboarding/prepare.ts'
import { stages } from '../../onboarding/stages.ts'
import { nearest } from '../../nearest.ts'
import { secretNames } from '../../tenant/sessions.ts'
import { stageNames } from '../../tenant/stage.ts'
import type { StageName } from '../../tenant/stage.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from '../tenant-command.ts'
import { diagnoseFailure, renderFailureDiagnosis, symptomOfError } from '../views/failure.ts'
import { fail } from '../fail.ts'
import type { CommandContext } from '../context.ts'
import { paint, print, wrap } from '../output.ts'
import type { Format } from '../output.ts'
import { progressView } from '../views/progress.ts'
import { renderChecks, renderFindings, renderPlan } from '../views/plan.ts'

export type ApplyOptions = CloudOptions & {
  readonly adopt?: true | undefined
  readonly yes?: true | undefined
  readonly expect?: string | undefined
  readonly until?: string | undefined
  readonly wait: boolean
  readonly output: Format
}

export async function applyCommand(file: string, options: ApplyOptions, io: CommandContext): Promise<number> {
  const until = stageOf(options.until)
  const loaded = await loadTenant(file, options, io)
  await operatorCustody(loaded.home)
  const cloud = await openCloud(loaded, options, io)
  let failedAt: StageName | undefined
  const watch = (): Watch => {
    const view = progressView(io, ['preflight', ...stages.map((stage) => stage.name)])
    return {
      show: (event) => {
        if (event.kind === 'stage' && event.state === 'failed') failedAt = event.stage
        view.show(event)
      },
      end: view.end,
    }
  }
  try {
    const onboarded = await onboard({
      ...cloud,
      tenant: loaded.tenant,
      home: loaded.home,
      secrets: loaded.secrets,
      adopt: options.adopt === true,
      until,
      wait: options.wait,
      // an approved digest approves exactly that plan
      goesOn: options.expect === undefined,
      command: 'apply',
      pid: io.pid,
      file: resolve(io.cwd, file),
      approve: (plan) => isApproved(plan, options, io),
      watch,
      stop: io.stop,
      now: io.now,
      sleep: io.sleep,
    })
    return await report(onboarded, loaded, cloud, options, io)
  } catch (error) {
    const symptom = symptomOfError(error, failedAt)
    if (symptom === undefined || io.stop.aborted) throw error
    return await reportBroken(error, symptom, loaded, options, io)
  } finally {
    await cloud.close()
  }
}

/** Prints the failure first, with its own message and exit code, and then its cause. */
async function reportBroken(
  error: unknown,
  symptom: Symptom,
  loaded: LoadedTenant,
  options: ApplyOptions,
  io: CommandContext,
): Promise<number> {
  const code = fail(error, io)
  const diagnosis = await diagnoseFailure(loaded, symptom, options, io)
  const told = { tenant: loaded.tenant.spec.tenant, ok: false, error: symptom.message, diagnosis }
  print(io, options.output, told, () => (diagnosis === undefined ? '' : renderFailureDiagnosis(diagnosis, io)))
  return code
}

async function report(
  onboarded: Onboarded,
  loaded: LoadedTenant,
  cloud: OpenCloud,
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
      const failed = stages.find((result) => !result.ok)
      const diagnosis =
        failed === undefined
          ? undefined
          : await diagnoseFailure(loaded, symptomOfChecks(failed.stage, failed.checks), options, io)
      const result = {
        tenant: loaded.tenant.spec.tenant,
        ok,
        digest,
        changed,
        stages,
        ...(diagnosis === undefined ? {} : { diagnosis }),
        handover: loaded.home.handover,
        evidence: loaded.home.evidence,
        kubeconfigs: kubeconfigsOf(loaded, stages),
        requests: cloud.exchanges.length,
        changingRequests: cloud.exchanges.filter(isChanging).length,
      }
      print(
        io,
        options.output,
        result,
        () =>
          `${failed === undefined ? '' : renderFailure(failed, io)}${diagnosis === undefined ? '' : renderFailureDiagnosis(diagnosis, io)}${summary(result, io)}`,
      )
      return failed === undefined ? 0 : 3
    }
  }
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
    readonly handover: string
    readonly evidence: string
    readonly kubeconfigs: readonly string[]
    readonly requests: number
    readonly changingRequests: number
  },
  io: CommandContext,
): string {
  const by = new Map<string, number>()
  for (const step of result.changed) by.set(step.actor, (by.get(step.actor) ?? 0) + 1)
  const who = [...by].map(([actor, count]) => `${count} by ${actor}`).join(', ')
  const what = result.changed.length === 0 ? 'nothing had to be changed' : `${result.changed.length} changes: ${who}`
  const head = result.ok
    ? paint(io, 'green', `${result.tenant} matches its file`)
    : `${result.tenant} is not finished; run the same command again to continue`
  const done = `${head}; ${what} (${result.requests} requests, ${result.changingRequests} of them changes)`
  return `${wrap(done, io.columns).join('\n')}\nhandover  ${result.handover}\nevidence  ${result.evidence}\n${result.kubeconfigs.map((path) => `kubectl   --kubeconfig ${path} get nodes\n`).join('')}`
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

async function isApproved(plan: Plan, options: ApplyOptions, io: CommandContext): Promise<boolean> {
  if (options.expect !== undefined) {
    if (options.expect === plan.digest) return true
    io.err(renderPlan(io, plan))
    throw new InputError(`the plan is ${plan.digest}, not the approved one; nothing was changed`)
  }
  if (changesOf(plan).length === 0 || options.yes === true) {
    if (options.output === 'text') io.err(renderPlan(io, plan))
    return true
  }
  io.err(renderPlan(io, plan))
  if (!io.isTerminal)
    throw new InputError('there is no terminal to ask on: give `--yes`, or `--expect` with the digest of the plan')
  if (await io.confirm('apply this plan?')) return true
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
