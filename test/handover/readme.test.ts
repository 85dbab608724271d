/** The handover is enough: what a person has who has only this folder. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { cloudOfHandover, receive } from '../../src/handover/open.ts'
import { unseal } from '../../src/handover/seal.ts'
import { openSession } from '../../src/openstack/session.ts'
import { listNetworks } from '../../src/openstack/neutron/networks.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed
let home: string

beforeEach(async () => {
  bed = await openSimulated()
  home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
})

afterEach(() => bed.remove())

test('of a finished tenant it has every account, what was asked for, and commands for each tool', async () => {
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => `${text}overrides:\n  contact: cloud@example.org\n`),
  )
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  const { files } = await receive(join(home, 'handover'), undefined)
  const { clouds } = parse(files.get('clouds.yaml')?.reveal() ?? '') as { clouds: Record<string, unknown> }
  expect(Object.keys(clouds)).toEqual(['acme-domain-admin', 'acme-prod', 'acme-prod-cluster'])
  // each signs in by these files alone, and is who the README says
  for (const [entry, user, project] of [
    ['acme-prod', 'acme-svc', 'acme-prod'],
    ['acme-prod-cluster', 'acme-cluster', 'acme-prod'],
    ['acme-domain-admin', 'acme-domain-admin', undefined],
  ] as const) {
    const { config } = await cloudOfHandover(files, entry, new Date())
    const session = openSession({
      actor: entry,
      endpoint: config.endpoint,
      auth: config.auth,
      fetch: bed.cloud.fetch,
    })
    const token = await session.token()
    expect([token.userName, token.projectName]).toEqual([user, project])
    if (project !== undefined) expect((await listNetworks(session)).map(({ name }) => name)).toContain('acme-net')
  }
  const readme = files.get('README.md')?.reveal() ?? ''
  for (const part of [
    '| Whom to ask | cloud@example.org |',
    '| Project | `acme-prod` |',
    'instances 10, cores 20',
    '`acme-net`, subnet `acme-subnet` with 10.20.24.0/24, router `acme-router`',
    '| Cluster template | `acme-k8s` |',
    '| Cluster | `acme-cluster` |',
    'kubectl --kubeconfig secrets/acme-cluster.kubeconfig get nodes',
    'cloud = "acme-prod"',
    'openstack --os-cloud acme-prod quota show',
    'openstack --os-cloud acme-prod-cluster application credential create ci --role member',
  ])
    expect(readme).toContain(part)
  expect(files.has('secrets/acme-cluster.kubeconfig')).toBe(true)
  expect(files.has('secrets/acme-key.pem')).toBe(true)
  // true for an operator that has the password, and for a list that has every role of the cloud
  expect(readme).toContain('Until then your operator has it too')
  expect(readme).not.toContain('cannot read the old')
  expect(readme).not.toContain(' role list')
})

test('sealed before anything is made it promises nothing that is not there', async () => {
  const identity = await generateIdentity()
  const recipient = await identityToRecipient(identity)
  const file = await bed.write(
    'tenant.yaml',
    await exampleTenant('acme', (text) => `${text}handover:\n  recipient: ${recipient}\n`),
  )
  await bed.run('apply', file, '--yes', '--until', 'domain')
  expect((await bed.run('handover', file, '--yes')).code).toBe(0)
  const files = await unseal(await readFile(join(home, 'handover', 'acme-handover.zip.age')), [identity])
  const { clouds } = parse(files.get('clouds.yaml')?.reveal() ?? '') as { clouds: Record<string, unknown> }
  expect(Object.keys(clouds)).toEqual(['acme-domain-admin'])
  const readme = files.get('README.md')?.reveal() ?? ''
  expect(readme).toContain('This account works in no project itself')
  expect(readme).toContain('your operator can set a new one, and cannot read the old')
  expect(readme).toContain('| Whom to ask | your operator |')
  for (const absent of ['kubectl', 'acme-prod-cluster', 'terraform', 'has it too']) expect(readme).not.toContain(absent)
})
