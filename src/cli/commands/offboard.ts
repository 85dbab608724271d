import { rm } from 'node:fs/promises'
import { InputError } from '../../errors.ts'
import { hasErrors } from '../../finding.ts'
import type { Absence } from '../../offboarding/absence.ts'
import { canEnter, Entrance } from '../../offboarding/project-access.ts'
import { unfreeze } from '../../offboarding/freeze.ts'
import { clusterNamesOf, clusterOwnersOf, takeInventory } from '../../offboarding/inventory.ts'
import type { Inventory } from '../../offboarding/inventory.ts'
import { offboard } from '../../offboarding/offboard.ts'
import { planOf } from '../../offboarding/plan.ts'
import type { OffboardPlan } from '../../offboarding/plan.ts'
import type { OffboardRun } from '../../offboarding/run.ts'
import { offboardStages } from '../../offboarding/stages.ts'
import type { OffboardStage } from '../../offboarding/stages.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import type { Evidence } from '../../tenant/evidence.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { nearest } from '../../nearest.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { CloudOptions, LoadedTenant, OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import { offboardProgress, renderAbsence, renderOffboardPlan } from '../views/offboard.ts'
import { paint, print } from '../output.ts'
import type { Format } from '../output.ts'
import { renderFindings } from '../views/plan.ts'

type Options = CloudOptions & {
  readonly dryRun?: true | undefined
  readonly keepData?: true | undefined
  readonly unfreeze?: true | undefined
  readonly until?: string | undefined
  readonly confirm?: string | undefined
  readonly adopt?: true | undefined
  readonly output: Format
}

/**
 * Removes a tenant from a cloud: shows the plan, asks for the tenant's name, runs the stages, proves that nothing is
 * left.
 */
export async function offboardCommand(file: string, options: Options, io: CommandContext): Promise<number> {
  const until = stageOf(options.until)
  if (options.unfreeze === true && (options.dryRun ?? options.keepData ?? options.until) !== undefined)
    throw new InputError(
      '`--unfreeze` only undoes a freeze: it cannot be combined with `--dry-run`, `--keep-data` or `--until`',
    )
  const loaded = await loadTenant(file, options, io)
  const cloud = await openCloud(loaded, options, io)
  try {
    if (options.dryRun === true) return await show(await prepare(loaded, cloud, options), loaded, options, io)
    const lock = await acquireLock(loaded.home.path, `offboard, pid ${io.pid}, since ${io.now().toISOString()}`)
    try {
      return await carryOut(loaded, cloud, until, options, io)
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

type Prepared = { readonly inventory: Inventory; readonly plan: OffboardPlan }

async function prepare({ tenant, home }: LoadedTenant, cloud: OpenCloud, options: Options): Promise<Prepared> {
  const magnumDomain = magnumDomainOf(tenant)
  const { operator, sessions, config } = cloud
  const records = await readEvidence(home.evidence)
  const inventory = await takeInventory({ tenant, operator, sessions, records, magnumDomain })
  const plan = planOf(tenant, inventory, {
    keepData: options.keepData === true,
    adopt: options.adopt === true,
    canEnter: canEnter(config.auth),
    magnumDomain,
  })
  return { inventory, plan }
}

async function show(
  { plan, inventory }: Prepared,
  { tenant }: LoadedTenant,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const isRefused = hasErrors(plan.findings)
  const result = {
    tenant: tenant.spec.tenant,
    ok: !isRefused,
    domain: inventory.tenantState.domain?.id ?? null,
    steps: plan.steps,
    findings: plan.findings,
  }
  print(io, options.output, result, () => {
    const end = isRefused ? paint(io, 'red', 'nothing is touched until this is resolved') : 'nothing was changed'
    return `${renderOffboardPlan(io, plan)}${end}\n`
  })
  return Promise.resolve(isRefused ? 3 : 0)
}

async function carryOut(
  loaded: LoadedTenant,
  cloud: OpenCloud,
  until: OffboardStage | undefined,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const { tenant, home } = loaded
  const prepared = await prepare(loaded, cloud, options)
  const { inventory, plan } = prepared
  if (hasErrors(plan.findings.filter(({ code }) => options.unfreeze !== true || isAboutDomain(code))))
    return show(prepared, loaded, options, io)
  if (options.unfreeze === true && inventory.tenantState.domain === undefined)
    throw new InputError(`there is no domain \`${tenant.names.domain}\``)
  if (options.unfreeze !== true) {
    io.err(renderOffboardPlan(io, plan))
    if (inventory.tenantState.domain !== undefined || plan.steps.length > 0)
      await confirm(tenant.spec.tenant, options, io)
  }
  await makeHome(home)
  const evidence = await openEvidence(home.evidence, io.now)
  const { operator, sessions, config, open } = cloud
  const progress = offboardProgress(io)
  const entrance = new Entrance(operator, config.auth, open, {
    note: async (action, { name, id }, requestIds) => {
      const object = { kind: 'project', name, id }
      await evidence.append({ kind: 'removed', stage: 'inside', actor: 'operator', action, object, requestIds })
      progress({ kind: 'removed', action, what: object, by: { actor: 'operator' } })
    },
    isOpen: (projectId) => isOpen(evidence.records, projectId),
  })
  const run: OffboardRun = {
    tenant,
    tenantState: inventory.tenantState,
    magnumDomain: magnumDomainOf(tenant),
    clusterNames: clusterNamesOf(inventory, evidence.records),
    operator,
    sessions,
    actors: inventory.actors,
    entrance,
    evidence,
    keepData: options.keepData === true,
    until,
    stop: io.stop,
    now: io.now,
    sleep: io.sleep,
    progress,
    unseen: [],
  }
  if (options.unfreeze === true) {
    await unfreeze(run)
    print(
      io,
      options.output,
      { tenant: tenant.spec.tenant, ok: true, frozen: false },
      () => `${tenant.spec.tenant} is as before the freeze; \`plan\` shows whether it matches its file\n`,
    )
    return 0
  }
  const absence = await offboard(run, clusterOwnersOf(inventory))
  return finish(loaded, absence, until, options, io)
}

async function finish(
  { tenant, home }: LoadedTenant,
  absence: Absence | undefined,
  until: OffboardStage | undefined,
  options: Options,
  io: CommandContext,
): Promise<number> {
  const name = tenant.spec.tenant
  if (absence === undefined) {
    const message =
      until === 'freeze' ? `${name} is frozen; \`--unfreeze\` undoes it` : `stopped after ${until ?? ''}, as requested`
    print(
      io,
      options.output,
      { tenant: name, ok: true, until, evidence: home.evidence },
      () => `${message}\nevidence  ${home.evidence}\n`,
    )
    return 0
  }
  const ok = absence.orphans.length === 0 && absence.checks.every((check) => check.ok)
  // they open nothing any more
  if (ok && options.keepData !== true)
    await Promise.all([home.secrets, home.handover].map((folder) => rm(folder, { recursive: true, force: true })))
  const result = {
    tenant: name,
    ok,
    orphans: absence.orphans,
    kept: absence.kept,
    checks: absence.checks,
    findings: absence.findings,
    evidence: home.evidence,
  }
  print(
    io,
    options.output,
    result,
    () => `${renderAbsence(io, name, absence, ok)}${renderFindings(io, absence.findings)}evidence  ${home.evidence}\n`,
  )
  return ok ? 0 : 3
}

/** What other tenants own here does not prevent an unfreeze. */
function isAboutDomain(code: string): boolean {
  return code === 'offboard/protected-domain' || code === 'offboard/not-ours'
}

/** True if the last record says that the operator entered the project. */
function isOpen(records: Evidence['records'], projectId: string): boolean {
  const last = records.findLast(
    (one) =>
      one.kind === 'removed' && (one.action === 'enter' || one.action === 'leave') && one.object.id === projectId,
  )
  return last?.kind === 'removed' && last.action === 'enter'
}

/** Asks for the name itself, because a habitual yes must not delete a tenant. */
async function confirm(name: string, { confirm: given }: Options, io: CommandContext): Promise<void> {
  if (given === undefined && (!io.isTerminal || io.ask === undefined))
    throw new InputError(`there is no terminal to ask on: give the tenant's name with \`--confirm ${name}\``)
  const typed = given ?? (await io.ask?.(`type the tenant's name to continue:`)) ?? ''
  if (typed !== name) throw new InputError(`\`${typed}\` is not the name of the tenant; nothing was changed`)
}

function magnumDomainOf(tenant: LoadedTenant['tenant']): string {
  return tenant.facts.magnum_domain ?? 'magnum'
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
