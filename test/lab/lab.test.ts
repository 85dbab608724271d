/** The lab is what docs/lab.md says it is. */
import { readFile } from 'node:fs/promises'
import { Agent, fetch as fetchWith } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, signIn, signInAdmin, signInWith, text } from './ask.ts'
import { findKeystone, findLab, layOverride, removeOverrides, runLab } from './cloud.ts'
import { makeTenant } from './tenant.ts'

beforeAll(() => runLab('reset'))
afterAll(() => runLab('reset'))

test('TLS is trusted by the CA of the lab and by no other', async () => {
  const lab = await findLab()
  const trusting = new Agent({ connect: { ca: await readFile(lab.ca, 'utf8') } })
  const { tlsUrl } = lab.keystones.main
  expect((await fetchWith(tlsUrl, { dispatcher: trusting })).status).toBe(200)
  await expect(fetchWith(tlsUrl)).rejects.toThrow('fetch failed')
  // and the links in the answer stay on TLS
  expect(text(await (await fetchWith(tlsUrl, { dispatcher: trusting })).json(), 'version.links.0.href')).toBe(
    `${tlsUrl}/`,
  )
  await trusting.close()
})

test('an override counts from the next request and no longer than its file', async () => {
  const main = await findKeystone('main')
  const tenant = await makeTenant(main, 'lab-override')
  const manager = await signIn(main.url, tenant.manager, { domain: tenant.domain.name })
  const list = `${main.url}/projects?domain_id=${tenant.domain.id}`
  expect((await manager('GET', list)).status).toBe(403)
  await layOverride(main, '"identity:list_projects": "role:manager and domain_id:%(target.domain_id)s"\n')
  expect((await manager('GET', list)).status).toBe(200)
  await removeOverrides(main)
  expect((await manager('GET', list)).status).toBe(403)
})

test('a cluster comes to CREATE_IN_PROGRESS with trustee, trust, certificate and stack, by password only', async () => {
  const { keystones, services } = await findLab()
  const { main } = keystones
  const url = (service: string): string => services[service]?.url ?? expect.fail(`the lab is up without ${service}`)
  const tenant = await makeTenant(main, 'lab-cluster')
  const admin = await signInAdmin(main)
  const creator = await signIn(main.url, tenant.creator, { project: tenant.project.name, domain: tenant.domain.name })

  const image = await creator('GET', `${url('glance')}/v2/images?name=fedora-coreos-k8s`)
  const external = await creator('GET', `${url('neutron')}/v2.0/networks?name=provider-ext`)
  await creator('POST', `${url('nova')}/os-keypairs`, { keypair: { name: 'key' } })
  const template = await creator('POST', `${url('magnum')}/clustertemplates`, {
    name: 'k8s',
    coe: 'kubernetes',
    image_id: text(image.body, 'images.0.id'),
    external_network_id: text(external.body, 'networks.0.id'),
    flavor_id: 'm1.medium',
    master_flavor_id: 'm1.medium',
    network_driver: 'calico',
    docker_storage_driver: 'overlay2',
    master_lb_enabled: true,
  })
  const request = {
    cluster_template_id: text(template.body, 'uuid'),
    keypair: 'key',
    master_count: 1,
    node_count: 1,
    create_timeout: 60,
  }
  const settled = async (uuid: string): Promise<unknown> => {
    for (let look = 0; look < 120; look++) {
      const { body } = await creator('GET', `${url('magnum')}/clusters/${uuid}`)
      if (at(body, 'status') === 'CREATE_FAILED' || typeof at(body, 'stack_id') === 'string') return body
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return expect.fail(`cluster ${uuid} came to nothing in a minute`)
  }

  const made = await creator('POST', `${url('magnum')}/clusters`, { ...request, name: 'by-password' })
  const cluster = await settled(text(made.body, 'uuid'))
  expect(at(cluster, 'status')).toBe('CREATE_IN_PROGRESS')
  const uuid = text(cluster, 'uuid')
  const trusts = await creator('GET', `${main.url}/OS-TRUST/trusts?trustor_user_id=${tenant.creator.id}`)
  const trustees = await admin('GET', `${main.url}/users?name=${uuid}_${tenant.project.id}`)
  expect(JSON.stringify(trusts.body)).toContain(text(trustees.body, 'users.0.id'))
  expect(text((await creator('GET', `${url('magnum')}/certificates/${uuid}`)).body, 'pem')).toContain(
    'BEGIN CERTIFICATE',
  )
  const heat = url('heat').replace('%(project_id)s', tenant.project.id)
  const stacks = await creator('GET', `${heat}/stacks?id=${text(cluster, 'stack_id')}`)
  expect(at(stacks.body, 'stacks.0.stack_status')).toBe('CREATE_IN_PROGRESS')

  const secret = 'lab-cluster application credential'
  const credential = await creator('POST', `${main.url}/users/${tenant.creator.id}/application_credentials`, {
    application_credential: { name: 'unrestricted', unrestricted: true, secret },
  })
  const id = text(credential.body, 'application_credential.id')
  const automation = await signInWith(main.url, {
    methods: ['application_credential'],
    application_credential: { id, secret },
  })
  const doomed = await automation('POST', `${url('magnum')}/clusters`, {
    ...request,
    name: 'by-application-credential',
  })
  expect(at(await settled(text(doomed.body, 'uuid')), 'status')).toBe('CREATE_FAILED')
})

test('the base of the charm confines an admin to its domain, the default base does not', async () => {
  for (const [name, foreign] of [
    ['charm', 403],
    ['main', 204],
  ] as const) {
    const keystone = await findKeystone(name)
    const admin = await signInAdmin(keystone)
    const tenant = await makeTenant(keystone, 'lab-confined')
    const magnum = text((await admin('GET', `${keystone.url}/domains?name=magnum`)).body, 'domains.0.id')
    const trustee = await admin('POST', `${keystone.url}/users`, { user: { name: 'lab-trustee', domain_id: magnum } })
    const password = keystone.admin.password
    const confined = await signIn(
      keystone.url,
      { name: 'magnum_domain_admin', domain: 'magnum', password },
      { domain: 'magnum' },
    )
    expect((await confined('DELETE', `${keystone.url}/users/${tenant.creator.id}`)).status).toBe(foreign)
    expect((await confined('DELETE', `${keystone.url}/users/${text(trustee.body, 'user.id')}`)).status).toBe(204)
  }
})

test('main Keystone runs on the base of the charm when told so, and back', async () => {
  const main = await findKeystone('main')
  const confined = { name: 'magnum_domain_admin', domain: 'magnum', password: main.admin.password }
  const listDomains = async (): Promise<number> =>
    (await (await signIn(main.url, confined, { domain: 'magnum' }))('GET', `${main.url}/domains`)).status
  expect(await listDomains()).toBe(200)
  await runLab('keystone', 'charm')
  expect(await listDomains()).toBe(403)
  expect((await (await signInAdmin(main))('GET', `${main.url}/domains`)).status).toBe(200)
  await runLab('keystone', 'default')
  expect(await listDomains()).toBe(200)
})

test('the native Keystone knows the domain manager, and does not let it grant load-balancer_member', async () => {
  const native = await findKeystone('native')
  const tenant = await makeTenant(native, 'lab-native')
  const other = await makeTenant(native, 'lab-native-other')
  const admin = await signInAdmin(native)
  const manager = await signIn(native.url, tenant.manager, { domain: tenant.domain.name })
  const roleId = async (name: string): Promise<string> =>
    text((await admin('GET', `${native.url}/roles?name=${name}`)).body, 'roles.0.id')
  const grants = `${native.url}/projects/${tenant.project.id}/users/${tenant.manager.id}/roles`

  const project = (domain: string): Promise<{ status: number }> =>
    manager('POST', `${native.url}/projects`, { project: { name: 'lab-second', domain_id: domain } })
  expect((await project(tenant.domain.id)).status).toBe(201)
  expect((await project(other.domain.id)).status).toBe(403)
  expect((await manager('PUT', `${grants}/${await roleId('member')}`)).status).toBe(204)
  expect((await manager('PUT', `${grants}/${await roleId('load-balancer_member')}`)).status).toBe(403)
})

test('Barbican loses its Vault when the secret id is bound to another address, and finds it again', async () => {
  const { keystones, services } = await findLab()
  const barbican = services.barbican ?? expect.fail('the lab is up without barbican')
  const admin = await signInAdmin(keystones.main)
  const store = async (): Promise<number> =>
    (
      await admin('POST', `${barbican.url}/v1/secrets`, {
        name: 'lab',
        payload: 'x',
        payload_content_type: 'text/plain',
      })
    ).status
  await runLab('vault', 'stale-secret-id')
  expect(await store()).toBe(500)
  expect(await readFile(barbican.log, 'utf8')).toContain('unauthorized through CIDR restrictions on the secret ID')
  await runLab('vault', 'works')
  expect(await store()).toBe(201)
  await runLab('vault', 'off')
  expect(await store()).toBe(201)
})

test('a reset takes away what was made since lab/up', async () => {
  const main = await findKeystone('main')
  const tenant = await makeTenant(main, 'lab-reset')
  const admin = await signInAdmin(main)
  expect((await admin('GET', `${main.url}/domains/${tenant.domain.id}`)).status).toBe(200)
  await runLab('reset')
  expect((await (await signInAdmin(main))('GET', `${main.url}/domains/${tenant.domain.id}`)).status).toBe(404)
})
