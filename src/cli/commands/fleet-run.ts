import { resolve } from 'node:path'
import { InputError, renderProblem } from '../../errors.ts'
import { Clouds } from '../../fleet/cloud.ts'
import type { CloudAccess } from '../../fleet/cloud.ts'
import { byCloud, loadFleet } from '../../fleet/fleet.ts'
import type { Member } from '../../fleet/fleet.ts'
import { readFolder } from '../../fleet/folder.ts'
import type { BadFile } from '../../fleet/folder.ts'
import { onboardMember, planMember } from '../../fleet/member-run.ts'
import { failed } from '../../fleet/outcome.ts'
import type { TenantOutcome } from '../../fleet/outcome.ts'
import { runFleet } from '../../fleet/run.ts'
import type { Limits } from '../../fleet/schedule.ts'
import { refuseOtherEnvironment } from '../../openstack/cloud-choice.ts'
import { StateFile, statePath } from '../../fleet/state-file.ts'
import { Tally } from '../../fleet/tally.ts'
import { stageOf } from './apply.ts'
import { cloudHomeOf } from '../../tenant/home.ts'
import { usedCloud } from '../../tenant/used-cloud.ts'
import type { UsedCloud } from '../../tenant/used-cloud.ts'
import { connect, loadOperator, originOf, readText, sourcesOf } from '../connection.ts'
import type { ConnectionOptions } from '../connection.ts'
import { exitCodeOfFleet, printReport, reportOf } from '../views/fleet-report.ts'
import { fleetView } from '../views/fleet.ts'
import type { CommandContext } from '../context.ts'
import { homeRoot } from '../home-root.ts'
import type { FleetApplyOptions, FleetPlanOptions } from '../definitions/fleet.ts'
import { renderCloud } from '../views/plan.ts'

export type LoadedFleet = {
  /** As the user wrote it. */
  readonly shown: string
  readonly folder: string
  readonly root: string
  readonly members: readonly Member[]
  /** Told at once; the others go on, and the command ends with exit 2. */
  readonly bad: readonly BadFile[]
}

export async function loadFleetFolder(
  shown: string,
  options: Pick<FleetPlanOptions, 'home'>,
  io: CommandContext,
): Promise<LoadedFleet> {
  const folder = resolve(io.cwd, shown)
  const root = homeRoot(options, io)
  const found = await readFolder(folder, shown)
  const { members, bad: contradicted } = await loadFleet(found.files, root, readText)
  const bad = [...found.bad, ...contradicted]
  if (bad.length > 0) {
    // each problem once, also one between two files
    const problems = new Map(bad.flatMap(({ error }) => error.problems).map((one) => [renderProblem(one), one]))
    const refusal = new InputError([...problems.values()])
    if (members.length === 0) throw refusal
    io.err(`${refusal.message}\n`)
  }
  return { shown, folder, root, members, bad }
}

/**
 * Says which clouds the fleet is on. The environment may name one of them, and no other: it does not choose, but it shows what its
 * user has in mind. Returns what it said. Throws `InputError`.
 */
export async function showClouds(members: readonly Member[], io: CommandContext): Promise<string> {
  const files = members.map(({ spec, file }) => ({ name: spec.cloud, path: file }))
  await refuseOtherEnvironment(files, sourcesOf(io))
  const lines: string[] = []
  for (const cloud of byCloud(members).keys()) {
    const config = await loadOperator({ cloud }, undefined, io).catch((error: unknown) => {
      // what is wrong with the entry is the outcome of its tenants
      if (!(error instanceof InputError)) throw error
    })
    if (config !== undefined) lines.push(renderCloud(io, usedCloud(config, undefined)))
  }
  const text = lines.join('')
  io.err(text)
  return text
}

/** The tenant file names its cloud, which is the entry of clouds.yaml. `OS_CLOUD` would be the same for all tenants. */
export function openClouds(options: ConnectionOptions & Pick<FleetPlanOptions, 'home'>, io: CommandContext): Clouds {
  const root = homeRoot(options, io)
  const open = async (name: string): Promise<CloudAccess> => {
    const config = await loadOperator({ cloud: name }, undefined, io)
    const folders = { cloud: cloudHomeOf(root, name), tenants: [] }
    const { openFor, endpoint, ca, external, close } = await connect(config, folders, options, io)
    const operator = openFor(undefined)('operator', config.auth, originOf(config))
    const used = (): UsedCloud => usedCloud(config, operator.lastToken)
    return { operator, endpoint, ca, used, openFor, external, close }
  }
  return new Clouds(open, io.now)
}

export function limitsOf({ limit, perCloud }: Pick<FleetPlanOptions, 'limit' | 'perCloud'>): Limits {
  return { overall: readNumber('--limit', limit), perCloud: readNumber('--per-cloud', perCloud) }
}

export function readNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new InputError(`\`${name} ${text}\`: write a number of 1 or more`)
  return number
}

export async function fleetPlan(shown: string, options: FleetPlanOptions, io: CommandContext): Promise<number> {
  const loaded = await loadFleetFolder(shown, options, io)
  const how = { command: 'fleet plan', one: planMember, limits: limitsOf(options) }
  await showClouds(loaded.members, io)
  const outcomes = await work(loaded, how, { ...options, wait: true }, io)
  const code = exitCodeOfFleet(outcomes)
  if (code !== 0) return code
  return options.exitCode === true && outcomes.some(({ result }) => result === 'planned') ? 3 : 0
}

export async function fleetApply(shown: string, options: FleetApplyOptions, io: CommandContext): Promise<number> {
  const loaded = await loadFleetFolder(shown, options, io)
  const how = { command: 'fleet apply', one: onboardMember, limits: limitsOf(options) }
  const clouds = await showClouds(loaded.members, io)
  if (!(await isApproved(loaded, clouds, options, io))) return 0
  return exitCodeOfFleet(await work(loaded, how, options, io))
}

async function work(
  loaded: LoadedFleet,
  { command, one, limits }: { readonly command: string; readonly one: typeof onboardMember; readonly limits: Limits },
  options: FleetApplyOptions,
  io: CommandContext,
): Promise<readonly TenantOutcome[]> {
  const { shown, folder, root, members, bad } = loaded
  const until = stageOf(options.until)
  const head = { folder, command, pid: io.pid, limits }
  // a plan changes nothing, so it leaves no files
  const file = one === planMember ? undefined : new StateFile(statePath(root, folder), head, io.now)
  const tally = new Tally(new Map([...byCloud(members)].map(([cloud, own]) => [cloud, own.length])), io.now)
  const view = fleetView(io, tally, file)
  const clouds = openClouds(options, io)
  const outcomes: TenantOutcome[] = []
  const started = io.now().getTime()
  try {
    outcomes.push(...bad.map(outcomeOfBad))
    await runFleet(members, clouds, {
      root,
      command,
      pid: io.pid,
      run: { adopt: options.adopt === true, wait: options.wait, until },
      clock: { now: io.now, sleep: io.sleep, stop: io.stop },
      limits,
      work: one,
      watch: {
        ...view,
        ended: (outcome) => {
          outcomes.push(outcome)
          view.ended(outcome)
        },
      },
    })
  } finally {
    await view.end(!io.stop.aborted)
    await clouds.close()
  }
  const report = reportOf(shown, outcomes, (io.now().getTime() - started) / 1000)
  printReport(io, options.output, report, `run the same command again to continue: tenant-onboard ${command} ${shown}`)
  return outcomes
}

/** Such a file names no tenant that can be believed. */
export function outcomeOfBad({ file, error }: BadFile): TenantOutcome {
  return failed({ tenant: '-', cloud: '-', file }, error)
}

export async function isApproved(
  { members, shown }: LoadedFleet,
  used: string,
  options: Pick<FleetApplyOptions, 'yes'>,
  io: CommandContext,
): Promise<boolean> {
  if (options.yes === true) return true
  const clouds = [...byCloud(members)].map(([cloud, own]) => `${own.length} on ${cloud}`)
  io.err(`${members.length} tenants of ${shown}: ${clouds.join(', ')}\n`)
  if (!io.isTerminal)
    throw new InputError('there is no terminal to ask on: give `--yes`; `fleet plan` shows the plan first')
  if (await io.confirm(`${used}apply all of them?`)) return true
  io.err('nothing was changed\n')
  return false
}
