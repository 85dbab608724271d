import { oneLine } from '../visible.ts'
import { CloudError, InputError, StopError, errorChain, exitCodeOf } from '../errors.ts'
import type { Problem } from '../errors.ts'
import type { CommandContext } from './context.ts'

/** Prints what ended a command. Returns its exit code. */
export function fail(error: unknown, io: CommandContext): number {
  const code = exitCodeOf(error)
  const say = (text: string): void => {
    if (io.fatal === undefined) io.err(text)
    else io.fatal(text)
  }
  if (code === 1) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    say(`this is a bug in tenant-onboard; please report it with this text:\n${stack}\n`)
    return code
  }
  if (error instanceof InputError) say(`${error.message}\n`)
  else say(`${error instanceof StopError ? '' : 'error: '}${errorChain(error).map(oneLine).join('\n  because ')}\n`)
  return code
}

/** The same for `-o json`: docs/json.md. */
export type Failure = {
  readonly ok: false
  readonly exitCode: number
  readonly error: string
  /** The causes of the error, outermost first. */
  readonly because: readonly string[]
  /** What is wrong in the files and arguments of the user. */
  readonly problems?: readonly Problem[]
  /** The request that the cloud refused or did not answer. */
  readonly request?: Pick<CloudError, 'service' | 'method' | 'path' | 'status' | 'requestId'>
}

export function failure(error: unknown, exitCode: number): Failure {
  const [message = '', ...because] = errorChain(error)
  const refused = cloudErrorIn(error)
  return {
    ok: false,
    exitCode,
    error: message,
    because,
    ...(error instanceof InputError && { problems: error.problems }),
    ...(refused && { request: requestOf(refused) }),
  }
}

function requestOf({ service, method, path, status, requestId }: CloudError): NonNullable<Failure['request']> {
  return { service, method, path, status, requestId }
}

function cloudErrorIn(error: unknown): CloudError | undefined {
  if (error instanceof CloudError) return error
  return error instanceof Error ? cloudErrorIn(error.cause) : undefined
}
