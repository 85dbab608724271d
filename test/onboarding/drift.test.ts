import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDomain } from '../../src/openstack/keystone/domains.ts'
import { createGrant, deleteGrant } from '../../src/openstack/keystone/grants.ts'
import { createProject } from '../../src/openstack/keystone/projects.ts'
import { createUser } from '../../src/openstack/keystone/users.ts'
import { createNetwork } from '../../src/openstack/neutron/networks.ts'
import { listRouters, updateRouter } from '../../src/openstack/neutron/routers.ts'
import { deleteKeypair } from '../../src/openstack/nova.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

function operatorSession({ admin, url, fetch }: Cloud): Session {
  const scope = { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } } as const
  const user = { name: admin.name, domain: { name: admin.userDomain } }
  return openSession({
    actor: 'test',
    endpoint: { authUrl: url },
    auth: { kind: 'password', user, password: new Secret(admin.password), scope },
    fetch,
  })
}

function idOf(
  rows: { find(matches: (row: { name: string; id: string }) => boolean): { id: string } | undefined },
  name: string,
): string {
  return rows.find((row) => row.name === name)?.id ?? ''
}

describe('what was changed by hand', () => {
  let bed: SimulatedTestBed
  let file: string
  let operator: Session

  beforeEach(async () => {
    bed = await openSimulated()
    file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    operator = operatorSession(bed.cloud)
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  })

  afterEach(() => bed.remove())

  test('a grant that was taken away is found by plan and given back by apply', async () => {
    const { state } = bed.cloud
    const grant = {
      roleId: idOf(state.roles, 'load-balancer_member'),
      to: { kind: 'user', id: idOf(state.users, 'acme-svc') },
      on: { kind: 'project', id: idOf(state.projects, 'acme-prod') },
    } as const
    await deleteGrant(operator, grant)
    const plan = await bed.run('plan', file, '--exit-code')
    expect(plan.out).toMatch(/update +manager +roles member and load-balancer_member of acme-svc/)
    expect(plan.code).toBe(3)
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
    expect(
      state.grants.some(
        (one) => one.actorId === grant.to.id && one.roleId === grant.roleId && one.targetId === grant.on.id,
      ),
    ).toBe(true)
    expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
  })

  test('a gateway that was taken away is put back', async () => {
    const [router] = await listRouters(operator, { name: 'acme-router' })
    await updateRouter(operator, router?.id ?? '', { external_gateway_info: null })
    expect((await bed.run('plan', file)).out).toMatch(/update +automation +acme-router: gateway: null -> provider-ext/)
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
    expect(
      (await listRouters(operator, { name: 'acme-router' }))[0]?.external_gateway_info?.external_fixed_ips,
    ).toHaveLength(1)
  })

  test('a keypair that was deleted is made again from the key in the data directory', async () => {
    const userId = idOf(bed.cloud.state.users, 'acme-cluster')
    const before = bed.cloud.state.keypairs.find((keypair) => keypair.user_id === userId)
    await deleteKeypair(operator, 'acme-key', { userId })
    const plan = await bed.run('plan', file)
    expect(plan.out).toMatch(/create +creator +keypair acme-key/)
    // what only comes after it in order still exists
    expect(plan.out).toContain('1 to do, 20 up to date')
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
    expect(bed.cloud.state.clusterTemplates.size).toBe(1)
    expect(bed.cloud.state.clusters.size).toBe(1)
    expect(bed.cloud.state.keypairs.find((keypair) => keypair.user_id === userId)?.public_key).toBe(before?.public_key)
  })

  test("the manager's one role, taken away, is given back, and the rest is looked at then", async () => {
    const { state } = bed.cloud
    const to = { kind: 'user', id: idOf(state.users, 'acme-domain-admin') } as const
    const domain = idOf(state.domains, 'acme')
    await deleteGrant(operator, { roleId: idOf(state.roles, 'manager'), to, on: { kind: 'domain', id: domain } })
    const plan = await bed.run('plan', file)
    expect(plan.out).toMatch(/create +operator +role manager of acme-domain-admin on domain acme/)
    expect(plan.out).toContain('left to the next plan')
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(out).toContain('acme matches its file; 1 changes: 1 by operator')
    expect(code).toBe(0)
  })

  test('an application credential that was deleted is made again with the secret in the data directory', async () => {
    bed.cloud.state.applicationCredentials.deleteWhere((credential) => credential.name === 'acme-svc')
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(out).toContain('acme matches its file; 1 changes: 1 by automation')
    expect(code).toBe(0)
    expect(bed.cloud.state.networks.filter((network) => network.name === 'acme-net')).toHaveLength(1)
  })

  test('a role too many stops apply and is not taken away', async () => {
    const { state } = bed.cloud
    const to = { kind: 'user', id: idOf(state.users, 'acme-svc') } as const
    await createGrant(operator, {
      roleId: idOf(state.roles, 'admin'),
      to,
      on: { kind: 'project', id: idOf(state.projects, 'acme-prod') },
    })
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(code).toBe(3)
    expect(out).toContain('acme-svc also holds admin on acme-prod')
    expect(out).toContain('nothing was changed')
  })

  test('two networks of the name stop apply, which lists both', async () => {
    const project_id = idOf(bed.cloud.state.projects, 'acme-prod')
    const second = await createNetwork(operator, { name: 'acme-net', project_id })
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(code).toBe(3)
    expect(out).toContain('there are 2 with this name')
    expect(out).toContain(second.id)
  })

  test('what may change is an update: quota, DNS, node count, one more project', async () => {
    const text = await exampleTenant('acme', (old) =>
      old
        .replace('cores: 20', 'cores: 24')
        .replace('dns: [9.9.9.9]', 'dns: [9.9.9.10]')
        .replace('node_count: 1', 'node_count: 3'),
    )
    const changed = await bed.write('tenant.yaml', `${text}  - name: test\n    network: { cidr: 10.20.25.0/24 }\n`)
    const { out } = await bed.run('plan', changed)
    expect(out).toContain('cores: 20 -> 24')
    expect(out).toContain('dns_nameservers: ["9.9.9.9"] -> ["9.9.9.10"]')
    expect(out).toContain('node_count: 1 -> 3')
    expect(out).toMatch(/create +automation +network acme-test-net/)
    expect((await bed.run('apply', changed, '--yes')).out).toContain('acme matches its file')
    expect(bed.cloud.state.networks.map((network) => network.name)).toContain('acme-test-net')
    expect((await bed.run('plan', changed, '--exit-code')).code).toBe(0)
  })

  test('what may not change stops apply: the prefix', async () => {
    const changed = await bed.write(
      'tenant.yaml',
      await exampleTenant('acme', (old) => old.replace('10.20.24.0/24', '10.20.99.0/24')),
    )
    const { code, out } = await bed.run('apply', changed, '--yes')
    expect(code).toBe(3)
    expect(out).toContain('has 10.20.24.0/24, and the file says 10.20.99.0/24')
    const [subnet] = bed.cloud.state.subnets.filter(({ name }) => name === 'acme-subnet')
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `openstack router remove subnet acme-router ${subnet?.id ?? ''}, then openstack subnet delete ${subnet?.id ?? ''}, and apply again`,
    )
  })

  test('a lost home says which account to rotate', async () => {
    const { code, out } = await bed.run('plan', file, '--home', `${bed.folder}/elsewhere`, '--exit-code')
    expect(code).toBe(3)
    expect(out).toContain('rotate --account domain-admin')
  })
})

describe('what was there before us', () => {
  let bed: SimulatedTestBed
  let file: string
  let operator: Session

  beforeEach(async () => {
    bed = await openSimulated()
    file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    operator = operatorSession(bed.cloud)
  })

  afterEach(() => bed.remove())

  test('a domain of that name that is not ours is left alone', async () => {
    await createDomain(operator, { name: 'acme', description: "somebody's" })
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(code).toBe(3)
    expect(out).toContain('domain acme: exists and does not carry our marker')
    expect(bed.cloud.state.domains.find((domain) => domain.name === 'acme')?.description).toBe("somebody's")
  })

  test('a tenant that a runbook made is taken over by --adopt', async () => {
    const { state } = bed.cloud
    const domain = await createDomain(operator, { name: 'acme', description: 'Client: acme' })
    const manager = await createUser(operator, {
      name: 'acme-domain-admin',
      domain_id: domain.id,
      password: new Secret('of-the-runbook'),
    })
    await createGrant(operator, {
      roleId: idOf(state.roles, 'manager'),
      to: { kind: 'user', id: manager.id },
      on: { kind: 'domain', id: domain.id },
    })
    await createProject(operator, { name: 'acme-prod', domain_id: domain.id, description: 'acme production' })
    await createUser(operator, { name: 'acme-svc', domain_id: domain.id, password: new Secret('of-the-runbook') })
    const first = await bed.run('apply', file, '--yes', '--adopt')
    // the manager's password is not known before it is adopted, so what only it can see is planned in a second run
    expect(first.out + first.err).toContain('adopt')
    expect(first.code, first.err).toBe(0)
    expect(state.domains.find((one) => one.name === 'acme')?.description).toBe('Client: acme [tenant-onboard acme]')
    expect(state.projects.filter((one) => one.name === 'acme-prod')).toHaveLength(1)
    expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
  })
})
