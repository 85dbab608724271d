import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import type { CommandContext } from './context.ts'
import {
  adminDomainOption,
  adminRoleOption,
  baseOption,
  releaseOption,
  serviceProjectOption,
} from './policy-subject.ts'

/* `tenant-onboard policy ...`: what an override says, and how it reaches a Keystone. */

const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const)
const override = () => new Option('--override <file...>', 'policy files over the base, in the order in which they load')
const managedRoles = () =>
  new Option(
    '--managed-roles <role...>',
    'the roles that a domain manager grants (default: member load-balancer_member)',
  )
const magnumDomainId = () =>
  new Option('--magnum-domain-id <id>', "let the admin of Magnum's domain read projects, as Magnum's quotas require")
const cloud = () => new Option('--cloud <name>', "the operator's entry of clouds.yaml (default: OS_CLOUD)")
const home = () => new Option('--home <folder>', 'the data directory (default: ~/tenant-onboard)')
const debug = () => new Option('--debug', 'print every request to stderr, without secrets')
const allowHttp = () => new Option('--allow-http', 'allow plain http to hosts other than this one')
const policyDir = () => new Option('--policy-dir <folder>', "one of Keystone's policy_dirs, as this machine sees it")
const model = () => new Option('--model <name>', 'the Juju model (default: openstack)')
const application = () => new Option('--application <name>', "Keystone's application in the model (default: keystone)")
const connections = () =>
  new Option('--connections <count>', 'how often to ask each question that distinguishes units (default: 8)')
const settle = () =>
  new Option('--settle <seconds>', 'how long units may take to agree, in seconds (default: 10, with Juju 600)')
const verbose = () => new Option('-v, --verbose', 'show every case, not only failures')
const yes = () => new Option('--yes', 'do not ask')

export function policyCommands(program: Command, io: CommandContext, setCode: (code: number) => void): Command {
  const policy = program.command('policy').description("check, explain, compare and deliver Keystone's policy")
  policy
    .command('lint')
    .description('find faults of an override that neither the charm nor oslo.policy reports')
    .argument('<override>')
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .option('--fix', 'write the certain fixes into the file')
    .addOption(output())
    .action(async (file, options) => {
      setCode(await (await import('./commands/policy-lint.ts')).policyLintCommand(file, options, io))
    })
  policy
    .command('explain')
    .description('show clause by clause why a request is allowed or refused')
    .argument('<rule>', 'an action, one of its requests, or any rule')
    .requiredOption('--as <persona>', 'the persona that asks: domain-manager, member, ...')
    .requiredOption('--on <target>', 'self, own, other, none, or the target itself as JSON')
    .addOption(override())
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (rule, options) => {
      setCode(await (await import('./commands/policy-explain.ts')).policyExplainCommand(rule, options, io))
    })
  policy
    .command('matrix')
    .description('show which persona may do which operation')
    .addOption(override())
    .option('--only <text>', 'only operations whose name contains this')
    .option('--as <persona...>', 'only these personas')
    .option('--on <place...>', 'self, own, other, none (default: own other none)')
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print the result')
        .choices(['text', 'csv', 'json'] as const)
        .default('text' as const),
    )
    .action(async (options) => {
      setCode(await (await import('./commands/policy-matrix.ts')).policyMatrixCommand(options, io))
    })
  policy
    .command('diff')
    .description('show which personas gain or lose what from one policy to another')
    .argument('<a>', 'default, charm, a release, or an override over the base')
    .argument('<b>', 'the same')
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .option('--exit-code', 'exit 3 when they differ')
    .addOption(output())
    .action(async (a, b, options) => {
      setCode(await (await import('./commands/policy-diff.ts')).policyDiffCommand(a, b, options, io))
    })
  policy
    .command('test')
    .description('check a policy against a table of expectations')
    .argument('<table.yaml>')
    .addOption(override())
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (file, options) => {
      setCode(await (await import('./commands/policy-test.ts')).policyTestCommand(file, options, io))
    })
  policy
    .command('prove')
    .description('prove claims about a policy for all credentials and targets, or show a request that breaks one')
    .argument(
      '[override...]',
      'policy files over the base, in the order in which they load; without any, the base alone',
    )
    .option('--claim <name...>', 'only these claims')
    .addOption(managedRoles())
    .addOption(magnumDomainId())
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (files, options) => {
      setCode(await (await import('./commands/policy-prove.ts')).policyProveCommand(files, options, io))
    })
  policy
    .command('build')
    .description('build the hardened domain manager override for a base, and prove it there')
    .addOption(managedRoles())
    .addOption(magnumDomainId())
    .option('--out <file.yaml>', 'write the override here')
    .option('--zip <file.zip>', 'write the zip for the charm here')
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (options) => {
      setCode(await (await import('./commands/policy-build.ts')).policyBuildCommand(options, io))
    })
  policy
    .command('eval')
    .description('answer questions about rules, one JSON line each')
    .requiredOption('--requests <file.jsonl>', 'a question per line')
    .addOption(
      new Option('-o, --output <format>', 'a line of JSON per answer')
        .choices(['json'] as const)
        .default('json' as const),
    )
    .action(async (options) => {
      setCode(await (await import('./commands/policy-eval.ts')).policyEvalCommand(options, io))
    })
  deliveryCommands(policy, io, setCode)
  return policy
}

/** These commands send requests to a cloud. */
function deliveryCommands(policy: Command, io: CommandContext, setCode: (code: number) => void): void {
  policy
    .command('attach')
    .description('put an override on a Keystone, prove it there, and restore the earlier policy if the gate fails')
    .argument('<override>')
    .addOption(cloud())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(managedRoles())
    .addOption(magnumDomainId())
    .option('--previous <file.zip>', 'the zip that is attached now, if it was not attached from here (Juju)')
    .option('--dry-run', 'print the plan and change nothing')
    .addOption(yes())
    .option('--no-gate', 'do not check the cloud afterwards')
    .addOption(connections())
    .addOption(settle())
    .addOption(verbose())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (file, options) => {
      setCode(await (await import('./commands/policy-attach.ts')).policyAttachCommand(file, options, io))
    })
  policy
    .command('gate')
    .description('check by behaviour whether the override is in force and works')
    .addOption(cloud())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .addOption(baseOption())
    .addOption(releaseOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(managedRoles())
    .addOption(magnumDomainId())
    .addOption(connections())
    .addOption(settle())
    .addOption(verbose())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (options) => {
      setCode(await (await import('./commands/policy-gate.ts')).policyGateCommand(options, io))
    })
  policy
    .command('rollback')
    .description('restore what was there before the last attach, byte for byte')
    .addOption(cloud())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .addOption(yes())
    .option('--no-gate', 'do not check the cloud afterwards')
    .addOption(connections())
    .addOption(settle())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (options) => {
      setCode(await (await import('./commands/policy-rollback.ts')).policyRollbackCommand(options, io))
    })
  policy
    .command('advise')
    .description('identify this Keystone by its answers, and say when to retire the override')
    .addOption(cloud())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .option('--base <file>', 'the policy file that this Keystone runs with, if you have it')
    .addOption(override())
    .addOption(managedRoles())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
    .action(async (options) => {
      setCode(await (await import('./commands/policy-advise.ts')).policyAdviseCommand(options, io))
    })
}
