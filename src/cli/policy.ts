import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import type { Io } from './io.ts'
import { adminDomainOption, adminRoleOption, baseOption, dialectOption, serviceProjectOption } from './policy-ground.ts'

/* `tenant-onboard policy ...`: what an override says, before a Keystone is given it. */

const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const)
const override = () => new Option('--override <file...>', 'policy files over the base, in the order in which they load')

export function policyCommands(program: Command, io: Io, setCode: (code: number) => void): Command {
  const policy = program.command('policy').description("check, explain and compare Keystone's policy; asks no cloud")
  policy
    .command('lint')
    .description('find what neither the charm nor oslo.policy will tell about an override')
    .argument('<override>')
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .option('--fix', 'write what is certain into the file')
    .addOption(output())
    .action(async (file, options) => {
      setCode(await (await import('./policy-lint.ts')).policyLintCommand(file, options, io))
    })
  policy
    .command('explain')
    .description('show clause by clause why a request is let in or refused')
    .argument('<rule>', 'an action, one of its requests, or any rule')
    .requiredOption('--as <persona>', 'who asks: domain-manager, member, ...')
    .requiredOption('--on <target>', 'self, own, other, none, or the target itself as JSON')
    .addOption(override())
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (rule, options) => {
      setCode(await (await import('./policy-explain.ts')).policyExplainCommand(rule, options, io))
    })
  policy
    .command('matrix')
    .description('show who may do what')
    .addOption(override())
    .option('--only <text>', 'only operations whose name contains this')
    .option('--as <persona...>', 'only these personas')
    .option('--on <place...>', 'self, own, other, none (default: own other none)')
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print the result')
        .choices(['text', 'csv', 'json'] as const)
        .default('text' as const),
    )
    .action(async (options) => {
      setCode(await (await import('./policy-matrix.ts')).policyMatrixCommand(options, io))
    })
  policy
    .command('diff')
    .description('show who gains and who loses what from one policy to another')
    .argument('<a>', 'default, charm, a dialect, or an override over the base')
    .argument('<b>', 'the same')
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .option('--exit-code', 'exit 3 when they differ')
    .addOption(output())
    .action(async (a, b, options) => {
      setCode(await (await import('./policy-diff.ts')).policyDiffCommand(a, b, options, io))
    })
  policy
    .command('test')
    .description('check a policy against a table of expectations')
    .argument('<table.yaml>')
    .addOption(override())
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (file, options) => {
      setCode(await (await import('./policy-test.ts')).policyTestCommand(file, options, io))
    })
  policy
    .command('prove')
    .description('prove claims about a policy over all credentials and targets, or show the request that breaks one')
    .argument('[override...]', 'policy files over the base, in the order in which they load; none: the base alone')
    .option('--claim <name...>', 'only these claims')
    .option(
      '--managed-roles <role...>',
      'the roles that a domain manager grants (default: member load-balancer_member)',
    )
    .option('--magnum-domain-id <id>', "let the admin of Magnum's domain look at projects, which its quotas need")
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (files, options) => {
      setCode(await (await import('./policy-prove.ts')).policyProveCommand(files, options, io))
    })
  policy
    .command('build')
    .description('make the hardened domain manager override for a base, and prove it there')
    .option(
      '--managed-roles <role...>',
      'the roles that a domain manager grants (default: member load-balancer_member)',
    )
    .option('--magnum-domain-id <id>', "let the admin of Magnum's domain look at projects, which its quotas need")
    .option('--out <file.yaml>', 'write the override here')
    .option('--zip <file.zip>', 'write the zip that the charm wants here')
    .addOption(baseOption())
    .addOption(dialectOption())
    .addOption(adminRoleOption())
    .addOption(adminDomainOption())
    .addOption(serviceProjectOption())
    .addOption(output())
    .action(async (options) => {
      setCode(await (await import('./policy-build.ts')).policyBuildCommand(options, io))
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
      setCode(await (await import('./policy-eval.ts')).policyEvalCommand(options, io))
    })
  return policy
}
