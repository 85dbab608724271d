import { defaultManagedRoles } from '../../policy/build/managed-roles.ts'
import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import {
  adminDomainId,
  adminRole,
  allowHttp,
  apiTimeout,
  base,
  cloud,
  debug,
  fixes,
  home as homeOf,
  magnumDomain,
  output,
  region,
  release,
  serviceProjectId,
  trace,
  yes,
} from '../options.ts'
import type { OptionsOf } from '../options.ts'

/* `tenant-onboard policy ...`: what an override says, and how it reaches a Keystone. */

const home = () => homeOf('clouds and tenants')
const override = () => new Option('--override <file...>', 'policy files over the base, in the order in which they load')
const managedRoles = () =>
  new Option(
    '--managed-roles <role...>',
    `the roles that a domain manager grants (default: ${defaultManagedRoles.join(' ')})`,
  )
const roleInferences = () =>
  new Option(
    '--role-inferences <file.json>',
    'what roles imply on this cloud: the answer of GET /v3/role_inferences (default: what bootstrap of the release makes)',
  )
const policyDir = () => new Option('--policy-dir <folder>', "one of Keystone's policy_dirs, as this machine sees it")
const model = () => new Option('--model <name>', 'the Juju model (default: openstack)')
const application = () => new Option('--application <name>', "Keystone's application in the model (default: keystone)")
const connections = () =>
  new Option('--connections <count>', 'how often to ask each question that distinguishes units (default: 8)')
const settle = () =>
  new Option('--settle <seconds>', 'how long units may take to agree, in seconds (default: 10, with Juju 600)')
const verbose = () => new Option('-v, --verbose', 'show every case, not only failures')

export const policyLint = (policy: Command) =>
  policy
    .command('lint')
    .description('find faults of an override that neither the charm nor oslo.policy reports')
    .argument('<override>', 'a policy file, or the zip for the charm')
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .option('--fix', 'write the certain fixes into the file')
    .addOption(output())
export type PolicyLintOptions = OptionsOf<typeof policyLint>

export const policyExplain = (policy: Command) =>
  policy
    .command('explain')
    .description('show clause by clause why a request is allowed or refused')
    .argument('<rule>', 'an action, one of its requests, or any rule')
    .requiredOption('--as <persona>', 'the persona that asks: domain-manager, member, ...')
    .requiredOption('--on <target>', 'self, own, other, none, or the target itself as JSON')
    .addOption(override())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(roleInferences())
    .addOption(serviceProjectId())
    .addOption(output())
export type PolicyExplainOptions = OptionsOf<typeof policyExplain>

export const policyMatrix = (policy: Command) =>
  policy
    .command('matrix')
    .description('show which persona may do which operation')
    .addOption(override())
    .option('--only <text>', 'only operations whose name contains this')
    .option('--as <persona...>', 'only these personas')
    .option('--on <place...>', 'self, own, other, none (default: own other none)')
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(roleInferences())
    .addOption(serviceProjectId())
    .addOption(
      new Option('-o, --output <format>', 'how to print the result')
        .choices(['text', 'csv', 'json'] as const)
        .default('text' as const),
    )
export type PolicyMatrixOptions = OptionsOf<typeof policyMatrix>

export const policyDiff = (policy: Command) =>
  policy
    .command('diff')
    .description('show which personas gain or lose what from one policy to another')
    .argument('<a>', 'default, charm, a release, or an override over the base')
    .argument('<b>', 'the same')
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .option('--exit-code', 'exit 3 when they differ')
    .addOption(output())
export type PolicyDiffOptions = OptionsOf<typeof policyDiff>

export const policyTest = (policy: Command) =>
  policy
    .command('test')
    .description('check a policy against a table of expectations')
    .argument('<table.yaml>')
    .addOption(override())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(output())
export type PolicyTestOptions = OptionsOf<typeof policyTest>

export const policyProve = (policy: Command) =>
  policy
    .command('prove')
    .description('prove claims about a policy for all credentials and targets, or show a request that breaks one')
    .argument(
      '[override...]',
      'policy files over the base, in the order in which they load; without any, the base alone',
    )
    .option('--claim <name...>', 'only these claims')
    .addOption(managedRoles())
    .addOption(magnumDomain())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(roleInferences())
    .addOption(serviceProjectId())
    .addOption(output())
export type PolicyProveOptions = OptionsOf<typeof policyProve>

export const policyBuild = (policy: Command) =>
  policy
    .command('build')
    .description('build the hardened domain manager override for a base, and prove it there')
    .addOption(managedRoles())
    .addOption(magnumDomain())
    .addOption(
      new Option('--out <file.yaml>', 'write the override here; `-` is stdout').argParser((value: string) =>
        value === '-' ? undefined : value,
      ),
    )
    .option('--zip <file.zip>', 'write the zip for the charm here')
    .option('--horizon <folder>', "write the dashboard's policy file, settings and module into this folder")
    .option('--horizon-zip <file.zip>', "write the zip for the dashboard's charm here")
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(output())
export type PolicyBuildOptions = OptionsOf<typeof policyBuild>

export const policyEval = (policy: Command) =>
  policy
    .command('eval')
    .description('answer questions about rules, one JSON line each')
    .requiredOption('--requests <file.jsonl>', 'a question per line')
    .addOption(
      new Option('-o, --output <format>', 'a line of JSON per answer')
        .choices(['json'] as const)
        .default('json' as const),
    )
export type PolicyEvalOptions = OptionsOf<typeof policyEval>

export const policyAttach = (policy: Command) =>
  policy
    .command('attach')
    .description('put an override on a Keystone, prove it there, and restore the earlier policy if the gate fails')
    .argument('<override>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(managedRoles())
    .addOption(magnumDomain())
    .option('--previous <file.zip>', 'the zip that is attached now, if it was not attached from here (Juju)')
    .option('--dry-run', 'print the plan and change nothing')
    .addOption(yes())
    .option('--no-gate', 'do not check the cloud afterwards')
    .addOption(connections())
    .addOption(settle())
    .addOption(verbose())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PolicyAttachOptions = OptionsOf<typeof policyAttach>

export const policyGate = (policy: Command) =>
  policy
    .command('gate')
    .description('check by behaviour whether the override is in force and works')
    .argument('[override]', 'the override, if it was not attached from here: by Kolla, OpenStack-Ansible, Helm')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(managedRoles())
    .addOption(magnumDomain())
    .addOption(connections())
    .addOption(settle())
    .addOption(verbose())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PolicyGateOptions = OptionsOf<typeof policyGate>

export const policyRollback = (policy: Command) =>
  policy
    .command('rollback')
    .description('restore what was there before the last attach, byte for byte')
    .addOption(cloud())
    .addOption(region())
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
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PolicyRollbackOptions = OptionsOf<typeof policyRollback>

export const policyAdvise = (policy: Command) =>
  policy
    .command('advise')
    .description('identify this Keystone by its answers, and say when to retire the override')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(policyDir())
    .addOption(model())
    .addOption(application())
    .option('--base <file>', 'the policy file that this Keystone runs with, if you have it')
    .addOption(override())
    .addOption(managedRoles())
    .addOption(magnumDomain())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PolicyAdviseOptions = OptionsOf<typeof policyAdvise>
