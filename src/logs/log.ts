import { maskText } from '../masking.ts'

/** The log of a service, if the operator gives access to it. Read-only, and never the whole of it. */
export type ServiceLog = {
  /** For people: `/var/log/magnum/magnum-conductor.log on magnum/0`. */
  readonly place: string
  /**
   * Whole lines that were written since the last call. The first call returns the end of the log, so that a command
   * that continues another one finds what that one waited for. Throws `StopError` if the log cannot be read.
   */
  readonly read: () => Promise<readonly string[]>
}

/**
 * Bytes: the limit of the first look, and of any later one. A conductor with `debug` on writes about 100 kB for a
 * cluster.
 */
export const tailBytes = 2 << 20

/** The position of a reader: the file, and how far it has been read. */
export type FileMark = { readonly inode: string; readonly offset: number }

/** The first byte to read of a file with `size` bytes: everything new, but at most `tailBytes`. */
export function startIn(mark: FileMark | undefined, file: { readonly inode: string; readonly size: number }): number {
  // another inode is a new file after a rotation, a shorter one was truncated
  const isSame = mark?.inode === file.inode && mark.offset <= file.size
  const start = isSame ? mark.offset : mark === undefined ? file.size - tailBytes : 0
  return Math.max(0, start, file.size - tailBytes)
}

/** Whole lines, and their number of bytes. A line that is still being written is left for the next call. */
export function wholeLines(
  bytes: Buffer,
  isCut: boolean,
): { readonly lines: readonly string[]; readonly length: number } {
  const end = bytes.lastIndexOf(0x0a) + 1
  const lines = maskText(bytes.subarray(0, end).toString('utf8')).split('\n').slice(0, -1)
  // it starts in the middle of a line
  return { lines: isCut ? lines.slice(1) : lines, length: end }
}
