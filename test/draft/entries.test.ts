import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { accountEntries } from '../../src/draft/entries.ts'
import type { TenantObjects } from '../../src/draft/objects.ts'

const objects = {
  domain: { name: 'acme' },
  users: new Map([['svc', { name: 'acme-svc' }]]),
  projects: [
    {
      name: 'prod',
      names: { project: 'acme-prod', applicationCredential: 'acme-svc', cluster: 'acme-k8s' },
      credential: {},
    },
  ],
} as unknown as TenantObjects

const context = {
  cloud: 'lab',
  entry: 'lab',
  region: 'RegionOne',
  authUrl: 'https://keystone.example:5000/v3',
  now: new Date(0),
}

test.each([
  ['/etc/openstack/ca.pem', '/etc/openstack/ca.pem'],
  [undefined, undefined],
])("an account's entry trusts the CA that the operator's entry names: %s", (caFile, cacert) => {
  const { yaml } = accountEntries(objects, { ...context, caFile })
  const clouds = parse(yaml.join('\n')) as { clouds: Readonly<Record<string, { cacert?: string }>> }
  expect(clouds.clouds['acme-svc']?.cacert).toBe(cacert)
})
