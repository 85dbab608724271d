/**
 * Replaces one file in a folder that a running service reads: whole or not at all. The service ignores names that begin
 * with a dot (oslo.policy 4.0.0, oslo_policy/policy.py, _walk_through_policy_directory). So the new file is written
 * under such a name and then renamed over the old one.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { readInputBytes } from '../../tenant/input-file.ts'

/** A file as it is: what a rollback restores. */
export type PlacedFile = {
  readonly bytes: Uint8Array
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** `undefined` if there is none. Refuses links, so that nothing is written elsewhere. */
export async function readPlaced(path: string): Promise<PlacedFile | undefined> {
  const stat = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw cannot('read', path, error)
  })
  if (stat === undefined) return undefined
  if (!stat.isFile()) throw new InputError(`\`${path}\` is not an ordinary file; it will not be replaced`)
  const bytes = await readInputBytes(path)
  if (bytes === undefined) throw new InputError(`\`${path}\` cannot be read`)
  return { bytes, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid }
}

/** Either the old file or the new one is there, at every moment and after every crash. */
export async function placeFile(folder: string, name: string, { bytes, mode, uid, gid }: PlacedFile): Promise<void> {
  const path = join(folder, name)
  const beside = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    const file = await open(beside, flags, 0o600)
    try {
      await file.writeFile(bytes)
      const stat = await file.stat()
      if (stat.uid !== uid || stat.gid !== gid) await file.chown(uid, gid)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw cannot('write', path, error)
  }
}

export async function removePlaced(folder: string, name: string): Promise<void> {
  const path = join(folder, name)
  try {
    await unlink(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannot('remove', path, error)
  }
  await syncFolder(folder)
}

/** Removes what a killed write left. Only under the lock, because another process could be writing. */
export async function sweepBeside(folder: string, name: string): Promise<void> {
  const left = (await readdir(folder)).filter((one) => isBeside(one, name))
  await Promise.all(left.map((one) => rm(join(folder, one), { force: true })))
}

function isBeside(one: string, name: string): boolean {
  return one.startsWith(`.${name}.`) && /^[0-9a-f]{12}\.tmp$/.test(one.slice(name.length + 2))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function cannot(what: string, path: string, cause: unknown): Error {
  if (cause instanceof InputError) return cause
  const code = codeOf(cause)
  if (code === undefined) return cause instanceof Error ? cause : new Error(String(cause))
  const hint = code === 'EPERM' || code === 'EACCES' ? '; run this as the owner of that folder, usually root' : ''
  return new InputError(`cannot ${what} \`${path}\`: ${code}${hint}`, { cause })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
