import { Command, CommanderError, Option } from '@commander-js/extra-typings'
import { fail } from './fail.ts'
import { fleetCommands } from './fleet.ts'
import type { CommandContext } from './context.ts'
import { policyCommands } from './policy.ts'
import { adminDomainOption, adminRoleOption, baseOption, releaseOption, serviceProjectOption } from './policy-ground.ts'
import { version } from './version.ts'

/*
 * The command line: options and their help. Every command lives in its own file and is loaded when it is called, so
 * that `--help` and the fast ones do not pay for the rest.
 */

const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const)
const cloud = () =>
  new Option('--cloud <name>', "the operator's entry of clouds.yaml (default: OS_CLOUD, or what the tenant file names)")
const home = () => new Option('--home <folder>', 'where tenants are kept (default: ~/tenant-onboard)')
const debug = () => new Option('--debug', 'print every request to stderr, without secrets')
const allowHttp = () => new Option('--allow-http', 'allow plain http to hosts other than this one')
const until = () => new Option('--until <stage>', 'stop after this stage')

/** Runs one command line. The number is the exit code; nothing is thrown for what a user can cause. */
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
    .description('read whether the cloud has what the tenant needs; --probe proves it with throwaway objects')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--probe', 'prove persona, trust and certificate store with objects that are removed again')
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
    .option('--adopt', 'take over what exists under these names and was not made by us')
    .option('--exit-code', 'exit 3 when there is something to do')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/plan.ts')).planCommand(file, options, io)
    })
  program
    .command('apply')
    .description('make the tenant as its file says; the same command again goes on where one stopped')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--adopt', 'take over what exists under these names and was not made by us')
    .option('--yes', 'do not ask')
    .option('--expect <digest>', 'apply the plan of this digest, or nothing')
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
    .description('say what the evidence says of each stage; asks no cloud')
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
    .description('give the tenant its domain manager, once; sealed when the tenant file names a recipient')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--again', 'deliver anew, after `rotate --account domain-admin`')
    .option('--yes', 'do not ask')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/handover.ts')).handoverCommand(file, options, io)
    })
  program
    .command('accept')
    .description("carry out the tenant's side from its handover alone, on a machine without an operator")
    .argument('<handover>', 'the folder, or the sealed file with --identity')
    .argument('<tenant.yaml>')
    .option('--identity <file>', 'the age identity that opens the sealed file')
    .addOption(home())
    .option('--adopt', 'take over what exists under these names and was not made by us')
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
    .description('give one account of the tenant a new secret, and see the old one refused')
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
    .description('make a report of the evidence that answers for itself: HTML, Markdown, JSON; asks no cloud')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--out <file>', 'write it here: .html, .md or .json (default: report.html in the home of the tenant)')
    .option('--check <file>', 'hold a report against the evidence, word for word; exit 3 when it differs')
    .option('--bundle <file.zip>', 'pack what a support case needs, without secrets')
    .option('--override <file...>', 'prove this policy on paper, and put the proof beside what was tried')
    .option('--magnum-domain-id <id>', "let the admin of Magnum's domain look at projects, which its quotas need")
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(
      new Option('-o, --output <format>', 'print it to stdout, or say in text where it is')
        .choices(['text', 'json', 'markdown', 'html'] as const)
        .default('text' as const),
    )
    .action(async (file, options) => {
      code = await (await import('./commands/report.ts')).reportCommand(file, options, io)
    })
  program
    .command('verify')
    .description('attack the isolation of a tenant from all sides, with throwaway objects that are removed again')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('-v, --verbose', 'show every probe, not only what is wrong')
    .option('--junit <file>', 'also write the verdicts as JUnit XML')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/verify.ts')).verifyCommand(file, options, io)
    })
  program
    .command('audit')
    .description('hold every account of the cloud against the role table, and tenants against their files; only reads')
    .argument('[tenant.yaml...]')
    .addOption(cloud())
    .addOption(home())
    .option('--table <file>', 'rows for accounts and roles of your own')
    .option('--deep', 'read the application credentials of everybody, a request for each user')
    .option('--native', "this cloud stands on Keystone's own domain manager, without an override")
    .option('--record', 'keep the result in the home, where `console` shows it')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (files, options) => {
      code = await (await import('./commands/audit.ts')).auditCommand(files, options, io)
    })
  program
    .command('diagnose')
    .description('find out why a tenant is not as asked, by experiments that leave nothing behind')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('-v, --verbose', 'show every experiment, not only what is wrong')
    .option('--vault <address>', 'read from Vault where Barbican may sign in from (default: vault of cloud.yaml)')
    .option('--vault-token-file <file>', 'the token for that, in a file')
    .option('--barbican-log <file>', 'the log of barbican-api, where Vault is heard (default: logs of cloud.yaml)')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/diagnose.ts')).diagnoseCommand(file, options, io)
    })
  program
    .command('console')
    .description('show the tenants of the home in a browser on this machine, live; only reads')
    .addOption(home())
    .option('--port <number>', '0 takes a free one', '0')
    .addOption(output())
    .action(async (options) => {
      code = await (await import('./commands/console.ts')).consoleCommand(options, io)
    })
  program
    .command('offboard')
    .description('take a tenant off the cloud, in the right order, and prove that nothing of it is left')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--dry-run', 'show what would go, in which order, by whom, and what is in the way; change nothing')
    .option('--confirm <name>', "the tenant's name, where there is no terminal to type it on")
    .option('--until <stage>', 'stop after this stage; after `freeze` it can be undone')
    .option('--unfreeze', 'undo a freeze')
    .option('--keep-data', 'keep volumes, images and secrets, and so project and domain, frozen')
    .option('--adopt', 'also a domain of this name that was not made by us')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      code = await (await import('./commands/offboard.ts')).offboardCommand(file, options, io)
    })
  program
    .command('simulator')
    .description('an OpenStack in one process, to rehearse on')
    .command('serve')
    .description('serve it on loopback until Ctrl-C, and print a clouds.yaml for it')
    .option('--preset <name>', 'zed-patched, caracal-charmed, caracal-unpatched, epoxy, epoxy-charmed')
    .option('--release <release>', 'another Keystone than the preset has: 2024.1+ossa-2026-015')
    .option('--base <base>', 'another base policy: default, charm, or a file')
    .option('--override <file...>', 'policy files over the base')
    .option('--seed <file>', 'what the cloud holds at the beginning')
    .option('--state <file>', 'keep the state in this file')
    .option('--fault <fault...>', 'what goes wrong: a name (docs/simulator.md), or a rule as JSON')
    .option('--port <number>', '0 takes a free one', '0')
    .option('--tls <ca-file>', 'serve TLS, and write the CA to this file')
    .option('--spread', 'each service on a port of its own')
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
  // commander has said what is wrong; its own exit code 1 would mean a bug in us
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return fail(error, io)
}
