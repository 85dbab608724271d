import { StopError } from '../errors.ts'
import { startIn, tailBytes, wholeLines } from './log.ts'
import type { FileMark, ServiceLog } from './log.ts'
import type { RunProgram } from './program.ts'

export type JujuPlace = {
  readonly model: string
  /** `magnum/0`, `magnum/leader`. */
  readonly unit: string
  readonly path: string
}

/**
 * A log on a machine that Juju made, read as root by `juju ssh`. It sends one line of shell, because ssh joins its
 * arguments. Only the path and two numbers in it vary, and cloud.yaml accepts no path with a quote.
 */
export function jujuLog({ model, unit, path }: JujuPlace, run: RunProgram): ServiceLog {
  const place = `${path} on ${unit}`
  let mark: FileMark | undefined
  const ssh = (command: string, options?: { readonly isEncoded: boolean }): Promise<string> =>
    run('juju', ['ssh', '--model', model, '--pty=false', unit, command], options)
  return {
    place,
    async read() {
      const about = await ssh(`sudo stat -c '%i %s' '${path}'`)
      const found = /(\d+) (\d+)\s*$/.exec(about)
      if (found === null) throw new StopError(`cannot read the log \`${place}\`: stat said \`${about.trim()}\``)
      const [, inode = '', size = ''] = found
      const start = startIn(mark, { inode, size: Number(size) })
      const isCut = start > 0 && start !== mark?.offset
      if (start === Number(size)) return []
      // base64, so that the bytes arrive unchanged and can be counted
      const text = await ssh(`sudo tail -c +${start + 1} '${path}' | head -c ${tailBytes} | base64 -w 0`, {
        isEncoded: true,
      })
      const { lines, length } = wholeLines(Buffer.from(text.trim(), 'base64'), isCut)
      mark = { inode, offset: start + length }
      return lines
    },
  }
}
