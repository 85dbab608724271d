import { databaseAddress } from '../fleet/database/address.ts'
import { homeId } from '../fleet/database/home-id.ts'
import { Queue } from '../fleet/database/queue.ts'
import type { Task } from '../fleet/database/task.ts'
import { byCloud } from '../fleet/fleet.ts'
import type { Member } from '../fleet/fleet.ts'
import { failed, refused } from '../fleet/outcome.ts'
import type { TenantOutcome } from '../fleet/outcome.ts'
import { allotAll } from '../fleet/run.ts'
import { StateFile, statePath } from '../fleet/state-file.ts'
import { Tally } from '../fleet/tally.ts'
import { isBlocked } from '../finding.ts'
import { stageOf } from './commands/apply.ts'
import { exitCodeOfFleet, printReport, reportOf } from './views/fleet-report.ts'
import {
  isApproved,
  limitsOf,
  loadFleetFolder,
  openClouds,
  outcomeOfBad,
  readNumber,
  showClouds,
} from './commands/fleet-run.ts'
import { fleetView } from './views/fleet.ts'
import type { CommandContext } from './context.ts'
import type { FleetApplyOptions, FleetCancelOptions } from './definitions/fleet.ts'
import { print } from './output.ts'

/*
 * `fleet apply --database`: this process allots and enqueues, `fleet worker`s do the work, and this process shows their
 * progress. It may be interrupted; the same command shows the progress again.
 */

const pollMs = 1_000

export async function fleetApplyByWorkers(
  shown: string,
  options: FleetApplyOptions & Required<Pick<FleetApplyOptions, 'database'>>,
  io: CommandContext,
): Promise<number> {
  const address = databaseAddress(options.database)
  const limits = limitsOf(options)
  const perWorker = options.perWorker === undefined ? undefined : readNumber('--per-worker', options.perWorker)
  const loaded = await loadFleetFolder(shown, options, io)
  const { folder, root, members, bad } = loaded
  const clouds = await showClouds(members, io)
  if (!(await isApproved(loaded, clouds, options, io))) return 0
  const home = await homeId(root)
  const queue = await Queue.open(address, home)
  const tally = new Tally(new Map([...byCloud(members)].map(([cloud, own]) => [cloud, own.length])), io.now)
  const head = { folder, command: 'fleet apply', pid: io.pid, limits }
  const view = fleetView(io, tally, new StateFile(statePath(root, folder), head, io.now))
  const outcomes: TenantOutcome[] = bad.map(outcomeOfBad)
  const ended = (outcome: TenantOutcome): void => {
    outcomes.push(outcome)
    view.ended(outcome)
  }
  const started = io.now().getTime()
  try {
    const tasks = await tasksOf(members, options, ended, io)
    await queue.limit(limits, perWorker)
    const enqueued = await queue.add(folder, tasks, io.now())
    io.err(`${enqueued.length} tenants are in the queue; workers: tenant-onboard fleet worker --database ...\n`)
    await queue.follow(enqueued, { begun: view.begun, ended, stop: io.stop, pause: () => io.sleep(pollMs) })
  } finally {
    await view.end(!io.stop.aborted)
    await queue.close()
  }
  if (io.stop.aborted) {
    io.err(
      'the workers continue without this command. Run it again to see their progress, or end the work with `fleet cancel`\n',
    )
    return 4
  }
  const report = reportOf(shown, outcomes, (io.now().getTime() - started) / 1000)
  const again = `run the same command again to continue: tenant-onboard fleet apply ${shown} --database ${options.database}`
  printReport(io, options.output, report, again)
  return exitCodeOfFleet(outcomes)
}

/** Tasks with their prefixes. A tenant that can get no prefix has ended already. */
async function tasksOf(
  members: readonly Member[],
  options: FleetApplyOptions,
  ended: (outcome: TenantOutcome) => void,
  io: CommandContext,
): Promise<readonly Task[]> {
  const until = stageOf(options.until)
  const clouds = openClouds(options, io)
  const tasks: Task[] = []
  try {
    for (const [name, own] of byCloud(members)) {
      const allotments = await allotAll(own, await clouds.at(name)).catch((error: unknown) => {
        for (const { spec, file } of own) ended(failed({ tenant: spec.tenant, cloud: name, file }, error))
      })
      if (allotments === undefined) continue
      for (const { spec, file, path, text } of own) {
        const subject = { tenant: spec.tenant, cloud: name, file }
        const { cidrs, findings } = allotments.get(spec.tenant) ?? { cidrs: {}, findings: [] }
        if (isBlocked(findings)) ended(refused(subject, findings))
        else
          tasks.push({
            ...subject,
            path,
            text,
            cidrs,
            adopt: options.adopt === true,
            wait: options.wait,
            ...(until === undefined ? {} : { until }),
          })
      }
    }
  } finally {
    await clouds.close()
  }
  return tasks
}

export async function fleetCancel(shown: string, options: FleetCancelOptions, io: CommandContext): Promise<number> {
  const address = databaseAddress(options.database)
  const { folder, root } = await loadFleetFolder(shown, options, io)
  const queue = await Queue.open(address, await homeId(root))
  try {
    const cancelled = await queue.cancel(folder)
    print(io, options.output, { folder: shown, cancelled }, () =>
      cancelled === 0
        ? 'no tenant of this folder was waiting or under way\n'
        : `${cancelled} tenants will not start, or will end after the current step; fleet apply continues them\n`,
    )
    return 0
  } finally {
    await queue.close()
  }
}
