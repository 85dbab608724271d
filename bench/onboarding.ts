/**
 * One tenant on the lab, to the accepted cluster: typed as `openstack` calls (bench/runbook.sh), and by us, side by side. The lab must be
 * up with nothing else on it, and `npm run build` done.
 *
 *   node scripts/bench.mjs onboarding
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findDomain } from '../src/openstack/keystone/domains.ts'
import { findLab, layOverride, runLab } from '../test/lab/cloud.ts'
import { openFaultProxy } from '../test/lab/fault-proxy.ts'
import { builtOverride, openProbing } from '../test/lab/probing.ts'

type Measured = { readonly seconds: number; readonly cpu: number; readonly requests: number; readonly out: string }

const lab = await findLab()
const proxy = await openFaultProxy()
const folder = await mkdtemp(join(tmpdir(), 'bench-'))

/** Bash's `time` counts what all children used, which Node cannot. */
async function measure(command: string): Promise<Measured> {
  const before = proxy.count
  const child = spawn('bash', ['-c', `TIMEFORMAT='time %R %U %S'; time ${command}`], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      OS_CLIENT_CONFIG_FILE: lab.cloudsYaml,
      OS_CLOUD: 'lab',
      HTTP_PROXY: proxy.url,
      http_proxy: proxy.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  const [, seconds, user, system] = /^time (\S+) (\S+) (\S+)$/m.exec(out) ?? []
  if (code !== 0 || seconds === undefined) throw new Error(`${command} ended with ${code}: ${out.slice(-2000)}`)
  return { seconds: Number(seconds), cpu: Number(user) + Number(system), requests: proxy.count - before, out }
}

async function prepare(): Promise<void> {
  await runLab('reset')
  const { main } = lab.keystones
  const probing = openProbing(main)
  const magnum = await findDomain(probing.operator, 'magnum')
  await probing.close()
  await layOverride(main, (await builtOverride('debian-22+oct-2026', 'default', magnum?.id)).text)
  // whatever services load with their first requests is no part of it
  await measure('openstack catalog list > /dev/null')
}

function row(what: string, { seconds, cpu, requests }: Measured): string {
  return `${what.padEnd(34)}${seconds.toFixed(1).padStart(8)} s${cpu.toFixed(1).padStart(8)} s CPU${String(requests).padStart(6)} requests\n`
}

const program = `node ${resolve('dist/tenant-onboard.js')}`
const file = join(folder, 'tenant.yaml')
try {
  await writeFile(file, await readFile('examples/acme/tenant.yaml', 'utf8'))
  await prepare()
  const typed = await measure(`${resolve('bench/runbook.sh')} acme 10.77.0.0/24`)
  await prepare()
  const ours = await measure(`${program} apply ${file} --yes --no-wait`)
  const again = await measure(`${program} apply ${file} --yes --no-wait`)
  const calls = /^calls (\d+)$/m.exec(typed.out)?.[1] ?? '?'
  process.stdout.write(row(`typed, ${calls} calls`, typed))
  process.stdout.write(row('apply, with all its probes', ours))
  process.stdout.write(row('apply again, nothing to do', again))
  const ratio = (of: (one: Measured) => number): string => (of(typed) / of(ours)).toFixed(1)
  process.stdout.write(
    `ratios: ${ratio((one) => one.seconds)} times faster, ${ratio((one) => one.cpu)} times less CPU, ${ratio((one) => one.requests)} times fewer requests\n`,
  )
  // wide margins: what makes it clearly worse is noticed, a busy machine is not
  if (typed.cpu / ours.cpu < 10 || ours.requests > 160) process.exitCode = 1
} finally {
  await runLab('reset')
  await proxy.close()
  await rm(folder, { recursive: true, force: true })
}
