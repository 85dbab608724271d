/** The `juju` command, run as it is: no shell, no terminal, JSON where it gives any. */
import { execFile } from 'node:child_process'
import { InputError, StopError } from '../errors.ts'

/** Runs `juju` with these arguments and returns what it printed. */
export type RunJuju = (...argv: readonly string[]) => Promise<string>

/** `env`: as the operator's shell has it, since Juju finds its controllers by HOME and JUJU_DATA; less what is OpenStack's. */
export function jujuCommand(env: Readonly<Record<string, string | undefined>>, stop: AbortSignal): RunJuju {
  return (...argv) =>
    new Promise((resolve, reject) => {
      const options = { env: withoutPasswords(env), maxBuffer: 64 << 20, timeout: 120_000, signal: stop }
      const child = execFile('juju', argv, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(wordsOf(argv, error, stderr))
      })
      // it must not wait for a password that nobody types
      child.stdin?.end()
    })
}

function withoutPasswords(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OS_')))
}

function wordsOf(argv: readonly string[], error: Error, stderr: string): Error {
  if ('code' in error && error.code === 'ENOENT')
    return new InputError('there is no `juju` command on this machine; `--policy-dir` delivers without it', {
      cause: error,
    })
  const said = stderr.trim().split('\n').at(-1) ?? ''
  return new StopError(`\`juju ${argv.join(' ')}\` failed: ${said === '' ? error.message : said}`, { cause: error })
}
