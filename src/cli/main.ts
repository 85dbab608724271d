import { createInterface } from 'node:readline/promises'
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Io } from './io.ts'
import { run } from './program.ts'

/* The only file that touches the process: its arguments, environment, streams and signals. */

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(4)
    process.stderr.write(`${signal}: finishing the step under way; once more stops at once\n`)
    stop.abort()
  })
}
// `| head` closes our output: that is no error, and nobody is left to tell
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`${question} `, { signal: stop.signal })).trim()
  } finally {
    lines.close()
  }
}

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdin.isTTY && process.stderr.isTTY,
  hasColor: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  // absent when stdout is no terminal, whatever its type says
  columns: process.stdout.isTTY ? process.stdout.columns : 80,
  async confirm(question) {
    return /^y(es)?$/i.test(await ask(`${question} [y/N]`))
  },
  ask,
  stop: stop.signal,
  pid: process.pid,
  exit: (code) => process.exit(code),
  now: () => new Date(),
  sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined),
}
process.exitCode = await run(process.argv.slice(2), io)
