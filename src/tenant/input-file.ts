/**
 * The one way to read a file that somebody else wrote. Judges it before it reads: an ordinary file, because a FIFO or a
 * device waits for ever or never ends; below a limit of bytes; and text in UTF-8. Throws `InputError` with the file and
 * what to do.
 */
import { constants, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { InputError } from '../errors.ts'

/** Bytes of a file that a person writes, and of one that a program of ours appends to for years. */
export const writtenLimit = 4 << 20
export const recordedLimit = 128 << 20

/** Opens without waiting: the open of a FIFO would last until somebody writes. */
export const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK

type Reading = {
  /** As the user wrote it; the path itself if absent. */
  readonly shown?: string
  readonly limit?: number
}

/** `undefined` if there is no such file, or it may not be read. */
export async function readInputBytes(path: string, options: Reading = {}): Promise<Buffer | undefined> {
  const file = await open(path, withoutWaiting).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    return await bytesOf(file, { shown: path, limit: writtenLimit, ...options })
  } finally {
    await file.close()
  }
}

/** `undefined` if there is no such file, or it may not be read. */
export async function readInput(path: string, options: Reading = {}): Promise<string | undefined> {
  const bytes = await readInputBytes(path, options)
  return bytes === undefined ? undefined : textOf(bytes, options.shown ?? path)
}

/** The content of an open file, after it was judged. */
export async function bytesOf(file: FileHandle, { shown, limit }: Required<Reading>): Promise<Buffer> {
  const stat = await file.stat()
  if (!stat.isFile()) {
    const message = stat.isDirectory() ? 'this is a folder, not a file' : 'this is not an ordinary file'
    throw new InputError([{ file: shown, message }])
  }
  if (stat.size > limit) {
    const message = `this file has ${stat.size} bytes, and at most ${limit} are read`
    throw new InputError([{ file: shown, message, hint: 'check that it is the file you mean' }])
  }
  const bytes = Buffer.alloc(stat.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}

/** UTF-8, with or without a byte order mark. */
export function textOf(bytes: Uint8Array, shown: string): string {
  const no = (message: string, line?: number): InputError =>
    new InputError([
      { file: shown, ...(line === undefined ? {} : { line }), message, hint: 'save it as text in UTF-8' },
    ])
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw no('this file is UTF-16', 1)
  const zero = bytes.indexOf(0)
  if (zero >= 0) throw no('this file is not text: it has a zero byte', lineOf(bytes, zero))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw no('this file is not UTF-8', lineOf(bytes, firstFault(bytes)))
  }
}

function lineOf(bytes: Uint8Array, end: number): number {
  let line = 1
  for (let at = 0; at < end; at++) if (bytes[at] === 0x0a) line++
  return line
}

/** Where the bytes stop to be UTF-8. */
function firstFault(bytes: Uint8Array): number {
  const lenient = Buffer.from(new TextDecoder('utf-8').decode(bytes))
  let at = 0
  while (at < bytes.length && bytes[at] === lenient[at]) at++
  return at
}
