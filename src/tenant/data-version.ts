/**
 * The version of a data directory: what is where in it. `<root>/_version.json` has it. A command refuses a directory with a later
 * version, and migrates one with an earlier version before it changes anything there (docs/upgrading.md).
 */
import { chmod, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { readInput, writtenLimit } from './input-file.ts'
import { writePrivate } from './private-file.ts'

/** Another number when a program of before would misread or damage what this one writes. */
export const dataVersion = 1

/** One step. It may be interrupted, and is then done again from its beginning. */
export type Migration = {
  /** From the version before. */
  readonly to: number
  /** For the operator: `folders have ..`. */
  readonly what: string
  readonly migrate: (root: string) => Promise<void>
}

/** In order. Version 0 has no _version.json, and is otherwise like version 1. */
const migrations: readonly Migration[] = [{ to: 1, what: 'its version is recorded', migrate: () => Promise.resolve() }]

type DataVersions = {
  readonly known: number
  readonly migrations: readonly Migration[]
}

const today: DataVersions = { known: dataVersion, migrations }

// a later version may have more keys, and must still be recognised
const schema = z.looseObject({ version: z.int().min(1), program: z.string() })

const fileIn = (root: string): string => join(root, '_version.json')

/** 0 without a version. Throws `InputError` for a later version, and for a file that this program does not write. */
export async function checkDataVersion(root: string, { known } = today): Promise<number> {
  const path = fileIn(root)
  const text = await readInput(path, { limit: writtenLimit })
  if (text === undefined && (await exists(path)))
    throw new InputError(`\`${path}\` cannot be read; it has the version of the data`)
  if (text === undefined) return 0
  const kept = parse(path, text)
  if (kept.version <= known) return kept.version
  throw new InputError([
    {
      message: `\`${root}\` was written by tenant-onboard ${kept.program} and has data version ${kept.version}; this program knows versions up to ${known}`,
      hint: 'update this program, or give another folder with `--home`; nothing was changed',
    },
  ])
}

function parse(path: string, text: string): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new InputError(`\`${path}\` was not written by this program; it has the version of the data: restore it`, {
      cause: error,
    })
  }
}

/**
 * Brings a directory to the version of this program, and returns what was done, a sentence for each version. Nothing is done where
 * nothing of a cloud is kept. A migration takes the locks of the folders that it changes. Throws as `checkDataVersion` does.
 */
export async function migrateData(root: string, program: string, versions = today): Promise<readonly string[]> {
  const from = await checkDataVersion(root, versions)
  if (from === 0 && !(await isUsed(root))) return []
  const done: string[] = []
  for (const { to, what, migrate } of versions.migrations.filter((one) => one.to > from)) {
    await migrate(root)
    await write(root, program, to)
    done.push(`\`${root}\`: data version ${to - 1} is now ${to}: ${what}`)
  }
  return done
}

/** A directory in which the first command has written gets its version. One that cannot be written stays as it is. */
export async function recordDataVersion(root: string, program: string): Promise<void> {
  if ((await exists(fileIn(root))) || !(await isUsed(root))) return
  await write(root, program, dataVersion).catch(() => undefined)
}

async function write(root: string, program: string, version: number): Promise<void> {
  await writePrivate(fileIn(root), `${JSON.stringify({ version, program })}\n`)
  // no secret, and several users may have clouds below one root
  await chmod(fileIn(root), 0o644)
}

/** Every command that changes a cloud from here leaves a `keystone.json` in its folder (keystone.ts). */
async function isUsed(root: string): Promise<boolean> {
  const names = await readdir(root).catch(() => [])
  const used = await Promise.all(names.map((name) => exists(join(root, name, 'keystone.json'))))
  return used.includes(true)
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
