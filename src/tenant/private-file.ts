import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { InputError, StopError } from '../errors.ts'
import { bytesOf, recordedLimit, withoutWaiting } from './input-file.ts'

/*
 * Files that only their owner may read. No symbolic link is ever followed: a folder or a file that is a link, or that
 * another user owns, is refused. A write is whole or not at all, also across a power cut: a new file beside the old
 * one, fsync, rename, fsync of the folder. (write-file-atomic resolves links before it writes, which must not happen
 * here: docs/decisions/0004.)
 */

/** Makes the folder 0700, and every missing one above it. Refuses one that is a link or belongs to another user. */
export async function privateFolder(path: string): Promise<void> {
  const stat = await lstat(path).catch(absent)
  if (stat === undefined) {
    if (dirname(path) !== path) await ensureParent(dirname(path))
    await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw cannot('make the folder', path, error)
    })
    return
  }
  if (!stat.isDirectory()) throw new InputError(`\`${path}\` must be a folder and not a link`)
  refuseForeign(path, stat.uid)
  if ((stat.mode & 0o077) !== 0) await chmod(path, 0o700)
}

async function ensureParent(path: string): Promise<void> {
  const stat = await lstat(path).catch(absent)
  // folders above ours belong to the system or the user, so only our own become private
  if (stat === undefined) await privateFolder(path)
}

export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  const existing = await lstat(path).catch(absent)
  if (existing !== undefined && !existing.isFile())
    throw new InputError(`\`${path}\` is not an ordinary file; it is not written`)
  const beside = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(
      beside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    )
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw cannot('write', path, error)
  }
}

/** Replaces a private file by another one of the same folder. */
export async function renamePrivate(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    throw cannot('rename', from, error)
  })
  await syncFolder(dirname(to))
}

/** Removes a file durably, across a power cut. A missing file is not an error. */
export async function removePrivate(path: string): Promise<void> {
  await rm(path, { force: true })
  await syncFolder(dirname(path)).catch(absent)
}

/**
 * Removes what a killed write left beside the files of a folder, if there is one. Where others write too, only what is so many
 * milliseconds old.
 */
export async function sweepTemporaries(folder: string, leastAgeMs = 0): Promise<void> {
  const names = (await readdir(folder).catch(absent)) ?? []
  for (const name of names.filter((one) => temporary.test(one))) {
    const path = join(folder, name)
    const stat = await lstat(path).catch(absent)
    if (stat !== undefined && Date.now() - stat.mtimeMs >= leastAgeMs) await rm(path, { force: true })
  }
}

const temporary = /^\.[0-9a-f]{12}\.tmp$/

/**
 * The text of a private file, `undefined` if there is none. Refuses links and other users' files; corrects a loose
 * mode.
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  return (await readPrivateBytes(path))?.toString('utf8')
}

export async function readPrivateBytes(path: string): Promise<Buffer | undefined> {
  const file = await open(path, withoutWaiting | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'ELOOP') throw new InputError(`\`${path}\` is a link; a secret is never read through a link`)
    throw cannot('read', path, error)
  })
  if (file === undefined) return undefined
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new InputError(`\`${path}\` is not an ordinary file`)
    refuseForeign(path, stat.uid)
    if ((stat.mode & 0o077) !== 0) await file.chmod(0o600)
    return await bytesOf(file, { shown: path, limit: recordedLimit })
  } finally {
    await file.close()
  }
}

/**
 * Appends one line durably, and returns the new size in bytes. With `size`, throws `StopError` if
 * the file has another size: somebody else wrote to it.
 */
export async function appendPrivate(path: string, line: string, size?: number): Promise<number> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
  const file = await open(path, flags, 0o600).catch((error: unknown) => {
    throw cannot('append to', path, error)
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new InputError(`\`${path}\` is not an ordinary file`)
    const found = stat.size
    if (size !== undefined && found !== size)
      throw new StopError(
        `\`${path}\` has ${found} bytes and not the ${size} that this command left: another command has written to it; run the same command again to continue`,
      )
    const bytes = Buffer.from(`${line}\n`)
    await file.appendFile(bytes)
    await file.sync()
    return found + bytes.length
  } catch (error) {
    if (error instanceof StopError || error instanceof InputError) throw error
    throw cannot('append to', path, error)
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function refuseForeign(path: string, uid: number): void {
  const own = userInfo().uid
  if (uid !== own) throw new InputError(`\`${path}\` belongs to uid ${uid}, not to you (uid ${own})`)
}

function cannot(what: string, path: string, cause: unknown): InputError | StopError {
  if (cause instanceof InputError) return cause
  const code = codeOf(cause)
  const why = `cannot ${what} \`${path}\`: ${code ?? String(cause)}`
  // the disk's fault, not the user's: once it is repaired the same command continues
  if (code !== undefined && code in disk)
    return new StopError(`${why}, ${disk[code]}; then run the same command again to continue`, { cause })
  return new InputError(why, { cause })
}

/** What a disk may refuse, in words. */
export const disk: Readonly<Record<string, string>> = {
  EDQUOT: 'the quota of this disk is used up',
  EIO: 'the disk failed',
  ENOSPC: 'no space is left',
  EROFS: 'the file system is read-only',
}

function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
