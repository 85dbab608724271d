/** What a dashboard asks of Nova for its overview, and of Glance for its page of images. */
import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { asAdmin, asUser, at, list, text } from './client.ts'

const hour = 3_600_000

test('the use of a project is that of its servers, for the hours that they ran in the time asked for', async () => {
  const began = Date.parse('2026-03-01T12:00:00Z')
  let now = began
  const cloud = createCloud({}, { now: () => now })
  const admin = await asAdmin(cloud)
  const project = text((await admin('GET', 'identity/v3/projects?name=admin')).body, 'projects.0.id')
  const flavor = cloud.state.flavors.find(({ vcpus }) => vcpus > 0)
  if (flavor === undefined) throw new Error('no flavor')
  const usage = `compute/v2.1/os-simple-tenant-usage`
  const of = async (query: string) => (await admin('GET', `${usage}/${project}?${query}`)).body
  expect(await of('start=2026-03-01T00:00:00&end=2026-03-31T00:00:00')).toEqual({ tenant_usage: {} })

  cloud.state.servers.set('a', {
    ...{ id: 'a', name: 'worker', status: 'ACTIVE', project_id: project, user_id: 'u', imageId: 'i' },
    ...{ flavorId: flavor.id, keyName: undefined, addresses: {}, createdAt: began },
  })
  now += 2 * hour
  const whole = await of('start=2026-03-01T00:00:00&end=2026-03-31T00:00:00')
  expect(at(whole, 'tenant_usage.total_hours')).toBe(2)
  expect(at(whole, 'tenant_usage.total_vcpus_usage')).toBe(2 * flavor.vcpus)
  expect(at(whole, 'tenant_usage.stop')).toBe('2026-03-01T14:00:00.000000')
  expect(list(whole, 'tenant_usage.server_usages').map((one) => at(one, 'name'))).toEqual(['worker'])
  expect(at(await of('start=2026-03-01T13:30:00&end=2026-03-02T00:00:00'), 'tenant_usage.total_hours')).toBe(0.5)
  expect(await of('start=2026-02-01T00:00:00&end=2026-02-02T00:00:00')).toEqual({ tenant_usage: {} })

  const all = async (query: string) => list((await admin('GET', `${usage}?${query}`)).body, 'tenant_usages')
  const day = 'start=2026-03-01T00:00:00&end=2026-03-02T00:00:00'
  expect(at((await all(day))[0], 'server_usages')).toBeUndefined()
  expect(at((await all(`${day}&detailed=1`))[0], 'server_usages.0.name')).toBe('worker')
  expect(await all('start=2026-02-01T00:00:00&end=2026-02-02T00:00:00')).toEqual([])
})

test.each([
  ['ends before it begins', 'start=2026-01-02T00:00:00&end=2026-01-01T00:00:00'],
  ['has no length', 'start=2026-01-02T00:00:00&end=2026-01-02T00:00:00'],
  ['is no time', 'start=yesterday'],
  ['has a zone', 'start=2026-01-01T00:00:00Z'],
  ['is a day', 'start=2026-01-01'],
])('a time that %s is refused', async (_, query) => {
  const admin = await asAdmin(createCloud())
  expect((await admin('GET', `compute/v2.1/os-simple-tenant-usage?${query}`)).status).toBe(400)
})

test('the use of others, and hypervisors, are for an admin', async () => {
  const users = [{ name: 'dev', password: 'pw', grants: [{ role: 'member', project: 'prod' }] }]
  const cloud = createCloud({ domains: [{ name: 'acme', projects: ['prod'], users }] })
  const admin = await asAdmin(cloud)
  const member = await asUser(cloud, 'acme', 'dev', 'prod')
  const own = text(member.body, 'token.project.id')
  expect((await member('GET', `compute/v2.1/os-simple-tenant-usage/${own}`)).status).toBe(200)
  for (const path of [
    'os-simple-tenant-usage/f',
    'os-simple-tenant-usage',
    'os-hypervisors/detail',
    'os-hypervisors/statistics',
  ]) {
    expect((await member('GET', `compute/v2.1/${path}`)).status, path).toBe(403)
    expect((await admin('GET', `compute/v2.1/${path}`)).status, path).toBe(200)
  }
})

test('Glance has no namespaces of metadata, and says so', async () => {
  const admin = await asAdmin(createCloud())
  const { status, body } = await admin('GET', 'image/v2/metadefs/namespaces?limit=21')
  expect([status, list(body, 'namespaces')]).toEqual([200, []])
  expect(at(body, 'first')).toBe('/v2/metadefs/namespaces?limit=21')
  // python-glanceclient asks for it first
  expect(at((await admin('GET', 'image/v2/schemas/metadefs/namespace')).body, 'name')).toBe('namespace')
})
