import type { Command } from '@commander-js/extra-typings'
import type { CommandContext } from './context.ts'
import * as define from './definitions/fleet.ts'

/* `tenant-onboard fleet ...` */

export function fleetCommands(program: Command, io: CommandContext, setCode: (code: number) => void): void {
  const fleet = program.command('fleet').description('onboard a folder of tenant files, on as many clouds as they name')
  define.fleetPlan(fleet).action(async (folder, options) => {
    setCode(await (await import('./commands/fleet-run.ts')).fleetPlan(folder, options, io))
  })
  define.fleetApply(fleet).action(async (folder, options) => {
    const { database } = options
    setCode(
      database === undefined
        ? await (await import('./commands/fleet-run.ts')).fleetApply(folder, options, io)
        : await (await import('./fleet-database.ts')).fleetApplyByWorkers(folder, { ...options, database }, io),
    )
  })
  define.fleetWorker(fleet).action(async (options) => {
    setCode(await (await import('./commands/fleet-worker.ts')).fleetWorker(options, io))
  })
  define.fleetCancel(fleet).action(async (folder, options) => {
    setCode(await (await import('./fleet-database.ts')).fleetCancel(folder, options, io))
  })
  define.fleetStatus(fleet).action(async (folder, options) => {
    setCode(await (await import('./commands/fleet-status.ts')).fleetStatusCommand(folder, options, io))
  })
}
