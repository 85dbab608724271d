import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated, openTestBed, operatorOf } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed, TestBed } from '../onboarding/test-bed.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { pictureOf } from './picture.ts'

/* What a service refuses to delete or to limit: gone round where there is a way, else told at once with the way out. */

let bed: SimulatedTestBed
let file: string
let before: readonly string[]

beforeEach(async () => {
  bed = await openSimulated()
  before = pictureOf(bed.cloud.state)
  const withoutCluster = (text: string): string => text.replace(/ {4}template:[\s\S]*$/, '')
  file = await bed.write('tenant.yaml', await exampleTenant('acme', withoutCluster))
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
})

afterEach(() => bed.remove())

test('extra routes of a router are taken away before the interface that they need', async () => {
  const { routers } = bed.cloud.state
  const router = routers.find(({ name }) => name === 'acme-router')
  if (router === undefined) throw new Error('the tenant has a router')
  routers.set(router.id, { ...router, routes: [{ destination: '192.168.50.0/24', nexthop: '10.20.24.9' }] })
  const dry = await bed.run('offboard', file, '--dry-run')
  expect(dry.out).toMatch(/network +delete +automation +extra routes of acme-router: 192.168.50.0\/24 by 10.20.24.9/)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('a locked server is deleted by the operator, and its maker is not asked', async () => {
  bed.cloud.state.servers.set('s1', {
    id: 's1',
    name: 'pet',
    status: 'ACTIVE',
    project_id: idOf('projects', 'acme-prod'),
    user_id: idOf('users', 'acme-cluster'),
    flavorId: '1',
    imageId: '',
    keyName: undefined,
    addresses: {},
    locked: true,
    createdAt: Date.now(),
  })
  expect((await bed.run('offboard', file, '--dry-run')).out).toMatch(/delete +operator +server pet \(it is locked\)/)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  const deletions = bed.sent.filter(({ method, path }) => method === 'DELETE' && path.includes('/servers/s1'))
  expect(deletions.map(({ user, status }) => `${user ?? ''} ${status}`)).toEqual(['admin 204'])
})

test('volumes that Cinder will not delete are told at once, with the way out of each', async () => {
  plantVolume('v1', 'awaiting-transfer')
  plantVolume('v2', 'awaiting-transfer')
  plantVolume('v3', 'attaching')
  plantVolume('v4', 'error_deleting')
  const then = pictureOf(bed.cloud.state)
  const { code, out } = await bed.run('offboard', file, '--confirm', 'acme')
  const text = out.replace(/\s+/g, ' ')
  expect(text).toContain('volume v1: is `awaiting-transfer`')
  expect(text).toContain('volume v2: is `awaiting-transfer`')
  expect(text).toContain('openstack volume set --state error v3')
  expect(code).toBe(3)
  expect(pictureOf(bed.cloud.state)).toEqual(then)
  // as the remedies say
  plantVolume('v1', 'available')
  plantVolume('v2', 'available')
  plantVolume('v3', 'error')
  const again = await bed.run('offboard', file, '--confirm', 'acme')
  expect(again.out, again.err).toContain('nothing of acme is left')
  expect(again.err).toContain('delete volume v4 as operator (Cinder could not delete it: by force)')
  expect(again.code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('a Neutron without RBAC policies has none of the tenant', async () => {
  const on = await openOn(async (url, init) => {
    const { pathname } = new URL(url)
    if (pathname.includes('/v2.0/rbac-policies')) return bed.cloud.fetch(url.replace('rbac-policies', 'nothing'), init)
    const answer = await bed.cloud.fetch(url, init)
    if (!pathname.endsWith('/v2.0/extensions')) return answer
    return { ...(await edited(answer, (text) => text.replaceAll('"rbac-policies"', '"nothing"'))) }
  })
  const dry = await on.run('offboard', file, '--dry-run')
  expect(dry.code, dry.err).toBe(0)
  const { code, out, err } = await on.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  await on.remove()
})

test('a quota of Magnum that nobody asked for does not end a freeze', async () => {
  const on = await openOn((url, init) => refusing(url, init, /container-infra\/v1\/quotas/))
  // asked for, it is needed
  const needed = await on.run('offboard', file, '--confirm', 'acme', '--until', 'freeze')
  expect(needed.out).toContain('acme is not frozen')
  expect(needed.code).toBe(3)
  const unasked = await exampleTenant('acme', (text) =>
    text.replace(/ {4}template:[\s\S]*$/, '').replace(/ *container_infra:.*\n/, ''),
  )
  const alone = await on.write('tenant.yaml', unasked)
  const { code, out, err } = await on.run('offboard', alone, '--confirm', 'acme', '--until', 'freeze')
  expect(out, err).toContain('acme is frozen')
  expect(out).toContain('tenant-onboard policy advise')
  expect(code).toBe(0)
  await on.remove()
})

test('a limit that a service takes and ignores refutes the freeze', async () => {
  const on = await openOn((url, init) =>
    init.method === 'PUT' && url.includes('/os-quota-sets/') && url.includes('/compute/')
      ? bed.cloud.fetch(url, { ...init, body: JSON.stringify({ quota_set: {} }) })
      : bed.cloud.fetch(url, init),
  )
  const { code, out } = await on.run('offboard', file, '--confirm', 'acme', '--until', 'freeze')
  expect(out).toContain('acme is not frozen')
  expect(out.replace(/\s+/g, ' ')).toContain('the service took the limit, and ignores it')
  expect(code).toBe(3)
  await on.remove()
})

async function refusing(url: string, init: Parameters<Fetch>[1], path: RegExp): ReturnType<Fetch> {
  const answer = await bed.cloud.fetch(url, init)
  if (init.method !== 'POST' || !path.test(url)) return answer
  bed.cloud.state.magnumQuotas.clear()
  return { status: 500, headers: answer.headers, body: answer.body }
}

async function edited(
  answer: Awaited<ReturnType<Fetch>>,
  edit: (text: string) => string,
): Promise<Awaited<ReturnType<Fetch>>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body ?? []) chunks.push(chunk)
  const body = Buffer.from(edit(Buffer.concat(chunks).toString('utf8')))
  return { status: answer.status, headers: answer.headers, body: replay(body) }
}

async function* replay(body: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body)
}

function plantVolume(id: string, status: string): void {
  bed.cloud.state.volumes.set(id, {
    id,
    name: id,
    status,
    size: 1,
    volumeType: 'standard',
    project_id: idOf('projects', 'acme-prod'),
    user_id: idOf('users', 'acme-cluster'),
    createdAt: Date.now(),
  })
}

async function openOn(fetch: Fetch): Promise<TestBed> {
  const on = await openTestBed(operatorOf(bed.cloud), fetch, {}, bed.clock)
  const home = join('tenant-onboard', 'lab')
  await cp(join(bed.folder, home), join(on.folder, home), { recursive: true })
  return on
}

function idOf(table: 'projects' | 'users', name: string): string {
  return bed.cloud.state[table].find((row) => row.name === name)?.id ?? ''
}
