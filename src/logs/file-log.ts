import { open } from 'node:fs/promises'
import { StopError } from '../errors.ts'
import { withoutWaiting } from '../tenant/input-file.ts'
import { startIn, wholeLines } from './log.ts'
import type { FileMark, ServiceLog } from './log.ts'

/** A log on this machine, or on a mounted file system. Follows it through a rotation. */
export function fileLog(path: string): ServiceLog {
  let mark: FileMark | undefined
  return {
    place: path,
    async read() {
      try {
        const file = await open(path, withoutWaiting)
        try {
          const stat = await file.stat()
          if (!stat.isFile()) throw new Error('it is not an ordinary file')
          const { ino, size } = stat
          const inode = String(ino)
          const start = startIn(mark, { inode, size })
          const isCut = start > 0 && start !== mark?.offset
          const bytes = Buffer.alloc(size - start)
          const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
          const { lines, length } = wholeLines(bytes.subarray(0, bytesRead), isCut)
          mark = { inode, offset: start + length }
          return lines
        } finally {
          await file.close()
        }
      } catch (error) {
        const said = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        throw new StopError(`cannot read the log \`${path}\`: ${said}`, { cause: error })
      }
    },
  }
}
