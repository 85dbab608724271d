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
import { magnumDomainOf } from '../../tenant/cloud-facts.ts'
import { openEvidence, readEvidence } from '../../tenant/evidence.ts'
import type { Evidence } from '../../tenant/evidence.ts'
import { makeHome } from '../../tenant/home.ts'
import { acquireLock } from '../../tenant/lock.ts'
import { nearest } from '../../nearest.ts'
import { loadTenant, openCloud } from '../tenant-command.ts'
import type { LoadedTenant, OpenCloud } from '../tenant-command.ts'
import type { CommandContext } from '../context.ts'
import type { OffboardOptions } from '../definitions/tenant.ts'
import { offboardProgress, renderAbsence, renderOffboardPlan } from '../views/offboard.ts'
import { paint, print } from '../output.ts'
import { renderFindings } from '../views/plan.ts'

/** Takes a tenant off a cloud: plan, its name typed, stages, proof that nothing is left. */
export async function offboardCommand(file: string, options: OffboardOptions, io: CommandContext): Promise<number> {
  const until = stageOf(options.until)
  if (options.unfreeze === true && (options.dryRun ?? options.keepData ?? options.until) !== undefined)
    throw new InputError(
      '`--unfreeze` undoes a freeze and nothing else: leave `--dry-run`, `--keep-data`, `--until` away',
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

async function prepare({ tenant, home }: LoadedTenant, cloud: OpenCloud, options: OffboardOptions): Promise<Prepared> {
  const magnumDomain = magnumDomainOf(tenant.facts)
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
  options: OffboardOptions,
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
    const end = isRefused ? paint(io, 'red', 'as long as this is so, nothing is touched') : 'nothing was changed'
    return `${renderOffboardPlan(io, plan)}${end}\n`
  })
  return Promise.resolve(isRefused ? 3 : 0)
}

async function carryOut(
  loaded: LoadedTenant,
  cloud: OpenCloud,
  until: OffboardStage | undefined,
  options: OffboardOptions,
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
    magnumDomain: magnumDomainOf(tenant.facts),
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
      () => `${tenant.spec.tenant} is as before the freeze; \`plan\` tells whether it is as asked\n`,
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
  options: OffboardOptions,
  io: CommandContext,
): Promise<number> {
  const name = tenant.spec.tenant
  if (absence === undefined) {
    const message =
      until === 'freeze' ? `${name} is frozen; \`--unfreeze\` undoes it` : `stopped after ${until ?? ''}, as asked`
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

/** What others have on a tenant is no obstacle to giving back what a freeze took. */
function isAboutDomain(code: string): boolean {
  return code === 'offboard/protected-domain' || code === 'offboard/not-ours'
}

/** Whether the last that is known of it is that the operator went in. */
function isOpen(records: Evidence['records'], projectId: string): boolean {
  const last = records.findLast(
    (one) =>
      one.kind === 'removed' && (one.action === 'enter' || one.action === 'leave') && one.object.id === projectId,
  )
  return last?.kind === 'removed' && last.action === 'enter'
}

/** The name itself, typed: a habit of saying yes deletes nobody. */
async function confirm(name: string, { confirm: given }: OffboardOptions, io: CommandContext): Promise<void> {
  if (given === undefined && (!io.isTerminal || io.ask === undefined))
    throw new InputError(`there is no terminal to ask on: give the tenant's name with \`--confirm ${name}\``)
  const typed = given ?? (await io.ask?.(`type the tenant's name to go on:`)) ?? ''
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
