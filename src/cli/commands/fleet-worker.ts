import { databaseAddress } from '../../fleet/database/address.ts'
import { homeId } from '../../fleet/database/home-id.ts'
import type { Task } from '../../fleet/database/task.ts'
import { runWorker } from '../../fleet/database/worker.ts'
import { loadFleet } from '../../fleet/fleet.ts'
import { onboardMember } from '../../fleet/member-run.ts'
import { failed } from '../../fleet/outcome.ts'
import type { TenantOutcome } from '../../fleet/outcome.ts'
import { readText } from '../connection.ts'
import type { ConnectionOptions } from '../connection.ts'
import { openClouds, rootOf } from './fleet-run.ts'
import type { CommandContext } from '../context.ts'

type Options = Omit<ConnectionOptions, 'cloud'> & { readonly home?: string | undefined; readonly database: string }

/** Works on tenants that `fleet apply --database` enqueued, until Ctrl-C. */
export async function fleetWorker(options: Options, io: CommandContext): Promise<number> {
  const address = databaseAddress(options.database)
  const root = rootOf(options, io)
  const clouds = openClouds(options, io)
  const say = (text: string): void => {
    io.err(`${io.now().toISOString()} ${text}\n`)
  }
  const onboard = async (task: Task, stop: AbortSignal): Promise<TenantOutcome> => {
    try {
      const [member] = await loadFleet([task], root, readText)
      if (member === undefined) throw new Error('the file of one tenant is a fleet of one')
      const { adopt, wait, until, cidrs } = task
      const { now, sleep, pid } = io
      const how = { root, command: 'fleet worker', pid, adopt, wait, until, stop, now, sleep, reached: () => undefined }
      return (await onboardMember(member, { cidrs, findings: [] }, await clouds.at(task.cloud), how)).outcome
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
