import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { hasErrors } from '../finding.ts'
import { applyPlan } from '../onboarding/apply.ts'
import type { StageResult } from '../onboarding/apply.ts'
import { writeHandover } from '../onboarding/handover.ts'
import { changesOf } from '../onboarding/plan.ts'
import type { Plan, Step } from '../onboarding/plan.ts'
import type { Preflight } from '../onboarding/preflight.ts'
import { prepare } from '../onboarding/prepare.ts'
import type { Planned, Prepared } from '../onboarding/prepare.ts'
import { openProgressLog } from '../onboarding/progress-log.ts'
import type { Run } from '../onboarding/run.ts'
import { resourcesOf, stages } from '../onboarding/stages.ts'
import { preflightStage } from '../onboarding/stages/preflight.ts'
import { openEvidence } from '../tenant/evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { acquireLock } from '../tenant/lock.ts'
import { nearest } from '../tenant/nearest.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import { loadTenant, openCloud } from './command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from './command.ts'
import type { Io } from './io.ts'
import { paint, print } from './output.ts'
import type { Format } from './output.ts'
import { progressView } from './progress-view.ts'
import { renderChecks, renderFindings, renderPlan } from './render.ts'

export type ApplyOptions = CloudOptions & {
  readonly adopt?: true | undefined
  readonly yes?: true | undefined
  readonly expect?: string | undefined
  readonly until?: string | undefined
  readonly wait: boolean
  readonly output: Format
}

export async function applyCommand(file: string, options: ApplyOptions, io: Io): Promise<number> {
  const until = stageOf(options.until)
  const loaded = await loadTenant(file, options, io)
  const cloud = await openCloud(loaded, options, io)
  try {
    const lock = await acquireLock(loaded.home.path, `apply, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      await makeHome(loaded.home)
      return await apply(loaded, cloud, until, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

async function apply(
  loaded: LoadedTenant,
  cloud: OpenCloud,
  until: StageName | undefined,
  options: ApplyOptions,
  io: Io,
): Promise<number> {
  const { tenant, home } = loaded
  const made: Step[] = []
  for (;;) {
    const prepared = await prepare(tenant, cloud.operator, cloud.sessions, loaded.secrets, cloud.digests, {
      adopt: options.adopt === true,
      endpoint: cloud.endpoint,
      now: io.now,
    })
    const { planned } = prepared
    if (planned === undefined || hasErrors(planned.plan.findings)) return refuse(prepared, options, io)
    const { plan } = planned
    if (!(await isApproved(plan, options, io))) return 0
    const stages = await runPlan(prepared.preflight, planned, loaded, cloud, untilOf(plan, until), options, io)
    const done = changesOf(plan).filter((step) => stages.some((result) => result.stage === step.stage))
    made.push(...done)
    const failed = stages.find((result) => !result.ok)
    // what an adopted account can see is planned once it can sign in; who approved a digest approved no more than that
    const isMore = failed === undefined && plan.later.length > 0 && done.length > 0 && options.expect === undefined
    if (isMore && !isReached(until, stages)) continue
    const result = {
      tenant: tenant.spec.tenant,
      ok: failed === undefined && plan.later.length === 0,
      digest: plan.digest,
      changed: made,
      stages,
      handover: home.handover,
      evidence: home.evidence,
      requests: cloud.exchanges.length,
      changingRequests: cloud.exchanges.filter(isChanging).length,
    }
    print(
      io,
      options.output,
      result,
      () => `${failed === undefined ? '' : renderFailure(failed, io)}${summary(result, io)}`,
    )
    return failed === undefined ? 0 : 3
  }
}

async function runPlan(
  read: Preflight,
  { plan, known }: Planned,
  { file, tenant, home, secrets }: LoadedTenant,
  cloud: OpenCloud,
  until: StageName | undefined,
  options: ApplyOptions,
  io: Io,
): Promise<readonly StageResult[]> {
  const evidence = await openEvidence(home.evidence, io.now)
  const all = [preflightStage(read), ...stages]
  const names = all.map((stage) => stage.name)
  const log = await openProgressLog({
    path: home.progress,
    command: 'apply',
    pid: io.pid,
    file: resolve(io.cwd, file),
    stages: until === undefined ? names : names.slice(0, names.indexOf(until) + 1),
    plan,
    resources: resourcesOf(tenant),
    now: io.now,
  })
  const view = progressView(io, names)
  try {
    const run: Run = {
      tenant,
      stages: all,
      known,
      sessions: cloud.sessions,
      secrets,
      evidence,
      digests: cloud.digests,
      until,
      wait: options.wait,
      stop: io.stop,
      now: io.now,
      sleep: io.sleep,
      open: cloud.open,
      exchanges: cloud.exchanges,
      progress: (event) => {
        view.show(event)
        log.show(event)
      },
    }
    return await log.follow(() => applyPlan(plan, run))
  } finally {
    await view.end()
    await writeHandover(tenant, home, secrets, cloud.config.endpoint, cloud.ca)
  }
}

/** A plan that leaves something for later is applied as far as it reaches. */
function untilOf({ reaches }: Plan, until: StageName | undefined): StageName | undefined {
  if (reaches === undefined || until === undefined) return reaches ?? until
  return stageNames.indexOf(reaches) < stageNames.indexOf(until) ? reaches : until
}

function isReached(until: StageName | undefined, results: readonly StageResult[]): boolean {
  return until !== undefined && results.some((result) => result.stage === until)
}

function renderFailure(failed: StageResult, io: Io): string {
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
    readonly requests: number
    readonly changingRequests: number
  },
  io: Io,
): string {
  const by = new Map<string, number>()
  for (const step of result.changed) by.set(step.actor, (by.get(step.actor) ?? 0) + 1)
  const who = [...by].map(([actor, count]) => `${count} by ${actor}`).join(', ')
  const what = result.changed.length === 0 ? 'nothing had to be changed' : `${result.changed.length} changes: ${who}`
  const head = result.ok
    ? paint(io, 'green', `${result.tenant} is as asked`)
    : `${result.tenant} is not finished; the same command goes on from here`
  return `${head}; ${what} (${result.requests} requests, ${result.changingRequests} of them changing something)\nhandover  ${result.handover}\nevidence  ${result.evidence}\n`
}

function refuse({ preflight, planned }: Prepared, options: ApplyOptions, io: Io): number {
  const findings = [...preflight.findings, ...(planned?.plan.findings ?? [])]
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

async function isApproved(plan: Plan, options: ApplyOptions, io: Io): Promise<boolean> {
  if (options.expect !== undefined) {
    if (options.expect === plan.digest) return true
    io.err(renderPlan(io, plan))
    throw new InputError(`the plan is ${plan.digest}, not the one that was approved; nothing was changed`)
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

function stageOf(text: string | undefined): StageName | undefined {
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
