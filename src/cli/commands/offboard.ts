import { success } from '../../success.ts'
import { InputError } from '../../errors.ts'
import { verdictOf } from '../../finding.ts'
import type { Verdict } from '../../finding.ts'
import { nearest } from '../../nearest.ts'
import { offboard, planOffboarding, unfreeze } from '../../offboarding/offboard.ts'
import type { Offboarded, PlannedOffboarding } from '../../offboarding/offboard.ts'
import { offboardStages } from '../../offboarding/stages.ts'
import type { OffboardStage } from '../../offboarding/stages.ts'
import type { CommandContext } from '../context.ts'
import type { OffboardOptions } from '../definitions/tenant.ts'
import { paint, print } from '../output.ts'
import type { LoadedTenant } from '../../tenant/context.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { OpenCloud } from '../tenant-command.ts'
import { offboardProgress, renderAbsence, renderFreeze, renderOffboardPlan } from '../views/offboard.ts'
import { renderCloud, renderFindings } from '../views/plan.ts'

/**
 * Removes a tenant from a cloud: shows the plan, asks for the tenant's name, runs the stages, proves that nothing is
 * left.
 */
export async function offboardCommand(file: string, options: OffboardOptions, io: CommandContext): Promise<number> {
  const until = stageOf(options.until)
  if (options.unfreeze === true && (options.dryRun ?? options.keepData ?? options.until) !== undefined)
    throw new InputError(
      '`--unfreeze` only undoes a freeze: it cannot be combined with `--dry-run`, `--keep-data` or `--until`',
    )
  const loaded = await loadTenant(file, options, io)
  const cloud = await openCloud(loaded, options, io)
  try {
    const work = {
      ...cloud,
      auth: cloud.config.auth,
      keepData: options.keepData === true,
      adopt: options.adopt === true,
      progress: offboardProgress(io),
      command: 'offboard',
      pid: io.pid,
    }
    if (options.dryRun === true) return showPlan(cloud, await planOffboarding(work), options, io)
    if (options.unfreeze === true) {
      const unfrozen = await unfreeze(work)
      if (unfrozen.kind === 'refused') return showPlan(cloud, unfrozen.planned, options, io)
      return showUnfrozen(loaded, options, io)
    }
    const approve = async (planned: PlannedOffboarding): Promise<boolean> => {
      io.err(`${renderCloud(io, cloud.used())}${renderOffboardPlan(io, planned.plan)}`)
      const isOver = planned.inventory.tenantState.domain === undefined && planned.plan.steps.length === 0
      if (!isOver) await confirm(loaded.tenant.spec.tenant, cloud.used(), options, io)
      return true
    }
    return show(cloud, await offboard({ ...work, until, approve }), until, options, io)
  } finally {
    await cloud.close()
  }
}

function showPlan(
  { tenant, used }: OpenCloud,
  { plan, inventory }: PlannedOffboarding,
  options: OffboardOptions,
  io: CommandContext,
): number {
  const verdict = verdictOf(plan.findings)
  const result = {
    tenant: tenant.spec.tenant,
    cloud: used(),
    ok: verdict === 'shown',
    domain: inventory.tenantState.domain?.id ?? null,
    steps: plan.steps,
    findings: plan.findings,
  }
  print(io, options.output, result, () => {
    return `${renderCloud(io, result.cloud)}${renderOffboardPlan(io, plan)}${endings(io)[verdict]}\n`
  })
  return verdict === 'shown' ? 0 : 3
}

function endings(io: CommandContext): Readonly<Record<Verdict, string>> {
  return {
    shown: 'nothing was changed',
    refuted: paint(io, 'red', 'nothing is touched until this is resolved'),
    'not shown': `nothing was changed; ${paint(io, 'yellow', 'what cannot be seen may stay')}`,
  }
}

function showUnfrozen({ tenant }: LoadedTenant, options: OffboardOptions, io: CommandContext): number {
  const name = tenant.spec.tenant
  print(
    io,
    options.output,
    { tenant: name, ok: true, frozen: false },
    () => `${success['offboard --unfreeze'](name)}; \`plan\` compares it with its file\n`,
  )
  return 0
}

function show(
  loaded: OpenCloud,
  offboarded: Offboarded,
  until: OffboardStage | undefined,
  options: OffboardOptions,
  io: CommandContext,
): number {
  const name = loaded.tenant.spec.tenant
  const { evidence } = loaded.home
  switch (offboarded.kind) {
    case 'refused':
      return showPlan(loaded, offboarded.planned, options, io)
    case 'declined':
      return 0
    case 'frozen': {
      const { verdict, checks, findings, ...who } = offboarded.proof
      const result = { tenant: name, ok: verdict === 'shown', verdict, until, ...who, checks, findings, evidence }
      print(
        io,
        options.output,
        result,
        () =>
          `${renderFreeze(io, name, offboarded.proof)}${renderFindings(io, findings)}\`--unfreeze\` undoes it\nevidence  ${evidence}\n`,
      )
      return verdict === 'shown' ? 0 : 3
    }
    case 'stopped': {
      const message = `stopped after ${until ?? ''}, as requested`
      const result = { tenant: name, ok: true, until, evidence }
      print(io, options.output, result, () => `${message}\nevidence  ${evidence}\n`)
      return 0
    }
    case 'proved': {
      const { verdict, absence } = offboarded
      const { orphans, kept, checks, findings } = absence
      const result = { tenant: name, ok: verdict === 'shown', verdict, orphans, kept, checks, findings, evidence }
      print(
        io,
        options.output,
        result,
        () => `${renderAbsence(io, name, absence, verdict)}${renderFindings(io, findings)}evidence  ${evidence}\n`,
      )
      return verdict === 'shown' ? 0 : 3
    }
  }
}

/** Asks for the name itself, because a habitual yes must not delete a tenant. */
async function confirm(
  name: string,
  used: UsedCloud,
  { confirm: given }: OffboardOptions,
  io: CommandContext,
): Promise<void> {
  if (given === undefined && (!io.isTerminal || io.ask === undefined))
    throw new InputError(`there is no terminal to ask on: give the tenant's name with \`--confirm ${name}\``)
  const typed = given ?? (await io.ask?.(`${renderCloud(io, used)}type the tenant's name to continue:`)) ?? ''
  if (typed !== name) throw new InputError(`\`${typed}\` is not the name of the tenant; nothing was changed`)
}

function stageOf(text: string | undefined): OffboardStage | undefined {
  if (text === undefined) return undefined
  const found = offboardStages.find((name) => name === text)
  if (found !== undefined) return found
  const close = nearest(text, offboardStages)
  throw new InputError([
    {
      message: `there is no stage \`${text}\` of offboarding`,
      hint: close === undefined ? `stages: ${offboardStages.join(', ')}` : `did you mean \`${close}\`?`,
    },
  ])
}
