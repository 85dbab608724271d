/**
 * Rows about packets on a real Neutron, each made through its API by whoever may: a plain member of the tenant, or the operator. Each
 * turns `audit` and what `verify` reads, and one turns the whole `verify`. Then it is undone, and both are green again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exposureOfDomain } from '../../src/exposure/read.ts'
import { isBlocked } from '../../src/finding.ts'
import type { Finding } from '../../src/finding.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { createGrant } from '../../src/openstack/keystone/grants.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { createUser } from '../../src/openstack/keystone/users.ts'
import { listNetworks } from '../../src/openstack/neutron/networks.ts'
import { listRouters } from '../../src/openstack/neutron/routers.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { success } from '../../src/success.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { at, text } from './ask.ts'
import { findLab, runLab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'

const transport = createTransport()
let bed: TestBed
let operator: Session
let member: Session
let domain: { readonly id: string; readonly name: string }
const ids = { project: '', neighbour: '', network: '', external: '', router: '', gateway: '' }

const withoutCluster = (file: string): string =>
  file.replace(/ {4}template:\n( {6}.*\n)+/, '').replace(/ {4}cluster:\n( {6}.*\n)+/, '')

beforeAll(async () => {
  const lab = await findLab()
  await runLab('reset')
  operator = openOperator(lab, transport.fetch)
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  for (const [name, cidr] of [
    ['acme', '10.20.24.0'],
    ['globex', '10.20.25.0'],
  ] as const) {
    const file = await exampleTenant(name, (example) => withoutCluster(example).replace('10.20.24.0', cidr))
    await bed.write(`${name}.yaml`, file)
    expect(await bed.run('apply', `${name}.yaml`, '--yes')).toMatchObject({ code: 0 })
  }
  const [acme, globex] = await Promise.all([findDomain(operator, 'acme'), findDomain(operator, 'globex')])
  if (acme === undefined || globex === undefined) throw new Error('both were applied')
  domain = acme
  ids.project = (await findProject(operator, 'acme-prod', acme.id))?.id ?? ''
  ids.neighbour = (await findProject(operator, 'globex-prod', globex.id))?.id ?? ''
  const networks = await listNetworks(operator)
  ids.network = networks.find(({ project_id }) => project_id === ids.project)?.id ?? ''
  ids.external = networks.find((network) => network['router:external'])?.id ?? ''
  const [ours, theirs] = await Promise.all(
    [ids.project, ids.neighbour].map((project_id) => listRouters(operator, { project_id })),
  )
  ids.router = ours?.[0]?.id ?? ''
  ids.gateway = theirs?.[0]?.external_gateway_info?.external_fixed_ips[0]?.ip_address ?? ''
  member = await person()
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

/** Somebody of the tenant with `member` on its project, as its manager may make them. */
async function person(): Promise<Session> {
  const password = new Secret('Aa1!of-a-person')
  const { id } = await createUser(operator, { name: 'ann', domain_id: domain.id, password })
  const role = await findRole(operator, 'member')
  const on = { kind: 'project', id: ids.project } as const
  await createGrant(operator, { roleId: role?.id ?? '', to: { kind: 'user', id }, on })
  const lab = await findLab()
  return openSession({
    actor: 'ann',
    endpoint: { authUrl: lab.keystones.main.url, region: 'RegionOne' },
    auth: {
      kind: 'password',
      user: { id },
      password,
      scope: { kind: 'project', project: { id: ids.project } },
    },
    fetch: transport.fetch,
  })
}

type Undo = () => Promise<unknown>

async function make(who: Session, collection: string, kind: string, fields: object): Promise<string> {
  const path = `/${collection}`
  const answer = await who.request({ service: 'network', method: 'POST', path, body: { [kind]: fields } })
  return text(answer.body, `${kind}.id`)
}

const remove = (who: Session, path: string) => who.request({ service: 'network', method: 'DELETE', path })
const change = (who: Session, path: string, body: unknown) =>
  who.request({ service: 'network', method: 'PUT', path, body })

async function route(): Promise<Undo> {
  const to = (routes: readonly object[]) => change(member, `/routers/${ids.router}`, { router: { routes } })
  await to([{ destination: '10.20.25.0/24', nexthop: ids.gateway }])
  return () => to([])
}

async function portOf(who: Session, fields: object = {}): Promise<Undo> {
  const id = await make(who, 'ports', 'port', { network_id: ids.network, name: 'planted', ...fields })
  return () => remove(who, `/ports/${id}`)
}

async function policy(): Promise<Undo> {
  const target = { object_type: 'network', object_id: ids.network, action: 'access_as_shared' }
  const id = await make(member, 'rbac-policies', 'rbac_policy', { ...target, target_tenant: ids.neighbour })
  return () => remove(member, `/rbac-policies/${id}`)
}

async function openGroup(): Promise<Undo> {
  const group = await make(member, 'security-groups', 'security_group', { name: 'planted' })
  await make(member, 'security-group-rules', 'security_group_rule', { security_group_id: group, direction: 'ingress' })
  const undo = await portOf(member, { security_groups: [group] })
  return async () => {
    await undo()
    await remove(member, `/security-groups/${group}`)
  }
}

const exposure = (): Promise<readonly Finding[]> => exposureOfDomain(operator, domain)

async function expectGreen(): Promise<void> {
  expect((await exposure()).map(({ code, severity }) => `${code} ${severity}`)).toEqual([
    'exposure/no-address-scope info',
  ])
  const audited = await bed.run('audit', 'acme.yaml')
  expect(audited.code, audited.out + audited.err).toBe(0)
  expect(audited.out).toContain(success.audit())
}

test('two tenants on a stock Neutron: as the table says, with a note about address scopes', expectGreen)

test.each([
  ['a route of a member to the gateway of another tenant', route, 'exposure/route'],
  ['a port without port security', () => portOf(member, { port_security_enabled: false }), 'exposure/port-security'],
  [
    'a pair for all addresses',
    () => portOf(member, { allowed_address_pairs: [{ ip_address: '0.0.0.0/0' }] }),
    'exposure/address-pair',
  ],
  ['a network that a member shares', policy, 'exposure/shared'],
  ['a port of the neighbour', () => portOf(operator, { project_id: ids.neighbour }), 'exposure/foreign-port'],
  [
    'a port of a member on the external network',
    () => portOf(operator, { project_id: ids.project, network_id: ids.external }),
    'exposure/foreign-port',
  ],
  ['a group that admits all', openGroup, 'exposure/open-group'],
] as const)('%s', async (_, plant, code) => {
  const undo = await plant()
  try {
    const told = (await exposure()).filter((finding) => finding.code === code)
    expect(isBlocked(told)).toBe(true)
    for (const { message } of told) expect(message).toMatch(/; network: GET \/.*v2\.0\/[a-z-]+ \(req-/)
    const audited = await bed.run('audit', 'acme.yaml')
    expect(audited.code, audited.out).toBe(3)
    expect(audited.out).toContain(code)
    expect(audited.out).not.toContain(success.audit())
  } finally {
    await undo()
  }
  await expectGreen()
})

test('`verify` holds with all its probes, and says no while the route is there', async () => {
  const undo = await route()
  const exposed = await bed.run('verify', 'acme.yaml')
  await undo()
  expect(exposed.code).toBe(3)
  expect(exposed.out).toContain('exposure/route')
  expect(exposed.out).not.toContain(success.verify('acme'))
  const again = await bed.run('verify', 'acme.yaml')
  expect(again.code, again.out + again.err).toBe(0)
  expect(again.out).toContain(success.verify('acme'))
  expect(again.out).toContain('packets: not shown')
})

test('a subnet out of a pool with an address scope is not in the note', async () => {
  const of = { project_id: ids.project }
  const scope = await make(operator, 'address-scopes', 'address_scope', { name: 'acme', ip_version: 4, ...of })
  const prefixes = { prefixes: ['10.99.0.0/16'], default_prefixlen: 24 }
  const pool = await make(operator, 'subnetpools', 'subnetpool', {
    name: 'acme',
    address_scope_id: scope,
    ...prefixes,
    ...of,
  })
  const network_id = await make(member, 'networks', 'network', { name: 'scoped' })
  const subnet = await make(member, 'subnets', 'subnet', { network_id, ip_version: 4, subnetpool_id: pool })
  const joint = await change(member, `/routers/${ids.router}/add_router_interface`, { subnet_id: subnet })
  expect(at(joint.body, 'subnet_id')).toBe(subnet)
  const [note] = (await exposure()).filter(({ code }) => code === 'exposure/no-address-scope')
  expect(note?.message).toContain('`acme-net`')
  expect(note?.message).not.toContain('`scoped`')
  await change(member, `/routers/${ids.router}/remove_router_interface`, { subnet_id: subnet })
  await remove(member, `/networks/${network_id}`)
  await remove(operator, `/subnetpools/${pool}`)
  await remove(operator, `/address-scopes/${scope}`)
  await expectGreen()
})
