import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
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
export type Turn = { readonly at: number; readonly child: ChildProcess; readonly request: Request }

export type ChildOptions = {
  /** Around each request that changes something: `go` asks the cloud. */
  readonly around?: (turn: Turn, go: () => Promise<Response>) => Promise<Response>
  /** What is run, `node dist/tenant-onboard.js ...` unless a shell shall do more with it. */
  readonly shell?: (command: string) => string
  /** Another build than the one in dist. */
  readonly program?: string
}

/** `npm run build` first. */
export async function typeInChild(
  bed: CrashTestBed,
  argv: readonly string[],
  { around, shell, program = resolve('dist/tenant-onboard.js') }: ChildOptions = {},
): Promise<Ended> {
  if (!existsSync(program)) throw new Error(`there is no ${program}: npm run build first`)
  const { cloud } = bed
  let requests = 0
  let child: ChildProcess | undefined
  const answer: Cloud['answer'] = async (request, service) => {
    const isChanging = !['GET', 'HEAD'].includes(request.method) && !request.url.endsWith('/auth/tokens')
    if (!isChanging || child === undefined) return cloud.answer(request, service)
    requests++
    const go = () => cloud.answer(request, service)
    return around === undefined ? go() : around({ at: requests, child, request }, go)
  }
  const served = await serve({ cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud, port: 0 })
  try {
    const command = [process.execPath, program, ...argv]
    const [head = '', ...rest] =
      shell === undefined ? command : ['bash', '-c', shell(command.map((word) => `'${word}'`).join(' '))]
    child = spawn(head, rest, {
      env: { PATH: process.env['PATH'], HOME: bed.folder, ...operatorOf(cloud) },
      cwd: bed.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return { code, signal, text, requests }
  } finally {
    // the next run keeps the address, which its evidence is about, and reaches the cloud without the port
    await served.close()
  }
}
