import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'
import { cloudsYaml, prefixes, small } from '../fleet/fleet-test-bed.ts'
import { filesBelow } from '../onboarding/test-bed.ts'
import { buildCommand, start, until } from './command.ts'
import type { Running } from './command.ts'
import { startPostgres } from './postgres.ts'
import type { Postgres } from './postgres.ts'

/* Real processes, a real PostgreSQL, one simulated cloud on a port. */

let postgres: Postgres
let command: string

beforeAll(async () => {
  ;[postgres, command] = await Promise.all([startPostgres(), buildCommand()])
})

afterAll(async () => {
  await postgres.stop()
  await rm(dirname(command), { recursive: true, force: true })
})

let folder: string
let cloud: Cloud
let served: Served
let started: Running[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-'))
  cloud = createCloud()
  served = await serve({ cloud, port: 0 })
  started = []
  await mkdir(join(folder, '.config/openstack'), { recursive: true })
  await writeFile(join(folder, '.config/openstack/clouds.yaml'), cloudsYaml(new Map([['lab', cloud]])), { mode: 0o600 })
  await mkdir(join(folder, 'fleet'))
})

afterEach(async () => {
  for (const one of started) one.kill('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  await served.close()
  await rm(folder, { recursive: true, force: true })
})

function run(...args: readonly string[]): Running {
  const env = { PATH: process.env.PATH, HOME: folder, PGPASSFILE: postgres.passFile }
  const running = start(command, env, 'fleet', ...args)
  started.push(running)
  return running
}

function byDatabase(...args: readonly string[]): Running {
  return run(...args, '--database', postgres.address)
}

async function addTenants(count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `tenant-${String(index).padStart(3, '0')}`)
  await Promise.all(names.map((name) => writeFile(join(folder, 'fleet', `${name}.yaml`), small(name, 'lab'))))
  return names
}

const routers = (): number => [...cloud.state.routers.values()].length
const fleet = (): string => join(folder, 'fleet')

test('two workers, one killed in the middle of 200 tenants: each ends once and right, and no secret is in the database', async () => {
  const names = await addTenants(200)
  const apply = byDatabase(
    'apply',
    fleet(),
    '--yes',
    '--limit',
    '16',
    '--per-cloud',
    '16',
    '--per-worker',
    '8',
    '-o',
    'json',
  )
  // one with a data directory of its own must not touch tenants whose secrets it does not have
  const stranger = byDatabase('worker', '--home', join(folder, 'elsewhere'))
  const [victim, survivor] = [byDatabase('worker'), byDatabase('worker')]
  await until(
    () => routers() >= 60,
    () => apply.err() + victim.err() + survivor.err(),
  )
  victim.kill('SIGKILL')
  expect(await victim.ended).toBe('SIGKILL')
  await until(
    () => /is dead; its tenants are taken over/.test(survivor.err() + stranger.err()),
    () => survivor.err() + stranger.err(),
  )
  expect(await apply.ended, apply.err()).toBe(0)

  const report = JSON.parse(apply.out()) as { ok: boolean; outcomes: { tenant: string; result: string }[] }
  expect(report.ok).toBe(true)
  expect(report.outcomes.map(({ tenant }) => tenant).sort()).toEqual(names)
  // both worked, the stranger did not
  expect(victim.err()).toMatch(/lab\/tenant-\d+: done/)
  expect(survivor.err()).toMatch(/lab\/tenant-\d+: done/)
  expect(stranger.err()).not.toMatch(/lab\//)

  // in the cloud: everything once
  const { domains, users, projects, networks, subnets, applicationCredentials } = cloud.state
  const named = (values: Iterable<{ readonly name: string }>, pattern: RegExp): readonly string[] =>
    [...values]
      .map(({ name }) => name)
      .filter((name) => pattern.test(name))
      .sort()
  expect(named(domains.values(), /^tenant-\d+$/)).toEqual(names)
  expect(named(projects.values(), /^tenant-\d+-prod$/)).toEqual(names.map((name) => `${name}-prod`))
  expect(named(networks.values(), /-net$/)).toEqual(names.map((name) => `${name}-net`))
  expect(named(subnets.values(), /-subnet$/)).toEqual(names.map((name) => `${name}-subnet`))
  expect(routers()).toBe(200)
  expect(named(users.values(), /^tenant-\d+-(domain-admin|cluster|svc)$/)).toHaveLength(600)
  expect(named(applicationCredentials.values(), /^tenant-\d+-svc$/)).toHaveLength(200)
  expect(new Set(Object.values(prefixes(cloud))).size).toBe(200)
  // in the data directories: everything validated
  const status = run('status', fleet(), '--exit-code')
  expect(await status.ended, status.out()).toBe(0)
  expect(status.out()).toContain('200 tenants: 200 validated')
  // in the database: one workflow each, whole
  expect(await postgres.query('SELECT status, count(*) FROM dbos.workflow_status GROUP BY status')).toBe('SUCCESS|200')

  const files = await filesBelow(join(folder, 'tenant-onboard'))
  const secrets = [...files].filter(([path]) => path.includes('/secrets/')).map(([, text]) => text.trim())
  expect(secrets.length).toBeGreaterThanOrEqual(200 * 4)
  const dump = await postgres.dump()
  expect(dump).toContain('tenant-199')
  const searched = [...secrets, cloud.admin.password, postgres.password]
  expect(searched.filter((secret) => dump.includes(secret))).toEqual([])
  for (const one of [apply, victim, survivor])
    expect(searched.filter((secret) => (one.out() + one.err()).includes(secret))).toEqual([])
})

test('the first command on an empty database prints its result and nothing else', async () => {
  await addTenants(1)
  await postgres.query('CREATE DATABASE fresh')
  const cancel = run('cancel', fleet(), '-o', 'json', '--database', postgres.address.replace(/fleet$/, 'fresh'))
  expect(await cancel.ended, cancel.err()).toBe(0)
  expect(JSON.parse(cancel.out())).toMatchObject({ cancelled: 0 })
})

test('what is cancelled ends after its step and is not begun, and the same command continues with it', async () => {
  const names = await addTenants(40)
  const apply = byDatabase('apply', fleet(), '--yes', '--per-cloud', '4', '-o', 'json')
  const worker = byDatabase('worker')
  await until(
    () => routers() >= 5,
    () => apply.err() + worker.err(),
  )
  const cancel = byDatabase('cancel', fleet(), '-o', 'json')
  expect(await cancel.ended, cancel.err()).toBe(0)
  expect(await apply.ended, apply.err()).toBe(4)
  const { counts } = JSON.parse(apply.out()) as { counts: { done: number; stopped: number } }
  expect(counts.done).toBeGreaterThan(0)
  expect(counts.stopped).toBeGreaterThan(0)
  expect(routers()).toBeLessThan(40)

  const again = byDatabase('apply', fleet(), '--yes', '-o', 'json')
  expect(await again.ended, again.err()).toBe(0)
  expect(Object.keys(prefixes(cloud))).toEqual(names)
  expect(routers()).toBe(40)
})

test('a worker that is told to stop hands its tenants to the next one', async () => {
  await addTenants(30)
  const apply = byDatabase('apply', fleet(), '--yes', '--per-cloud', '4', '-o', 'json')
  const first = byDatabase('worker')
  await until(
    () => routers() >= 5,
    () => apply.err() + first.err(),
  )
  first.kill('SIGTERM')
  expect(await first.ended, first.err()).toBe(0)
  expect(routers()).toBeLessThan(30)
  const second = byDatabase('worker')
  expect(await apply.ended, apply.err() + second.err()).toBe(0)
  expect(JSON.parse(apply.out())).toMatchObject({ ok: true, tenants: 30 })
  expect(routers()).toBe(30)
})

test('a worker that loses the database ends at once', async () => {
  const worker = byDatabase('worker')
  await until(() => worker.err().includes('waits for tenants'), worker.err)
  await postgres.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenant-onboard guard'`,
  )
  expect(await worker.ended, worker.err()).toBe(4)
  expect(worker.err()).toContain('lost the connection that keeps its lock')
})
