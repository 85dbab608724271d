import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import { adopt, allowHttp, apiTimeout, debug, home, output, trace, yes } from '../options.ts'
import type { OptionsOf } from '../options.ts'

/* `tenant-onboard fleet ...`: a folder of tenant files. docs/fleet.md describes how they are worked on. */

const limit = () => new Option('--limit <number>', 'tenants at once').default('32')
const perCloud = () => new Option('--per-cloud <number>', 'tenants at once on one cloud').default('8')

export const fleetPlan = (fleet: Command) =>
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
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type FleetPlanOptions = OptionsOf<typeof fleetPlan>

export const fleetApply = (fleet: Command) =>
  fleet
    .command('apply')
    .description('make every tenant as its file says; run it again to continue after an interruption')
    .argument('<folder>')
    .addOption(home())
    .addOption(limit())
    .addOption(perCloud())
    .addOption(adopt())
    .addOption(yes())
    .option('--until <stage>', 'stop each tenant after this stage')
    .option('--no-wait', 'stop each tenant when its cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
    .option('--database <url>', 'enqueue them for `fleet worker`: postgres://USER@HOST/DATABASE, password in ~/.pgpass')
    .option('--per-worker <number>', 'with --database: tenants at once on one worker')
export type FleetApplyOptions = OptionsOf<typeof fleetApply>

export const fleetWorker = (fleet: Command) =>
  fleet
    .command('worker')
    .description('work on tenants that `fleet apply --database` enqueued, until Ctrl-C')
    .requiredOption('--database <url>', 'postgres://USER@HOST/DATABASE, password in ~/.pgpass or PGPASSFILE')
    .addOption(home())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type FleetWorkerOptions = OptionsOf<typeof fleetWorker>

export const fleetCancel = (fleet: Command) =>
  fleet
    .command('cancel')
    .description('start no more tenants of an enqueued folder, and stop the others after their current step')
    .argument('<folder>')
    .requiredOption('--database <url>', 'postgres://USER@HOST/DATABASE, password in ~/.pgpass or PGPASSFILE')
    .addOption(home())
    .addOption(output())
export type FleetCancelOptions = OptionsOf<typeof fleetCancel>

export const fleetStatus = (fleet: Command) =>
  fleet
    .command('status')
    .description("show each tenant's state from its evidence; sends no request to a cloud")
    .argument('<folder>')
    .addOption(home())
    .option('-v, --verbose', 'list every tenant, not only those that need attention')
    .option('--exit-code', 'exit 3 unless every tenant is validated')
    .addOption(output())
export type FleetStatusOptions = OptionsOf<typeof fleetStatus>
