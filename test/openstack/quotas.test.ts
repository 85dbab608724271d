import { expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { quotaServices, quotaTable } from '../../src/openstack/quotas.ts'
import { serviceTable, serviceTypes } from '../../src/openstack/services.ts'
import { openSession } from '../../src/openstack/session.ts'
import { createCloud } from '../../src/simulator/cloud.ts'

const cloud = createCloud({ domains: [{ name: 'acme', projects: ['acme-prod'] }] })
const { admin } = cloud
const operator = openSession({
  actor: 'operator',
  endpoint: { authUrl: cloud.url, region: cloud.region },
  auth: {
    kind: 'password',
    user: { name: admin.name, domain: { name: admin.userDomain } },
    password: new Secret(admin.password),
    scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
  },
  fetch: cloud.fetch,
})
const projectId = cloud.state.projects.find(({ name }) => name === 'acme-prod')?.id ?? ''

test.each(quotaServices)('the row of %s fits its service: every key can be read, set and reset', async (service) => {
  const { keys, read, set, reset } = quotaTable[service]
  const before = await read(operator, projectId)
  expect(Object.keys(keys).filter((key) => before[key] === undefined)).toEqual([])
  const wanted = Object.fromEntries(Object.keys(keys).map((key, index) => [key, 4000 + index]))
  await set(operator, projectId, wanted)
  expect(await read(operator, projectId)).toMatchObject(wanted)
  await reset(operator, projectId)
  expect(await read(operator, projectId)).toEqual(before)
})

test.each(quotaServices)('what bounds the growth of a project in %s is counted there', async (service) => {
  const { keys, usage, raise } = quotaTable[service]
  const counted = await usage(operator, projectId)
  const bounding = Object.entries(keys).flatMap(([key, { boundsGrowth }]) => (boundsGrowth ? [key] : []))
  expect(bounding.filter((key) => counted[key] === undefined)).toEqual([])
  expect(bounding).not.toEqual([])
  expect(Object.keys(keys)).toContain(raise.key)
})

test('no two services answer to one type of a catalog, and a type that is looked up is no retired one', () => {
  const types = serviceTypes.flatMap((type) => serviceTable[type].types)
  const retired = serviceTypes.flatMap((type) => serviceTable[type].retiredTypes ?? [])
  expect([...types, ...retired].filter((type, index, all) => all.indexOf(type) !== index)).toEqual([])
  expect(serviceTypes.filter((type) => serviceTable[type].types[0] !== type)).toEqual([])
})
