/**
 * A fleet against simulators on ports, each in its own process: the cost of a tenant for the fleet and for the cloud,
 * and how busy the fleet keeps a cloud. A cloud is written as
 *
 *   TENANTS/CLOUDS[@WORKERSxMS][:STAGE]
 *
 * `@8x20` is a cloud that serves eight requests at once and takes 20 ms for each, like one with eight API workers: at
 * most 400 a second. `busy` is the share of its workers' time with a request, at most 1. Without it a cloud is as fast
 * as the simulator. `:STAGE` ends after that stage. Exits 1 beyond the limits in docs/scale.md.
 *
 *   node scripts/bench.mjs fleet [WHAT ...]
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../src/cli/program.ts'
import { createLimiter } from '../src/openstack/limiter.ts'
import { createCloud } from '../src/simulator/cloud.ts'
import type { Cloud } from '../src/simulator/cloud.ts'
import { renderClouds } from '../src/simulator/clouds-yaml.ts'
import { serve } from '../src/simulator/serve.ts'

const promised = { busy: 0.9, growthOfCost: 1.5, bytesPerTenant: 128 * 1024 }

type Pace = { readonly workers: number; readonly ms: number }
type What = { readonly tenants: number; readonly clouds: number; readonly pace?: Pace; readonly until?: string }
type Cost = { readonly cpuMs: number; readonly servedMs: number; readonly seconds: number }
type Ran = {
  readonly code: number
  readonly requests: number
  readonly seconds: number
  readonly cpuMs: number
  readonly peakMiB: number
}
type Row = Ran & { readonly what: What; readonly served: readonly Cost[] }

/** A simulator: prints its entry of clouds.yaml, and on request the processor time it has used. */
async function simulator(name: string, workers: number, ms: number): Promise<void> {
  // each router takes an address: the pool of the demo lasts for about two hundred and fifty tenants
  const externalPool = { start: '203.0.113.10', end: '203.0.200.250' }
  const cloud = createCloud({ preset: 'zed-patched', isPersonaBuilt: true, externalPool })
  const limit = createLimiter(workers)
  let servedMs = 0
  let first = 0
  let last = 0
  const answer: Cloud['answer'] = (request, service) => {
    first ||= performance.now()
    return limit(async () => {
      const began = performance.now()
      const [given] = await Promise.all([cloud.answer(request, service), ms === 0 ? undefined : sleep(ms)])
      last = performance.now()
      servedMs += last - began
      return given
    })
  }
  await serve({ cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud, port: 0 })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMs: (user + system) / 1000, servedMs, seconds: (last - first) / 1000 })
  })
  process.send?.(renderClouds(cloud, { name }).replace(/^[^ ].*\n/gm, ''))
}

/** The fleet: the real command, in this process. */
async function fleet(folder: string, ...more: readonly string[]): Promise<void> {
  let out = ''
  const before = process.cpuUsage()
  const code = await run(['fleet', 'apply', 'fleet', '--yes', '-o', 'json', ...more], {
    env: {},
    cwd: folder,
    home: folder,
    out: (text) => (out += text),
    err: () => undefined,
    isTerminal: false,
    hasColor: false,
    columns: 80,
    pid: process.pid,
    confirm: () => Promise.resolve(false),
    stop: new AbortController().signal,
    now: () => new Date(),
    sleep: (milliseconds) => sleep(milliseconds),
  })
  const { user, system } = process.cpuUsage(before)
  const { requests, seconds } = JSON.parse(out) as Ran
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024)
  process.send?.({ code, requests, seconds, cpuMs: (user + system) / 1000, peakMiB })
}

function child(...args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [...args])
}

function answer<T>(from: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    from.once('message', (message) => resolve(message as T))
    from.once('exit', (code) => reject(new Error(`a process ended with ${code}`)))
  })
}

async function measure(what: What): Promise<Row> {
  const { tenants, clouds, pace, until } = what
  const { workers = 1000, ms = 0 } = pace ?? {}
  const simulators = Array.from({ length: clouds }, (_, at) =>
    child('simulator', `cloud-${at}`, String(workers), String(ms)),
  )
  const entries = await Promise.all(simulators.map((one) => answer<string>(one)))
  const folder = await mkdtemp(join(tmpdir(), 'bench-fleet-'))
  try {
    await mkdir(join(folder, '.config/openstack'), { recursive: true })
    await mkdir(join(folder, 'fleet'))
    await writeFile(join(folder, '.config/openstack/clouds.yaml'), `clouds:\n${entries.join('')}`)
    for (let at = 0; at < tenants; at++) {
      const text = `version: 1
tenant: tenant-${at}
cloud: cloud-${at % clouds}
projects:
  - name: prod
    quotas:
      compute: { instances: 10, cores: 20, ram: 50 GiB }
      network: { network: 10, floatingip: 10 }
    network: { pool: 10.0.0.0/8 }
`
      await writeFile(join(folder, 'fleet', `${at}.yaml`), text)
    }
    const spent = (): Promise<readonly Cost[]> =>
      Promise.all(
        simulators.map((one) => {
          one.send('spent')
          return answer<Cost>(one)
        }),
      )
    const ran = await answer<Ran>(child('fleet', folder, ...(until === undefined ? [] : ['--until', until])))
    return { what, ...ran, served: await spent() }
  } finally {
    for (const one of simulators) one.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

function parse(text: string): What {
  const [, tenants, clouds, workers, ms, until] = /^(\d+)\/(\d+)(?:@(\d+)x(\d+))?(?::([a-z-]+))?$/.exec(text) ?? []
  if (tenants === undefined) throw new Error(`\`${text}\` is not TENANTS/CLOUDS[@WORKERSxMS][:STAGE]`)
  const pace = workers === undefined ? {} : { pace: { workers: Number(workers), ms: Number(ms) } }
  return { tenants: Number(tenants), clouds: Number(clouds), ...pace, ...(until === undefined ? {} : { until }) }
}

async function main(asked: readonly string[]): Promise<void> {
  const rows: Row[] = []
  const load = loadavg().map((one) => one.toFixed(1))
  process.stdout.write(`${availableParallelism()} cores, load ${load.join(' ')}, Node ${process.version}\n`)
  const titles = ['', 'seconds', 'a minute', 'requests', 'fleet ms', 'cloud ms', 'busy', 'peak MiB']
  process.stdout.write(`${columns(titles)}\n`)
  for (const text of asked) {
    const row = await measure(parse(text))
    rows.push(row)
    const { seconds, requests, cpuMs, peakMiB, served, what } = row
    const cloudMs = served.reduce((sum, one) => sum + one.cpuMs, 0)
    const busy = what.pace === undefined ? '' : served.map((one) => busyOf(one, what).toFixed(2)).join(' ')
    const each = [requests, cpuMs, cloudMs].map((all) => (all / what.tenants).toFixed(1))
    process.stdout.write(
      `${columns([text, seconds.toFixed(1), String(Math.round((what.tenants / seconds) * 60)), ...each, busy, String(peakMiB)])}\n`,
    )
    if (row.code !== 0) process.exitCode = 1
  }
  process.exitCode ||= judge(rows) ? 0 : 1
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(20) : cell.padStart(11))).join('')
}

function busyOf({ servedMs, seconds }: Cost, { pace }: What): number {
  return servedMs / 1000 / (seconds * (pace?.workers ?? 1))
}

/** By ratios of one run, with wide margins: a busy machine does not fail, a clear regression does. */
function judge(rows: readonly Row[]): boolean {
  const whole = rows.filter(({ what }) => what.clouds === 1 && what.pace === undefined && what.until === undefined)
  const [small, large] = [whole.find(({ what }) => what.tenants >= 100), whole.at(-1)]
  const isBusy = rows
    .filter(({ what }) => what.pace !== undefined && what.tenants >= 100)
    .every(({ served, what }) => served.every((one) => busyOf(one, what) >= promised.busy))
  if (small === undefined || large === undefined || small === large) return isBusy
  const cost = ({ cpuMs, what }: Row): number => cpuMs / what.tenants
  const growth = cost(large) / cost(small)
  const bytes = ((large.peakMiB - small.peakMiB) * 2 ** 20) / (large.what.tenants - small.what.tenants)
  process.stdout.write(
    `from ${small.what.tenants} to ${large.what.tenants} tenants: ${growth.toFixed(2)} times the processor time of each, ` +
      `${Math.round(bytes / 1024)} KiB of memory for each\n`,
  )
  return isBusy && growth <= promised.growthOfCost && bytes <= promised.bytesPerTenant
}

// after the program's name and the benchmark's: the role of this process, or what to measure
const [role, ...rest] = process.argv.slice(2).filter((one) => one !== 'fleet' || process.send !== undefined)
if (role === 'simulator') await simulator(rest[0] ?? '', Number(rest[1]), Number(rest[2]))
else if (role === 'fleet' && rest[0] !== undefined) {
  await fleet(rest[0], ...rest.slice(1))
  process.exit()
} else await main(role === undefined ? ['10/1', '100/1', '1000/1', '300/1@8x20'] : [role, ...rest])
