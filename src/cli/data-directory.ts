/** What a command does with the version of the data directory: tenant/data-version.ts. */
import type { CommandUnknownOpts as Command } from '@commander-js/extra-typings'
import type { CommandContext } from './context.ts'
import { demoRoot, homeRoot } from './home-root.ts'
import { version } from './version.ts'

// they read any earlier version as it is; every other command migrates it first
const reading = new Set([
  'console',
  'export',
  'fleet plan',
  'fleet status',
  'init',
  'list',
  'plan',
  'report',
  'show',
  'status',
])

/** Loaded for a command that has a data directory: the start of the others does not wait for it. */
const loadVersions = () => import('../tenant/data-version.ts')

/** Before the command begins. Throws `InputError` for a directory of a later program. */
export async function openDataDirectory(command: Command, io: CommandContext): Promise<void> {
  const root = rootOf(command, io)
  // a demo removes its directory and makes it again
  if (root === undefined || nameOf(command) === 'demo') return
  const { checkDataVersion, migrateData } = await loadVersions()
  if (reading.has(nameOf(command))) await checkDataVersion(root)
  else for (const done of await migrateData(root, version)) io.err(`${done}\n`)
}

/** When the command has ended, whatever its result. */
export async function closeDataDirectory(command: Command, io: CommandContext): Promise<void> {
  const root = rootOf(command, io)
  if (root !== undefined && !reading.has(nameOf(command))) await (await loadVersions()).recordDataVersion(root, version)
}

/** `undefined` for a command that has no data directory. */
function rootOf(command: Command, io: CommandContext): string | undefined {
  if (!command.options.some(({ long }) => long === '--home')) return undefined
  const home: unknown = command.getOptionValue('home')
  const options = typeof home === 'string' ? { home } : {}
  return nameOf(command) === 'demo' ? demoRoot(options, io) : homeRoot(options, io)
}

/** As it is typed: `fleet plan`. */
function nameOf(command: Command): string {
  const parent = command.parent
  return parent === null || parent.parent === null ? command.name() : `${parent.name()} ${command.name()}`
}
