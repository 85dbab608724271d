import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import {
  adminDomainId,
  adminRole,
  adopt,
  enable,
  allowHttp,
  apiTimeout,
  base,
  cloud as cloudOf,
  debug,
  fixes,
  home,
  magnumDomain,
  output,
  port,
  region,
  release,
  serviceProjectId,
  trace,
  yes,
} from '../options.ts'
import type { OptionsOf } from '../options.ts'

/* The commands on a tenant, and those on none. */

const until = () => new Option('--until <stage>', 'stop after this stage')
const cloud = () => cloudOf('what the tenant file names, or ')

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
    .description('check that the cloud has what the tenant needs; --probe proves it with throwaway objects')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('--probe', 'prove persona, trust and certificate store with throwaway objects')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PreflightOptions = OptionsOf<typeof preflight>

export const plan = (program: Command) =>
  program
    .command('plan')
    .description('show what apply would do; changes nothing')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(adopt())
    .addOption(enable())
    .option('--exit-code', 'exit 3 also when there is something to do')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type PlanOptions = OptionsOf<typeof plan>

export const apply = (program: Command) =>
  program
    .command('apply')
    .description('make the tenant as its file says; run it again to continue after an interruption')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(adopt())
    .addOption(enable())
    .addOption(yes())
    .option('--expect <digest>', 'apply the plan with this digest, or nothing')
    .addOption(until())
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type ApplyOptions = OptionsOf<typeof apply>

export const status = (program: Command) =>
  program
    .command('status')
    .description('show the state of each stage from the evidence; sends no request to the cloud')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('--exit-code', 'exit 3 unless every stage is validated')
    .addOption(output())
export type StatusOptions = OptionsOf<typeof status>

export const handover = (program: Command) =>
  program
    .command('handover')
    .description('give the tenant its domain manager, once; sealed if the tenant file names a recipient')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('--again', 'deliver again, after `rotate --account domain-admin`')
    .addOption(yes())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type HandoverOptions = OptionsOf<typeof handover>

export const accept = (program: Command) =>
  program
    .command('accept')
    .description('onboard the tenant from its handover alone, on a machine without an operator')
    .argument('<handover>', 'the folder, or the sealed file with --identity')
    .argument('<tenant.yaml>')
    .option('--identity <file>', 'the age identity that opens the sealed file')
    .addOption(home())
    .addOption(adopt())
    .addOption(enable())
    .addOption(yes())
    .option('--no-wait', 'stop when the cluster is accepted')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type AcceptOptions = OptionsOf<typeof accept>

export const rotate = (program: Command) =>
  program
    .command('rotate')
    .description(
      'give one account of the tenant, or one of its clusters, a new secret, and check that the old one is refused',
    )
    .argument('<tenant.yaml>')
    .addOption(new Option('--account <name>', 'whose').choices(['domain-admin', 'cluster', 'svc'] as const))
    .option(
      '--cluster <name>',
      'exchange the credential of this cluster instead (Magnum 2025.2, magnum-capi-helm 1.4.0)',
    )
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(yes())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type RotateOptions = OptionsOf<typeof rotate>

export const explain = (program: Command) =>
  program
    .command('explain')
    .description('say what the code of a finding means and what to do; works offline')
    .argument('<code>', 'as printed with the finding: plan/cannot-look')
    .addOption(output())
export type ExplainOptions = OptionsOf<typeof explain>

export const evidenceSetAside = (evidence: Command) =>
  evidence
    .command('set-aside')
    .description('keep a broken chain of evidence beside, and begin a new one; sends no request to the cloud')
    .argument('<tenant.yaml>')
    .addOption(
      new Option('--note <text>', 'why it broke, as far as you know; the new chain keeps it').makeOptionMandatory(),
    )
    .addOption(home())
    .addOption(yes())
    .addOption(output())
export type EvidenceSetAsideOptions = OptionsOf<typeof evidenceSetAside>

export const report = (program: Command) =>
  program
    .command('report')
    .description('write a report: is the tenant isolated, what shows it, and how to check it yourself; works offline')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option(
      '--out <file>',
      "write it to this .html, .md or .json file (default: report.html in the tenant's data directory)",
    )
    .option('--check <file>', 'compare a report with the evidence, word for word; exit 3 if they differ')
    .option('--bundle <file.zip>', 'pack the files for a support case, without secrets')
    .option('--override <file...>', 'prove this policy on paper, and add the proof to the report')
    .addOption(magnumDomain())
    .addOption(base())
    .addOption(release())
    .addOption(fixes())
    .addOption(adminRole())
    .addOption(adminDomainId())
    .addOption(serviceProjectId())
    .addOption(
      new Option('-o, --output <format>', 'print the report to stdout, or with text its path')
        .choices(['text', 'json', 'markdown', 'html'] as const)
        .default('text' as const),
    )
export type ReportOptions = OptionsOf<typeof report>

export const verify = (program: Command) =>
  program
    .command('verify')
    .description('attack the isolation of a tenant from all sides, with throwaway objects')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('-v, --verbose', 'show every probe, not only failures')
    .option('--junit <file>', 'also write the verdicts as JUnit XML')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type VerifyOptions = OptionsOf<typeof verify>

export const audit = (program: Command) =>
  program
    .command('audit')
    .description("compare every account's roles with the expected roles, and tenants with their files; read-only")
    .argument('[tenant.yaml...]')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('--table <file>', 'rows for your own accounts and roles')
    .option('--deep', 'also read the application credentials of every user, one request each')
    .option('--native', "this cloud uses Keystone's own domain manager, without an override")
    .option('--record', 'keep the result in the data directory, where `console` shows it')
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type AuditOptions = OptionsOf<typeof audit>

export const diagnose = (program: Command) =>
  program
    .command('diagnose')
    .description('find out why a tenant does not match its file, by experiments that leave nothing behind')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .option('-v, --verbose', 'show every experiment, not only failures')
    .option('--vault <address>', 'Vault, which tells from where Barbican may sign in (default: vault of cloud.yaml)')
    .option('--vault-token-file <file>', 'the file with the Vault token')
    .option('--barbican-log <file>', "the log of barbican-api, which has Vault's errors (default: logs of cloud.yaml)")
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type DiagnoseOptions = OptionsOf<typeof diagnose>

export const console = (program: Command) =>
  program
    .command('console')
    .description('show the tenants of the data directory in a browser on this machine, live; read-only')
    .addOption(home())
    .addOption(port())
    .addOption(output())
export type ConsoleOptions = OptionsOf<typeof console>

export const offboard = (program: Command) =>
  program
    .command('offboard')
    .description('remove a tenant from the cloud in the right order, and prove that nothing of it is left')
    .argument('<tenant.yaml>')
    .addOption(cloud())
    .addOption(region())
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
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type OffboardOptions = OptionsOf<typeof offboard>

export const cloudMove = (clouds: Command) =>
  clouds
    .command('move')
    .description('let the data directory of a cloud follow it to a new address; the same Keystone must answer there')
    .argument('<name>', 'of the data directory')
    .addOption(
      new Option('--cloud <name>', "the operator's entry of clouds.yaml (default: the name of the data directory)"),
    )
    .addOption(region())
    .addOption(home('clouds and tenants'))
    .addOption(yes())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type CloudMoveOptions = OptionsOf<typeof cloudMove>

export const simulatorServe = (simulator: Command) =>
  simulator
    .command('serve')
    .description('serve it on loopback until Ctrl-C, and print a clouds.yaml for it')
    .option('--preset <name>', 'zed-patched, caracal-charmed, caracal-unpatched, epoxy, epoxy-charmed')
    .option('--release <release>', "another Keystone than the preset's: 27.0.1, or '25.0.0 --fixes ossa-2026-015'")
    .option('--base <base>', 'another base policy: default, charm, or a file')
    .option('--override <file...>', 'policy files over the base')
    .option('--seed <file>', 'what the cloud holds at the start')
    .option('--state <file>', 'keep the state in this file')
    .option('--fault <fault...>', 'what fails: a name (docs/simulator.md), or a rule as JSON')
    .addOption(port())
    .option('--tls <ca-file>', 'serve TLS, and write the CA to this file')
    .option('--spread', 'serve each service on its own port')
export type SimulatorServeOptions = OptionsOf<typeof simulatorServe>
