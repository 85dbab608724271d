import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { CommandContext } from '../../src/cli/context.ts'
import { run } from '../../src/cli/program.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { operatorEnvironment } from '../../src/simulator/clouds-yaml.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { createClock } from '../clock.ts'
import type { Clock } from '../clock.ts'

/** A home folder, a terminal that writes into strings, and a cloud: what a story is told on. */
export type TestBed = {
  readonly folder: string
  /** Writes a file into the folder and returns its path. */
  write(name: string, text: string): Promise<string>
  /** Types a command line. */
  run(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  /** Every request that was sent, with the user whose token it carried. */
  readonly sent: readonly Sent[]
  remove(): Promise<void>
}

export type Sent = {
  readonly method: string
  readonly path: string
  readonly user: string | undefined
  readonly status: number
}

export async function openTestBed(
  env: Readonly<Record<string, string>>,
  /** Absent: the real network, of which nothing is recorded. */
  fetch: Fetch | undefined,
  io: Partial<CommandContext> = {},
  /** Absent: time passes by itself. */
  clock?: Clock,
  /** Another build of the program. */
  program: typeof run = run,
): Promise<TestBed> {
  const folder = await mkdtemp(join(tmpdir(), 'stand-'))
  const recorder = fetch === undefined ? undefined : recordUsers(fetch)
  return {
    folder,
    sent: recorder?.sent ?? [],
    async write(name, text) {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
    async run(...argv) {
      let out = ''
      let err = ''
      const code = await program(argv, {
        env,
        cwd: folder,
        home: folder,
        out: (text) => (out += text),
        err: (text) => (err += text),
        isTerminal: false,
        hasColor: false,
        columns: 200,
        pid: process.pid,
        confirm: () => Promise.resolve(false),
        ...(recorder === undefined ? {} : { fetch: recorder.fetch }),
        stop: new AbortController().signal,
        now: () => new Date(),
        sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
        ...clock,
        ...io,
      })
      return { code, out, err }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export type SimulatedTestBed = TestBed & SimulatedCloud

/** A cloud and what tells its time: whoever works on it goes by the same clock. */
export type SimulatedCloud = { readonly cloud: Cloud; readonly clock: Clock }

/** A cluster takes `clusterCreated` milliseconds of the clock. */
export function simulate(seed?: Seed, { clock = createClock(), ...options }: SimulationOptions = {}): SimulatedCloud {
  const cloud = createCloud(seed, {
    ...options,
    now: () => clock.now().getTime(),
    pace: { clusterAccepted: 5, clusterCreated: 20, clusterDeleted: 5, clusterResized: 5, ...options.pace },
  })
  return { cloud: Object.assign(cloud, { fetch: clock.during(cloud.fetch) }), clock }
}

type SimulationOptions = Omit<NonNullable<Parameters<typeof createCloud>[1]>, 'now'> & { readonly clock?: Clock }

/** A stand on a simulated cloud, with the operator in the `OS_*` variables. */
export async function openSimulated(
  seed?: Seed,
  io: Partial<CommandContext> = {},
  options: SimulationOptions = {},
): Promise<SimulatedTestBed> {
  const { cloud, clock } = simulate(seed, options)
  return { ...(await openTestBed(operatorEnvironment(cloud), cloud.fetch, io, clock)), cloud, clock }
}

export { operatorEnvironment as operatorOf } from '../../src/simulator/clouds-yaml.ts'

/** The example tenant under another name and prefix. */
export async function exampleTenant(
  tenant: string,
  change: (text: string) => string = (text) => text,
): Promise<string> {
  return change((await readFile('examples/acme/tenant.yaml', 'utf8')).replace('tenant: acme', `tenant: ${tenant}`))
}

/** Every file below a folder, by its path. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)))
}

/** Learns from each sign-in whose token it gave, so that a request can be told by its token. */
function recordUsers(fetch: Fetch): { readonly fetch: Fetch; readonly sent: readonly Sent[] } {
  const users = new Map<string, string>()
  const sent: Sent[] = []
  return {
    sent,
    async fetch(url, init) {
      const answer = await fetch(url, init)
      const { pathname, search } = new URL(url)
      const user = users.get(init.headers['X-Auth-Token'] ?? '')
      sent.push({ method: init.method, path: `${pathname}${search}`, user, status: answer.status })
      const token = answer.headers.get('x-subject-token')
      if (init.method !== 'POST' || token === null || answer.body === null) return answer
      const chunks: Uint8Array[] = []
      for await (const chunk of answer.body) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      users.set(token, userOf(body.toString('utf8')))
      return { status: answer.status, headers: answer.headers, body: replay(body) }
    },
  }
}

function userOf(body: string): string {
  const { token } = JSON.parse(body) as { token: { user: { name: string } } }
  return token.user.name
}

async function* replay(body: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body)
}
