import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStoredSecret } from '../../src/openstack/barbican.ts'
import { createImage } from '../../src/openstack/glance.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { createCredential } from '../../src/openstack/keystone/credentials.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { createGrant } from '../../src/openstack/keystone/grants.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { findUser } from '../../src/openstack/keystone/users.ts'
import { listNetworks } from '../../src/openstack/neutron/networks.ts'
import { createPort, deletePort, getPort } from '../../src/openstack/neutron/ports.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'
import { changedTables, readTables } from './tables.ts'
import type { Tables } from './tables.ts'

/*
 * The way out on real services: a tenant with a cluster is taken off, and the databases of all services hold what they held before
 * it came. No list of an API is believed: every row of every table is compared.
 */

const transport = createTransport()
let lab: Lab
let bed: TestBed
let file: string
let operator: Session
let before: Tables

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  operator = openOperator(lab, transport.fetch)
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

async function apply(): Promise<void> {
  const { code, err } = await bed.run('apply', file, '--yes', '--no-wait')
  expect(code, err).toBe(0)
}

test('a foreign port on the network of the tenant stops it before anything is touched', async () => {
  await apply()
  const [network] = await listNetworks(operator, { name: 'acme-net' })
  const { projectId } = await operator.token()
  const planted = await createPort(operator, {
    network_id: network?.id ?? '',
    name: 'planted',
    ...(projectId === undefined ? {} : { project_id: projectId }),
  })
  const sent = bed.sent.length
  const { code, out } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(code).toBe(3)
  expect(out).toContain(
    "port planted: does not belong to the tenant but depends on it: it is on the tenant's network `acme-net`",
  )
  expect(out).toContain(`openstack port delete ${planted.id}`)
  const changing = bed.sent.slice(sent).filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
  expect(changing).toEqual([])
  expect((await getPort(operator, planted.id)).name).toBe('planted')
  await deletePort(operator, planted.id)
  const gone = await bed.run('offboard', file, '--confirm', 'acme')
  expect(gone.out, gone.err).toContain('nothing of acme is left')
  // With the first cluster of a cloud its services make things of their own, once: a `default` group for Octavia's project.
  // So what is compared is the cloud before the second tenant.
  before = await readTables(lab)
})

test('with its cluster still in the making the tenant goes, each thing by the hand that made it', async () => {
  await apply()
  await plantMore()
  const sent = bed.sent.length
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  const deleted = (path: RegExp): ReadonlySet<string | undefined> =>
    new Set(
      bed.sent
        .slice(sent)
        .filter((one) => one.method === 'DELETE' && path.test(one.path) && one.status < 300)
        .map(({ user }) => user),
    )
  expect(deleted(/\/v1\/(clusters|clustertemplates)\/|os-keypairs/)).toEqual(new Set(['acme-cluster']))
  expect(deleted(/\/v2\.0\/(networks|subnets|routers)\//)).toEqual(new Set(['acme-svc']))
  expect(deleted(/\/v3\/(users|projects|domains)\/[0-9a-f]+$/)).toEqual(new Set(['admin']))
})

test('every table of every service holds what it held before the tenant came', async () => {
  const after = await readTables(lab)
  expect(changedTables(before, after)).toEqual([])
})

test('without the data directory the operator alone comes to the same end', async () => {
  await apply()
  const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  await rename(home, `${home}-lost`)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(changedTables(before, await readTables(lab))).toEqual([])
})

test('a second time there is nothing to do, and the proof is made again', async () => {
  const sent = bed.sent.length
  const { code, out } = await bed.run('offboard', file)
  expect(out).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(bed.sent.slice(sent).filter(({ method }) => method === 'DELETE')).toEqual([])
})

/** What a tenant may have beside what we make: each in a service or an extension of its own. */
async function plantMore(): Promise<void> {
  const { main } = lab.keystones
  const own = await findDomain(operator, 'acme')
  const project = await findProject(operator, 'acme-prod', own?.id ?? '')
  const creator = await findUser(operator, 'acme-cluster', own?.id ?? '')
  const role = await findRole(operator, 'creator')
  const grant = {
    roleId: role?.id ?? '',
    to: { kind: 'user', id: creator?.id ?? '' },
    on: { kind: 'project', id: project?.id ?? '' },
  } as const
  await createGrant(operator, grant)
  const password = await readFile(join(bed.folder, 'tenant-onboard/lab/acme/secrets/cluster.password'), 'utf8')
  const tenant = openSession({
    actor: 'tenant',
    endpoint: { authUrl: main.url, region: 'RegionOne' },
    auth: {
      kind: 'password',
      user: { name: 'acme-cluster', domain: { name: 'acme' } },
      password: new Secret(password.trim()),
      scope: { kind: 'project', project: { name: 'acme-prod', domain: { name: 'acme' } } },
    },
    fetch: transport.fetch,
  })
  const network = (path: string, body: unknown): Promise<unknown> =>
    tenant.request({ service: 'network', method: 'POST', path, body })
  await network('/address-scopes', { address_scope: { name: 'scope', ip_version: 4 } })
  await network('/subnetpools', { subnetpool: { name: 'pool', prefixes: ['10.77.0.0/16'], default_prefixlen: 24 } })
  await network('/address-groups', { address_group: { name: 'group', addresses: ['192.0.2.0/24'] } })
  await network('/floatingips', {
    floatingip: { floating_network_id: (await listNetworks(operator, { name: 'provider-ext' }))[0]?.id },
  })
  await network('/security-groups', { security_group: { name: 'web' } })
  await createImage(tenant, { name: 'golden', visibility: 'private', protected: true })
  await createStoredSecret(tenant, { name: 'key', payload: new Secret('not for us') })
  await createCredential(operator, {
    type: 'ec2',
    user_id: creator?.id ?? '',
    project_id: project?.id ?? '',
    blob: '{"access": "a", "secret": "b"}',
  })
}
