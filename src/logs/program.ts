/** A program that runs without a shell, without a terminal and with an empty standard input. */
import { execFile } from 'node:child_process'
import { StopError } from '../errors.ts'
import { maskText } from '../masking.ts'

/** Runs it with these arguments and returns its output, without the secrets of this process. Throws `StopError`. */
export type RunProgram = (
  program: string,
  argv: readonly string[],
  /** True: its output is base64, and the caller masks what it decodes. */
  options?: { readonly isEncoded?: boolean },
) => Promise<string>

export function programs(
  env: Readonly<Record<string, string | undefined>>,
  stop: AbortSignal,
  timeout = 30_000,
): RunProgram {
  return (program, argv, { isEncoded = false } = {}) =>
    new Promise((resolve, reject) => {
      const options = { env: withoutPasswords(env), maxBuffer: 16 << 20, timeout, signal: stop }
      const child = execFile(program, argv, options, (error, stdout, stderr) => {
        if (error === null) resolve(isEncoded ? stdout : maskText(stdout))
        else reject(new StopError(`\`${program}\` failed: ${maskText(said(error, stderr))}`))
      })
      child.stdin?.end()
    })
}

/** The program must not see `OS_PASSWORD` and its like. */
function withoutPasswords(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OS_')))
}

function said(error: Error, stderr: string): string {
  if ('code' in error && error.code === 'ENOENT') return 'it is not installed here'
  const last = stderr.trim().split('\n').at(-1) ?? ''
  return last === '' ? error.message : last
}
