import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import {
  adminDomainId,
  adminRole,
  adopt,
  allowHttp,
  base,
  cloud as cloudOf,
  debug,
  home,
  magnumDomainId,
  output,
  port,
  release,
  serviceProjectId,
  yes,
} from '../options.ts'
import type { OptionsOf } from '../options.ts'

/* The commands on a tenant, and those on none. */

const until = () => new Option('--until <stage>', 'stop after this stage')
const cloud = () => cloudOf(', or what the tenant file names')

export const demo = (program: Command) =>
  program
    .command('demo')
    .description('onboard a tenant on the embedded simulator')
    .addOption(home())
    .addOption(output())
export type DemoOptions = OptionsOf<typeof demo>

export const preflight = (program: Command) =>
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
export type PreflightOptions = OptionsOf<typeof preflight>

export const plan = (program: Command) =>
  program
    .command('plan')
    .description('show what apply would do; changes nothing')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .addOption(adopt())
    .option('--exit-code', 'exit 3 when there is something to do')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
export type PlanOptions = OptionsOf<typeof plan>

export const apply = (program: Command) =>
  program
    .command('apply')
    .description('make the tenant as its file says; the same command again goes on where one stopped')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .addOption(adopt())
    .addOption(yes())
    .option('--expect <digest>', 'apply the plan of this digest, or nothing')
    .addOption(until())
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
export type ApplyOptions = OptionsOf<typeof apply>

export const status = (program: Command) =>
  program
    .command('status')
    .description('say what the evidence says of each stage; asks no cloud')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--exit-code', 'exit 3 unless every stage is validated')
    .addOption(output())
export type StatusOptions = OptionsOf<typeof status>

export const handover = (program: Command) =>
  program
    .command('handover')
    .description('give the tenant its domain manager, once; sealed when the tenant file names a recipient')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(home())
    .option('--again', 'deliver anew, after `rotate --account domain-admin`')
    .addOption(yes())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
export type HandoverOptions = OptionsOf<typeof handover>

export const accept = (program: Command) =>
  program
    .command('accept')
    .description("carry out the tenant's side from its handover alone, on a machine without an operator")
    .argument('<handover>', 'the folder, or the sealed file with --identity')
    .argument('<tenant.yaml>')
    .option('--identity <file>', 'the age identity that opens the sealed file')
    .addOption(home())
    .addOption(adopt())
    .addOption(yes())
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
export type AcceptOptions = OptionsOf<typeof accept>

export const rotate = (program: Command) =>
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
    .addOption(yes())
    .addOption(output())
    .addOption(debug())
    .addOption(allowHttp())
export type RotateOptions = OptionsOf<typeof rotate>

export const report = (program: Command) =>
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
    .addOption(magnumDomainId())
    .addOption(base())
    .addOption(release())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(
      new Option('-o, --output <format>', 'print it to stdout, or say in text where it is')
        .choices(['text', 'json', 'markdown', 'html'] as const)
        .default('text' as const),
    )
export type ReportOptions = OptionsOf<typeof report>

export const verify = (program: Command) =>
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
export type VerifyOptions = OptionsOf<typeof verify>

export const audit = (program: Command) =>
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
export type AuditOptions = OptionsOf<typeof audit>

export const diagnose = (program: Command) =>
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
export type DiagnoseOptions = OptionsOf<typeof diagnose>

export const console = (program: Command) =>
  program
    .command('console')
    .description('show the tenants of the home in a browser on this machine, live; only reads')
    .addOption(home())
    .addOption(port())
    .addOption(output())
export type ConsoleOptions = OptionsOf<typeof console>

export const offboard = (program: Command) =>
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
export type OffboardOptions = OptionsOf<typeof offboard>

export const simulatorServe = (simulator: Command) =>
  simulator
    .command('serve')
    .description('serve it on loopback until Ctrl-C, and print a clouds.yaml for it')
    .option('--preset <name>', 'zed-patched, caracal-charmed, caracal-unpatched, epoxy, epoxy-charmed')
    .option('--release <release>', 'another Keystone than the preset has: 2024.1+ossa-2026-015')
    .option('--base <base>', 'another base policy: default, charm, or a file')
    .option('--override <file...>', 'policy files over the base')
    .option('--seed <file>', 'what the cloud holds at the beginning')
    .option('--state <file>', 'keep the state in this file')
    .option('--fault <fault...>', 'what goes wrong: a name (docs/simulator.md), or a rule as JSON')
    .addOption(port())
    .option('--tls <ca-file>', 'serve TLS, and write the CA to this file')
    .option('--spread', 'each service on a port of its own')
export type SimulatorServeOptions = OptionsOf<typeof simulatorServe>
