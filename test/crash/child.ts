import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Terminal } from '@xterm/headless'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import { operatorOf } from '../onboarding/test-bed.ts'
import type { CrashTestBed } from './sweep.ts'

/** What a real process did: the built command, against the ground's cloud on a port. */
export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly text: string
  /** Requests that change something; signing in is not counted. */
  readonly requests: number
}

/** The `at`-th request that changes something, from 1. */
export type Turn = {
  readonly at: number
  readonly child: ChildProcess
  readonly request: Request
  readonly press: Press
}

/** Types keys on the terminal of the command. */
export type Press = (keys: string) => void

export type ChildOptions = {
  /** Around each request that changes something: `go` asks the cloud. */
  readonly around?: (turn: Turn, go: () => Promise<Response>) => Promise<Response>
  /** Runs it on a terminal of its own, and is called with all that it showed whenever it shows more; `press` types keys. */
  readonly onTerminal?: (shown: string, press: Press) => void
  /** What is run, `node dist/tenant-onboard.js ...` unless a shell shall do more with it. */
  readonly shell?: (command: string) => string
  /** Another build than the one in dist. */
  readonly program?: string
}

/** `npm run build` first. */
export async function typeInChild(
  bed: CrashTestBed,
  argv: readonly string[],
  { around, onTerminal, shell, program = resolve('dist/tenant-onboard.js') }: ChildOptions = {},
): Promise<Ended> {
  if (!existsSync(program)) throw new Error(`there is no ${program}: npm run build first`)
  const { cloud } = bed
  let requests = 0
  let child: ChildProcess | undefined
  const press: Press = (keys) => child?.stdin?.write(keys)
  const answer: Cloud['answer'] = async (request, service) => {
    const isChanging = !['GET', 'HEAD'].includes(request.method) && !request.url.endsWith('/auth/tokens')
    if (!isChanging || child === undefined) return cloud.answer(request, service)
    requests++
    const go = () => cloud.answer(request, service)
    return around === undefined ? go() : around({ at: requests, child, request, press }, go)
  }
  const served = await serve({ cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud, port: 0 })
  // another port is another address, and the data directory follows its cloud there; before the first command there is none
  await bed.type(['cloud', 'move', 'lab', '--yes'])
  try {
    const command = [process.execPath, program, ...argv]
    const inShell = onTerminal === undefined ? shell : onPty
    const [head = '', ...rest] =
      inShell === undefined ? command : ['bash', '-c', inShell(command.map((word) => `'${word}'`).join(' '))]
    const running = spawn(head, rest, {
      env: { PATH: process.env['PATH'], HOME: bed.folder, TERM: 'xterm', ...operatorOf(cloud) },
      cwd: bed.folder,
      stdio: [onTerminal === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    child = running
    let text = ''
    const hear = (chunk: Buffer): void => {
      text += chunk.toString('utf8')
      onTerminal?.(text, press)
    }
    running.stdout?.on('data', hear)
    running.stderr?.on('data', hear)
    const [code, signal] = (await once(running, 'close')) as [number | null, NodeJS.Signals | null]
    return { code, signal, text, requests }
  } finally {
    // the next run keeps the address, which its evidence is about, and reaches the cloud without the port
    await served.close()
  }
}

/** script(1) gives the command a terminal, hands on what is typed, and ends with the exit code of the command. */
function onPty(command: string): string {
  return `exec script --quiet --return --command "stty cols 100 rows 40; exec ${command}" /dev/null`
}

/** The lines that stand on a terminal in the end, after all moves of the cursor. */
export async function screenOf(text: string): Promise<readonly string[]> {
  const terminal = new Terminal({ cols: 100, rows: 40, scrollback: 1000, allowProposedApi: true })
  await new Promise<void>((resolve) => {
    terminal.write(text, resolve)
  })
  const { active } = terminal.buffer
  const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '')
  terminal.dispose()
  return lines.join('\n').trimEnd().split('\n')
}
