import { fixNames } from '../policy/releases/release.ts'
import { Option } from '@commander-js/extra-typings'

/*
 * Options that several commands have, and the type of what a command is handed: inferred from its definition (definitions/), so
 * that the two cannot differ.
 */

/** What commander hands to a command that is defined so. */
export type OptionsOf<Definition extends (parent: never) => { opts(): object }> = Readonly<
  ReturnType<ReturnType<Definition>['opts']>
>

export const output = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json', 'yaml'] as const)
    .default('text' as const)
/** Of a command whose result is a table. */
export const tableOutput = () =>
  new Option('-o, --output <format>', 'how to print the result; `value` has only the cells')
    .choices(['text', 'json', 'yaml', 'csv', 'value', 'markdown'] as const)
    .default('text' as const)
export const debug = () => new Option('--debug', 'print every request to stderr, without secrets')
export const trace = () =>
  new Option('--trace <file>', 'write the requests and their waiting for one another, for Perfetto or chrome://tracing')
export const allowHttp = () => new Option('--allow-http', 'allow plain http to hosts other than this one')
export const apiTimeout = () =>
  new Option('--api-timeout <seconds>', 'how long one request may take (default: `api_timeout` of clouds.yaml, or 60)')
export const yes = () => new Option('--yes', 'do not ask')
export const adopt = () => new Option('--adopt', 'take over existing resources of these names that we did not make')
export const enable = () =>
  new Option(
    '--enable <name>',
    'enable this domain, project or account of the tenant, which somebody disabled (repeatable)',
  ).argParser((name: string, earlier: readonly string[] | undefined): readonly string[] => [...(earlier ?? []), name])
export const home = (kept = 'tenants') =>
  new Option('--home <folder>', `where ${kept} are kept (default: ~/tenant-onboard)`)
export const cloud = (before = '') =>
  new Option('--cloud <name>', `the operator's entry of clouds.yaml (default: ${before}OS_CLOUD)`)
export const region = () =>
  new Option('--region <name>', 'the region, of those in that entry (default: its first one, or OS_REGION_NAME)')
/** A port to listen on. */
export const port = () => new Option('--port <number>', 'the port; 0 takes a free one').default('0')

/** A charmed cloud of 2024.1 with the fixes of May 2026: most users who need an override have one. */
export const usualRelease = 'unmaintained/2024.1 --fixes ossa-2026-015'

export const base = () =>
  new Option('--base <base>', 'the base policy: default, charm, a file, or a release such as 27.0.1')
export const release = () =>
  new Option('--release <release>', `the Keystone that reads it: its package or its series (default: ${usualRelease})`)
export const fixes = () =>
  new Option('--fixes <names>', `what a distribution put into that package, with commas: ${fixNames.join(',')}`)
export const adminRole = () => new Option('--admin-role <name>', "the charm's admin-role (default: Admin)")
export const adminDomainId = () => new Option('--admin-domain-id <id>', "the charm's admin domain")
export const serviceProjectId = () => new Option('--service-project-id <id>', "the charm's services project")
export const magnumDomain = () =>
  new Option(
    '--magnum-domain <name>',
    "the domain of Magnum's trustees, whose admin may read projects (default: magnum)",
  )
