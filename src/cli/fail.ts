import { InputError, StopError, errorChain, exitCodeOf } from '../errors.ts'
import type { CommandContext } from './context.ts'

/** Prints what ended a command. Returns its exit code. */
export function fail(error: unknown, io: CommandContext): number {
  const code = exitCodeOf(error)
  if (code === 1) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    io.err(`this is a bug in tenant-onboard; please report it with this text:\n${stack}\n`)
    return code
  }
  if (error instanceof InputError) io.err(`${error.message}\n`)
  else io.err(`${error instanceof StopError ? '' : 'error: '}${errorChain(error).join('\n  because ')}\n`)
  return code
}
