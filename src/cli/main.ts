#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import { setMaxListeners } from 'node:events'
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { StopError } from '../errors.ts'
import type { CommandContext } from './context.ts'
import { run } from './program.ts'
import { pageOf } from './terminal.ts'

/* The only file that touches the process: its arguments, environment, streams and signals. */

const stop = new AbortController()
// every wait listens to it; Node takes more than ten for a leak
setMaxListeners(0, stop.signal)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(4)
    // a live view gives way first
    stop.abort()
    process.stderr.write(`${signal}: finishing the current step; press again to stop at once\n`)
  })
}
// `| head` closes our output. Nothing more can be printed, but the current step is still finished.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
  })
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`${question} `, { signal: stop.signal })).trim()
  } catch (error) {
    // Ctrl-C and Ctrl-D, which a terminal hands to readline as keys, and a signal
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
    process.stderr.write('\n')
    throw new StopError('stopped at the question; nothing was changed after it')
  } finally {
    lines.close()
  }
}

const io: CommandContext = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdin.isTTY && process.stderr.isTTY,
  ...pageOf(process.stdout, process.stderr, process.env),
  async confirm(question) {
    return /^y(es)?$/i.test(await ask(`${question} [y/N]`))
  },
  ask,
  stop: stop.signal,
  pid: process.pid,
  exit: (code) => process.exit(code),
  now: () => new Date(),
  sleep: (milliseconds, until) => {
    const signal = until === undefined ? stop.signal : AbortSignal.any([stop.signal, until])
    return sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  },
}
// no top-level await: a single executable is CommonJS
void run(process.argv.slice(2), io).then((code) => {
  process.exitCode = code
})
