import { databaseAddress } from '../../fleet/database/address.ts'
import { homeId } from '../../fleet/database/home-id.ts'
import type { Task } from '../../fleet/database/task.ts'
import { runWorker } from '../../fleet/database/worker.ts'
import { loadFleet } from '../../fleet/fleet.ts'
import { onboardMember } from '../../fleet/member-run.ts'
import { failed } from '../../fleet/outcome.ts'
import type { TenantOutcome } from '../../fleet/outcome.ts'
import { readText } from '../connection.ts'
import { openClouds } from './fleet-run.ts'
import type { CommandContext } from '../context.ts'
import { homeRoot } from '../home-root.ts'
import type { FleetWorkerOptions } from '../definitions/fleet.ts'

/** Works on tenants that `fleet apply --database` enqueued, until Ctrl-C. */
export async function fleetWorker(options: FleetWorkerOptions, io: CommandContext): Promise<number> {
  const address = databaseAddress(options.database)
  const root = homeRoot(options, io)
  const clouds = openClouds(options, io)
  const say = (text: string): void => {
    io.err(`${io.now().toISOString()} ${text}\n`)
  }
  const onboard = async (task: Task, stop: AbortSignal): Promise<TenantOutcome> => {
    try {
      const {
        members: [member],
        bad,
      } = await loadFleet([task], root, readText)
      for (const { error } of bad) throw error
      if (member === undefined) throw new Error('the file of one tenant is a fleet of one')
      const { adopt, wait, until, cidrs } = task
      const work = { member, allotment: { cidrs, findings: [] }, cloud: await clouds.at(task.cloud) }
      const { outcome } = await onboardMember(work, {
        root,
        command: 'fleet worker',
        pid: io.pid,
        run: { adopt, wait, until },
        clock: { now: io.now, sleep: io.sleep, stop },
        reached: () => undefined,
      })
      return outcome
    } catch (error) {
      return failed(task, error)
    }
  }
  try {
    await runWorker({
      address,
      homeId: await homeId(root),
      pid: io.pid,
      onboard,
      stop: io.stop,
      say,
      isDebugged: options.debug === true,
      abandon: (error) => {
        say(`this worker lost the connection that keeps its lock (${error.message}); it stops at once`)
        io.exit?.(4)
      },
    })
  } finally {
    await clouds.close()
  }
  return 0
}
