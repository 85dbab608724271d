import { appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import type { CommandContext } from './context.ts'
import { forTerminal } from './output.ts'

/** What the options of every command say of the output: `--quiet`, `--color`, `--log-file`. */
export type GlobalOptions = {
  readonly quiet?: unknown
  readonly color?: unknown
  readonly logFile?: unknown
}

export type GlobalOutput = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** What ends a command, whatever the options say. */
  readonly fatal: (text: string) => void
  readonly hasColor: () => boolean
  /** Before the command begins. Throws `InputError` for a log file that cannot be written. */
  readonly configure: (options: GlobalOptions) => Promise<void>
  /** Waits until the log file has everything. */
  readonly end: () => Promise<void>
}

/** Until it is configured, and without options, it is the context's own output. */
export function globalOutput(context: CommandContext): GlobalOutput {
  let color: unknown = 'auto'
  let isQuiet = false
  let log: string | undefined
  let written: Promise<void> = Promise.resolve()
  const note = (text: string): void => {
    if (log === undefined) return
    const path = log
    const stamp = context.now().toISOString()
    const lines = withoutControls(text).replace(/\n$/, '').split('\n')
    const stamped = lines.map((line) => `${stamp} ${line}\n`).join('')
    // in order; a full disk must not end a command that has begun
    written = written.then(() => appendFile(path, stamped)).catch(() => undefined)
  }
  return {
    out(raw) {
      const text = forTerminal(raw)
      note(text)
      context.out(text)
    },
    err(raw) {
      const text = forTerminal(raw)
      note(text)
      if (!isQuiet) context.err(text)
    },
    fatal(raw) {
      const text = forTerminal(raw)
      note(text)
      context.err(text)
    },
    hasColor: () => (color === 'auto' ? context.hasColor : color === 'always'),
    async configure({ quiet, color: wanted, logFile }) {
      isQuiet = quiet === true
      color = wanted
      if (typeof logFile !== 'string') return
      const path = resolve(context.cwd, logFile)
      try {
        // of the user alone: it has names and addresses
        await appendFile(path, '', { mode: 0o600 })
      } catch (error) {
        throw new InputError(`cannot write the log file \`${logFile}\``, { cause: error })
      }
      log = path
    },
    end: () => written,
  }
}

function withoutControls(text: string): string {
  // escape sequences of a terminal
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
}
