/** The log of a service, where the operator gives access to it. Read only, and never the whole of it. */
export type ServiceLog = {
  /** For people: `/var/log/magnum/magnum-conductor.log on magnum/0`. */
  readonly place: string
  /**
   * Whole lines that were written since the last call; the first gives the end of what is there, so that a command which goes
   * on where another stopped still finds what that one waited for. Throws `StopError` when the log cannot be read.
   */
  readonly read: () => Promise<readonly string[]>
}

/** Bytes: what the first look takes, and any later one at most. A conductor with `debug` on writes about 100 kB for a cluster. */
export const tailBytes = 2 << 20

/** Where a reader stands in a file: which file it is, and how far it has read. */
export type FileMark = { readonly inode: string; readonly offset: number }

/** From which byte on to read a file that is `size` long: all that is new, and no more than `tailBytes`. */
export function startIn(mark: FileMark | undefined, file: { readonly inode: string; readonly size: number }): number {
  // another inode is a new file after a rotation, a shorter one was truncated
  const isSame = mark?.inode === file.inode && mark.offset <= file.size
  const start = isSame ? mark.offset : mark === undefined ? file.size - tailBytes : 0
  return Math.max(0, start, file.size - tailBytes)
}

/** Whole lines, and how many bytes they are: a line that is still being written is for the next time. */
export function wholeLines(
  bytes: Buffer,
  isCut: boolean,
): { readonly lines: readonly string[]; readonly length: number } {
  const end = bytes.lastIndexOf(0x0a) + 1
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)
  // it began in the middle of a line
  return { lines: isCut ? lines.slice(1) : lines, length: end }
}
