import { Command, CommanderError, Option } from '@commander-js/extra-typings'
import { fail } from './fail.ts'
import { fleetCommands } from './fleet.ts'
import type { CommandContext } from './context.ts'
import { policyCommands } from './policy.ts'
import {
  adminDomainOption,
  adminRoleOption,
  baseOption,
  releaseOption,
  serviceProjectOption,
} from './policy-subject.ts'
import { version } from './version.ts'

/*
 * The command line: options and their help. Every command has its own file, which is loaded when it is called. So
 * `--help` and fast commands do not load the rest.
 */

const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const)
const cloud = () =>
  new Option(
    '--cloud <name>',
    "the operator's entry of clouds.yaml (default: OS_CLOUD, or the entry that the tenant file names)",
  )
const home = () => new Option('--home <folder>', 'the data directory (default: ~/tenant-onboard)')
const debug = () => new Option('--debug', 'print every request to stderr, without secrets')
const allowHttp = () => new Option('--allow-http', 'allow plain http to hosts other than this one')
const until = () => new Option('--until <stage>', 'stop after this stage')

/** Runs one command line and returns its exit code. Throws nothing that a user can cause. */
export async function run(argv: readonly string[], io: CommandContext): Promise<number> {
  let code = 0
  const program = new Command('tenant-onboard')
    .description('Onboards a tenant on an OpenStack cloud and proves that the tenant is isolated.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.out(text)
      },
      writeErr: (text) => {
        io.err(text)
      },
    })
    .showSuggestionAfterError()

  program
    .command('demo')
    .description('onboard a tenant on the embedded simulator')
    .addOption(home())
    .addOption(output())
    .action(async (options) => {
      code = await (await import('./commands/demo.ts')).demo(options, io)
    })
  program
    .command('preflight')
    .description('check that the cloud has what the tenant needs; --probe proves it with throwaway objects')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--probe', 'prove persona, trust and certificate store with throwaway objects')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/preflight.ts')).preflightCommand(file, options, io)
    })
  program
    .command('plan')
    .description('show what apply would do; changes nothing')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--adopt', 'take over existing resources of these names that we did not make')
    .option('--exit-code', 'exit 3 when there is something to do')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/plan.ts')).planCommand(file, options, io)
    })
  program
    .command('apply')
    .description('make the tenant as its file says; run it again to continue after an interruption')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--adopt', 'take over existing resources of these names that we did not make')
    .option('--yes', 'do not ask')
    .option('--expect <digest>', 'apply the plan with this digest, or nothing')
    .addOption(until())
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/apply.ts')).applyCommand(file, options, io)
    })
  program
    .command('status')
    .description('show the state of each stage from the evidence; sends no request to the cloud')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--exit-code', 'exit 3 unless every stage is validated')
    .addOption(output())
    .action(async (file, options) => {
      code = await (await import('./commands/status.ts')).statusCommand(file, options, io)
    })

  program
    .command('handover')
    .description('give the tenant its domain manager, once; sealed if the tenant file names a recipient')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--again', 'deliver again, after `rotate --account domain-admin`')
    .option('--yes', 'do not ask')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/handover.ts')).handoverCommand(file, options, io)
    })
  program
    .command('accept')
    .description('onboard the tenant from its handover alone, on a machine without an operator')
    .argument('<handover>', 'the folder, or the sealed file with --identity')
    .argument('<tenant.yaml>')
    .option('--identity <file>', 'the age identity that opens the sealed file')
    .addOption(home())
    .option('--adopt', 'take over existing resources of these names that we did not make')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (handover, file, options) => {
      code = await (await import('./commands/accept.ts')).acceptCommand(handover, file, options, io)
    })
  program
    .command('rotate')
    .description('give one account of the tenant a new secret, and check that the old one is refused')
    .argument('<tenant.yaml>')
    .addOption(
      new Option('--account <name>', 'whose')
        .choices(['domain-admin', 'cluster', 'svc'] as const)
        .makeOptionMandatory(),
    )
    .addOption(cloud())
    .addOption(home())
    .option('--yes', 'do not ask')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/rotate.ts')).rotateCommand(file, options, io)
    })
  program
    .command('report')
    .description('write a report: is the tenant isolated, what shows it, and how to check it yourself; works offline')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option(
      '--out <file>',
      "write it to this .html, .md or .json file (default: report.html in the tenant's data directory)",
    )
    .option('--check <file>', 'compare a report with the evidence, word for word; exit 3 if they differ')
    .option('--bundle <file.zip>', 'pack the files for a support case, without secrets')
    .option('--override <file...>', 'prove this policy on paper, and add the proof to the report')
    .option('--magnum-domain-id <id>', "let the admin of Magnum's domain read projects, as Magnum's quotas require")
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(
      new Option('-o, --output <format>', 'print the report to stdout, or with text its path')
        .choices(['text', 'json', 'markdown', 'html'] as const)
        .default('text' as const),
    )
    .action(async (file, options) => {
      code = await (await import('./commands/report.ts')).reportCommand(file, options, io)
    })
  program
    .command('verify')
    .description('attack the isolation of a tenant from all sides, with throwaway objects')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('-v, --verbose', 'show every probe, not only failures')
    .option('--junit <file>', 'also write the verdicts as JUnit XML')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/verify.ts')).verifyCommand(file, options, io)
    })
  program
    .command('audit')
    .description("compare every account's roles with the expected roles, and tenants with their files; read-only")
    .argument('[tenant.yaml...]')
    .addOption(cloud())
    .addOption(home())
    .option('--table <file>', 'rows for your own accounts and roles')
    .option('--deep', 'also read the application credentials of every user, one request each')
    .option('--native', "this cloud uses Keystone's own domain manager, without an override")
    .option('--record', 'keep the result in the data directory, where `console` shows it')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (files, options) => {
      code = await (await import('./commands/audit.ts')).auditCommand(files, options, io)
    })
  program
    .command('diagnose')
    .description('find out why a tenant does not match its file, by experiments that leave nothing behind')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('-v, --verbose', 'show every experiment, not only failures')
    .option('--vault <address>', 'Vault, which tells from where Barbican may sign in (default: vault of cloud.yaml)')
    .option('--vault-token-file <file>', 'the file with the Vault token')
    .option('--barbican-log <file>', "the log of barbican-api, which has Vault's errors (default: logs of cloud.yaml)")
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/diagnose.ts')).diagnoseCommand(file, options, io)
    })
  program
    .command('console')
    .description('show the tenants of the data directory in a browser on this machine, live; read-only')
    .addOption(home())
    .option('--port <number>', 'the port; 0 takes a free one', '0')
    .addOption(output())
    .action(async (options) => {
      code = await (await import('./commands/console.ts')).consoleCommand(options, io)
    })
  program
    .command('offboard')
    .description('remove a tenant from the cloud in the right order, and prove that nothing of it is left')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option(
      '--dry-run',
      'show what would be deleted, in which order, by which account, and what prevents it; change nothing',
    )
    .option('--confirm <name>', "the tenant's name, if there is no terminal to type it on")
    .option('--until <stage>', 'stop after this stage; `freeze` can be undone')
    .option('--unfreeze', 'undo a freeze')
    .option('--keep-data', 'keep volumes, images and secrets, and therefore project and domain, frozen')
    .option('--adopt', 'also remove a domain of this name that we did not make')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/offboard.ts')).offboardCommand(file, options, io)
    })
  program
    .command('simulator')
    .description('an OpenStack in one process, for rehearsals')
    .command('serve')
    .description('serve it on loopback until Ctrl-C, and print a clouds.yaml for it')
    .option('--preset <name>', 'zed-patched, caracal-charmed, caracal-unpatched, epoxy, epoxy-charmed')
    .option('--release <release>', "another Keystone release than the preset's: 2024.1+ossa-2026-015")
    .option('--base <base>', 'another base policy: default, charm, or a file')
    .option('--override <file...>', 'policy files over the base')
    .option('--seed <file>', 'what the cloud holds at the start')
    .option('--state <file>', 'keep the state in this file')
    .option('--fault <fault...>', 'what fails: a name (docs/simulator.md), or a rule as JSON')
    .option('--port <number>', 'the port; 0 takes a free one', '0')
    .option('--tls <ca-file>', 'serve TLS, and write the CA to this file')
    .option('--spread', 'serve each service on its own port')
    .action(async (options) => {
      code = await (await import('./commands/simulator.ts')).simulatorServe(options, io)
    })
  policyCommands(program, io, (result) => {
    code = result
  })
  fleetCommands(program, io, (result) => {
    code = result
  })

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    return end(error, io)
  }
  return code
}

function end(error: unknown, io: CommandContext): number {
  // commander has printed the error; its exit code 1 would mean a bug in us
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return fail(error, io)
}
