import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import type { CommandContext } from './context.ts'

/* `tenant-onboard fleet ...`: a folder of tenant files. docs/fleet.md describes how they are worked on. */

const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const)
const home = () => new Option('--home <folder>', 'the data directory (default: ~/tenant-onboard)')
const limit = () => new Option('--limit <number>', 'tenants at once').default('32')
const perCloud = () => new Option('--per-cloud <number>', 'tenants at once on one cloud').default('8')
const adopt = () => new Option('--adopt', 'take over existing resources of these names that we did not make')
const debug = () => new Option('--debug', 'print every request to stderr, without secrets')
const allowHttp = () => new Option('--allow-http', 'allow plain http to hosts other than this one')

export function fleetCommands(program: Command, io: CommandContext, setCode: (code: number) => void): void {
  const fleet = program.command('fleet').description('onboard a folder of tenant files, on as many clouds as they name')
  fleet
    .command('plan')
    .description('show what apply would do for each tenant; changes nothing')
    .argument('<folder>')
    .addOption(home())
    .addOption(limit())
    .addOption(perCloud())
    .addOption(adopt())
    .option('--exit-code', 'exit 3 when there is something to do')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (folder, options) => {
      setCode(await (await import('./commands/fleet-run.ts')).fleetPlan(folder, options, io))
    })
  fleet
    .command('apply')
    .description('make every tenant as its file says; run it again to continue after an interruption')
    .argument('<folder>')
    .addOption(home())
    .addOption(limit())
    .addOption(perCloud())
    .addOption(adopt())
    .option('--yes', 'do not ask')
    .option('--until <stage>', 'stop each tenant after this stage')
    .option('--no-wait', 'stop each tenant when its cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .option('--database <url>', 'enqueue them for `fleet worker`: postgres://USER@HOST/DATABASE, password in ~/.pgpass')
    .option('--per-worker <number>', 'with --database: tenants at once on one worker')
    .action(async (folder, { database, ...options }) => {
      setCode(
        database === undefined
          ? await (await import('./commands/fleet-run.ts')).fleetApply(folder, options, io)
          : await (await import('./fleet-database.ts')).fleetApplyByWorkers(folder, { ...options, database }, io),
      )
    })
  fleet
    .command('worker')
    .description('work on tenants that `fleet apply --database` enqueued, until Ctrl-C')
    .requiredOption('--database <url>', 'postgres://USER@HOST/DATABASE, password in ~/.pgpass or PGPASSFILE')
    .addOption(home())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (options) => {
      setCode(await (await import('./commands/fleet-worker.ts')).fleetWorker(options, io))
    })
  fleet
    .command('cancel')
    .description('start no more tenants of an enqueued folder, and stop the others after their current step')
    .argument('<folder>')
    .requiredOption('--database <url>', 'postgres://USER@HOST/DATABASE, password in ~/.pgpass or PGPASSFILE')
    .addOption(home())
    .addOption(output())
    .action(async (folder, options) => {
      setCode(await (await import('./fleet-database.ts')).fleetCancel(folder, options, io))
    })
  fleet
    .command('status')
    .description("show each tenant's state from its evidence; sends no request to a cloud")
    .argument('<folder>')
    .addOption(home())
    .option('-v, --verbose', 'list every tenant, not only those that need attention')
    .option('--exit-code', 'exit 3 unless every tenant is validated')
    .addOption(output())
    .action(async (folder, options) => {
      setCode(await (await import('./commands/fleet-status.ts')).fleetStatusCommand(folder, options, io))
    })
}
