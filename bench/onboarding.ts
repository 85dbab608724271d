/**
 * One tenant on the lab, to the accepted cluster: typed as `openstack` calls (bench/runbook.sh), and by us, side by
 * side. The lab must be up with nothing else on it, and `npm run build` done.
 *
 *   node scripts/bench.mjs onboarding
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findLab, layOverride, runLab } from '../test/lab/cloud.ts'
import { openFaultProxy } from '../test/lab/fault-proxy.ts'
import { builtOverride } from '../test/lab/probing.ts'
import { chainOf, measure } from './measure.ts'
import type { Measured } from './measure.ts'

const lab = await findLab()
const proxy = await openFaultProxy()
const folder = await mkdtemp(join(tmpdir(), 'bench-'))

type Row = Measured & { readonly requests: number; readonly chain: ReturnType<typeof chainOf> }

async function run(command: string): Promise<Row> {
  const before = proxy.exchanges.length
  const measured = await measure(command, {
    PATH: process.env['PATH'],
    HOME: folder,
    OS_CLIENT_CONFIG_FILE: lab.cloudsYaml,
    OS_CLOUD: 'lab',
    HTTP_PROXY: proxy.url,
    http_proxy: proxy.url,
  })
  const seen = proxy.exchanges.slice(before)
  return { ...measured, requests: seen.length, chain: chainOf(seen) }
}

async function prepare(): Promise<void> {
  await runLab('reset')
  const { main } = lab.keystones
  await layOverride(main, (await builtOverride('debian-22+oct-2026', 'default')).text)
  // what services load with their first requests does not count
  await run('openstack catalog list > /dev/null')
}

function row(what: string, { seconds, cpu, memory, requests, chain }: Row): string {
  const parts = [
    what.padEnd(32),
    `${seconds.toFixed(1).padStart(7)} s`,
    `${cpu.toFixed(1).padStart(7)} s CPU`,
    `${memory.toFixed(0).padStart(5)} MiB`,
    `${String(requests).padStart(5)} requests`,
    `  chain of ${chain.requests}: ${chain.seconds.toFixed(1)} s, ${(seconds / chain.seconds).toFixed(2)} times that`,
  ]
  return `${parts.join('')}\n`
}

const program = `node ${resolve('dist/tenant-onboard.js')}`
const spec = await readFile('examples/acme/tenant.yaml', 'utf8')
const first = join(folder, 'acme.yaml')
const second = join(folder, 'birch.yaml')
try {
  await writeFile(first, spec)
  await writeFile(second, spec.replace('tenant: acme', 'tenant: birch').replace('10.20.24.0/24', '10.20.25.0/24'))
  await prepare()
  const typed = await run(`${resolve('bench/runbook.sh')} acme 10.77.0.0/24`)
  await prepare()
  const ours = await run(`${program} apply ${first} --yes --no-wait`)
  // Heat continues with the cluster's stack, on the same processors
  await setTimeout(30_000)
  const again = await run(`${program} apply ${first} --yes --no-wait`)
  await prepare()
  const next = await run(`${program} apply ${second} --yes --no-wait`)
  const calls = /^calls (\d+)$/m.exec(typed.out)?.[1] ?? '?'
  process.stdout.write(row(`typed, ${calls} calls`, typed))
  process.stdout.write(row('apply, the cloud proved too', ours))
  process.stdout.write(row('apply again, nothing to do', again))
  process.stdout.write(row('apply, the next tenant', next))
  for (const [what, one] of [
    ['the first', ours],
    ['the next', next],
  ] as const) {
    const ratio = (of: (row: Row) => number): string => (of(typed) / of(one)).toFixed(1)
    process.stdout.write(
      `${what}: ${ratio((row) => row.seconds)} times faster than typed, ${ratio((row) => row.cpu)} times less CPU, ${ratio((row) => row.requests)} times fewer requests\n`,
    )
  }
  // wide margins: a clear regression fails, a busy machine does not
  const isWorse =
    typed.cpu / ours.cpu < 20 || typed.seconds / ours.seconds < 3 || ours.requests > 140 || next.requests > 95
  if (isWorse) process.exitCode = 1
} finally {
  await runLab('reset')
  await proxy.close()
  await rm(folder, { recursive: true, force: true })
}
