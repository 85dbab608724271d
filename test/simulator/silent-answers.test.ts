/** Answers that looked right and were not: a client that believed them would be wrong on a cloud. */
import { expect, test } from 'vitest'
import { createCloud } from '../../src/simulator/cloud.ts'
import { asAdmin, at, byApplicationCredential, list, names, signInWith, text } from './client.ts'

test('openstackclient sends the project again to Cinder, which takes it', async () => {
  const admin = await asAdmin(createCloud())
  const project = text((await admin('GET', 'identity/v3/projects?name=admin')).body, 'projects.0.id')
  const path = `volume/v3/${project}/os-quota-sets/${project}`
  const body = { quota_set: { volumes: 20, tenant_id: project } }
  const set = await admin('PUT', path, body)
  expect([set.status, at(set.body, 'quota_set.volumes')]).toEqual([200, 20])
  expect((await admin('PUT', path, { quota_set: { volumez: 20 } })).status).toBe(400)
})

test('a project that is a domain is a domain', async () => {
  const admin = await asAdmin(createCloud())
  const made = await admin('POST', 'identity/v3/projects', { project: { name: 'globex', is_domain: true } })
  expect([made.status, at(made.body, 'project.is_domain')]).toEqual([201, true])
  const id = text(made.body, 'project.id')
  expect(text((await admin('GET', `identity/v3/domains/${id}`)).body, 'domain.name')).toBe('globex')
  const twin = await admin('POST', 'identity/v3/projects', { project: { name: 'globex', is_domain: true } })
  expect(twin.status).toBe(409)
  expect(names(await admin('GET', 'identity/v3/projects?name=globex'), 'projects')).toEqual([])
})

test('Octavia has its quotas also without `lbaas` in the path', async () => {
  const admin = await asAdmin(createCloud())
  const project = text((await admin('GET', 'identity/v3/projects?name=admin')).body, 'projects.0.id')
  const quota = { quota: { load_balancer: 3 } }
  expect((await admin('PUT', `load-balancer/v2.0/quotas/${project}`, quota)).status).toBe(202)
  for (const path of ['v2.0/quotas', 'v2.0/lbaas/quotas'])
    expect(at((await admin('GET', `load-balancer/${path}/${project}`)).body, 'quota.load_balancer')).toBe(3)
})

test('a trust that ended before it began is refused, and so is a date that is none', async () => {
  const cloud = createCloud()
  const admin = await asAdmin(cloud)
  const user = text((await admin('GET', 'identity/v3/users?name=admin')).body, 'users.0.id')
  const project = text((await admin('GET', 'identity/v3/projects?name=admin')).body, 'projects.0.id')
  const make = (expires_at: string) =>
    admin('POST', 'identity/v3/OS-TRUST/trusts', {
      trust: {
        trustor_user_id: user,
        trustee_user_id: user,
        project_id: project,
        impersonation: false,
        roles: [{ name: 'member' }],
        expires_at,
      },
    })
  expect((await make('2001-01-01T00:00:00.000000Z')).status).toBe(400)
  expect((await make('tomorrow')).status).toBe(400)
  expect((await make('2999-01-01T00:00:00.000000Z')).status).toBe(201)
})

test('lists without some tags are without them', async () => {
  const admin = await asAdmin(createCloud())
  for (const name of ['red', 'blue', 'bare']) {
    const { body } = await admin('POST', 'networking/v2.0/networks', { network: { name } })
    const tags = name === 'bare' ? [] : [name, 'colour']
    await admin('PUT', `networking/v2.0/networks/${text(body, 'network.id')}/tags`, { tags })
  }
  const asked = async (query: string) =>
    names(await admin('GET', `networking/v2.0/networks?router:external=false&${query}`), 'networks').toSorted()
  expect(await asked('tags=colour')).toEqual(['blue', 'red'])
  expect(await asked('not-tags=colour,red')).toEqual(['bare', 'blue'])
  expect(await asked('tags-any=red,blue')).toEqual(['blue', 'red'])
  expect(await asked('not-tags-any=red')).toEqual(['bare', 'blue'])
})

test('Neutron holds a write back whose revision is not the one there', async () => {
  const admin = await asAdmin(createCloud())
  const made = await admin('POST', 'networking/v2.0/networks', { network: { name: 'one' } })
  const path = `networking/v2.0/networks/${text(made.body, 'network.id')}`
  const revision = Number(at(made.body, 'network.revision_number'))
  const rename = (name: string, match: number) =>
    admin('PUT', path, { network: { name } }, { 'If-Match': `revision_number=${match}` })
  expect((await rename('two', revision + 5)).status).toBe(412)
  expect(text((await admin('GET', path)).body, 'network.name')).toBe('one')
  expect((await rename('two', revision)).status).toBe(200)
})

test('a VLAN with an id names its physical network', async () => {
  const admin = await asAdmin(createCloud())
  const vlan = { name: 'vlan', 'provider:network_type': 'vlan', 'provider:segmentation_id': 7 }
  expect((await admin('POST', 'networking/v2.0/networks', { network: vlan })).status).toBe(400)
  const whole = { ...vlan, 'provider:physical_network': 'physnet1' }
  expect((await admin('POST', 'networking/v2.0/networks', { network: whole })).status).toBe(201)
})

test('a template says null for what was not sent, as Terraform compares it', async () => {
  const admin = await asAdmin(createCloud())
  const image = text((await admin('GET', 'image/v2/images?visibility=public')).body, 'images.0.id')
  const template = { name: 'bare', coe: 'kubernetes', image_id: image, external_network_id: 'provider-ext' }
  const made = await admin('POST', 'container-infra/v1/clustertemplates', template)
  expect(made.status).toBe(201)
  expect([at(made.body, 'docker_storage_driver'), at(made.body, 'labels')]).toEqual([null, null])
  expect(at(made.body, 'network_driver')).toBe('flannel')
})

test('Magnum takes a number of nodes that Horizon wrote as text', async () => {
  const admin = await asAdmin(createCloud())
  const make = (node_count: unknown) =>
    admin('POST', 'container-infra/v1/clusters', { cluster_template_id: 'none', node_count })
  // 404: the number was taken, and the template is not there
  expect((await make('1')).status).toBe(404)
  expect((await make('one')).status).toBe(400)
  expect((await make('-1')).status).toBe(400)
})

test('an application credential with access rules does only what they say', async () => {
  const cloud = createCloud()
  const admin = await asAdmin(cloud)
  const user = text((await admin('GET', 'identity/v3/users?name=admin')).body, 'users.0.id')
  const rules = [{ service: 'network', method: 'GET', path: '/v2.0/networks' }]
  const wanted = { application_credential: { name: 'limited', access_rules: rules } }
  const made = await admin('POST', `identity/v3/users/${user}/application_credentials`, wanted)
  expect(made.status).toBe(201)
  expect(list(made.body, 'application_credential.access_rules')).toEqual([
    { ...rules[0], id: expect.any(String) as unknown },
  ])
  const limited = await signInWith(
    cloud,
    byApplicationCredential(
      text(made.body, 'application_credential.id'),
      text(made.body, 'application_credential.secret'),
    ),
  )
  expect((await limited('GET', 'networking/v2.0/networks')).status).toBe(200)
  expect((await limited('POST', 'networking/v2.0/networks', { network: { name: 'no' } })).status).toBe(401)
  expect((await limited('GET', 'networking/v2.0/routers')).status).toBe(401)
  expect((await limited('GET', 'compute/v2.1/servers')).status).toBe(401)
  for (const [index, none] of [null, []].entries()) {
    const bare = { application_credential: { name: `bare-${index}`, access_rules: none } }
    const { body } = await admin('POST', `identity/v3/users/${user}/application_credentials`, bare)
    const credential = body as { application_credential: { id: string; secret: string } }
    expect(credential.application_credential).not.toHaveProperty('access_rules')
    const { id, secret } = credential.application_credential
    const free = await signInWith(cloud, byApplicationCredential(id, secret))
    expect((await free('GET', 'networking/v2.0/routers')).status).toBe(200)
  }
  const listed = await admin('GET', `identity/v3/users/${user}/access_rules`)
  expect(list(listed.body, 'access_rules')).toHaveLength(1)
  const other = await asAdmin(cloud)
  expect((await other('GET', 'networking/v2.0/routers')).status).toBe(200)
})

test('projects without some tags are without them', async () => {
  const admin = await asAdmin(createCloud())
  const made = await admin('POST', 'identity/v3/domains', { domain: { name: 'globex' } })
  const domain_id = text(made.body, 'domain.id')
  for (const tags of [['a', 'b'], ['b'], []])
    await admin('POST', 'identity/v3/projects', { project: { name: `p${tags.join('')}`, domain_id, tags } })
  const asked = async (query: string) =>
    names(await admin('GET', `identity/v3/projects?domain_id=${domain_id}&${query}`), 'projects').toSorted()
  expect(await asked('tags=b')).toEqual(['pab', 'pb'])
  expect(await asked('tags-any=a,c')).toEqual(['pab'])
  expect(await asked('not-tags=a,b')).toEqual(['p', 'pb'])
  expect(await asked('not-tags-any=a')).toEqual(['p', 'pb'])
})

test('a role of a domain is granted on another domain, and on no project outside its own', async () => {
  const admin = await asAdmin(createCloud())
  const domain = async (name: string) =>
    text((await admin('POST', 'identity/v3/domains', { domain: { name } })).body, 'domain.id')
  const [own, other] = [await domain('one'), await domain('two')]
  const role = text(
    (await admin('POST', 'identity/v3/roles', { role: { name: 'local', domain_id: own } })).body,
    'role.id',
  )
  const user = text((await admin('POST', 'identity/v3/users', { user: { name: 'u', domain_id: own } })).body, 'user.id')
  const project = text(
    (await admin('POST', 'identity/v3/projects', { project: { name: 'p', domain_id: other } })).body,
    'project.id',
  )
  const grant = (on: string) => admin('PUT', `identity/v3/${on}/users/${user}/roles/${role}`)
  expect((await grant(`domains/${other}`)).status).toBe(204)
  const refused = await grant(`projects/${project}`)
  expect([refused.status, text(refused.body, 'error.message')]).toEqual([
    403,
    `Project ${project} must be in the same domain as the role ${role} being assigned.`,
  ])
  expect((await grant('system')).status).toBe(400)
})

test('Keystone keeps keys of a role and of a group that it does not know', async () => {
  const admin = await asAdmin(createCloud())
  const role = await admin('POST', 'identity/v3/roles', { role: { name: 'r', contact: 'a@b.example' } })
  expect(text(role.body, 'role.contact')).toBe('a@b.example')
  const group = await admin('POST', 'identity/v3/groups', { group: { name: 'g', email: 'a@b.example' } })
  const path = `identity/v3/groups/${text(group.body, 'group.id')}`
  expect(at((await admin('PATCH', path, { group: { email: null } })).body, 'group')).toMatchObject({
    name: 'g',
    email: null,
  })
})

test('rules of a group are made several at once, all or none, and IPv4 has no protocol of IPv6', async () => {
  const admin = await asAdmin(createCloud())
  const group = await admin('POST', 'networking/v2.0/security-groups', { security_group: { name: 'g' } })
  const security_group_id = text(group.body, 'security_group.id')
  const rule = (protocol: string, ethertype = 'IPv4') => ({
    security_group_id,
    direction: 'ingress',
    ethertype,
    protocol,
  })
  const make = (...security_group_rules: readonly unknown[]) =>
    admin('POST', 'networking/v2.0/security-group-rules', { security_group_rules })
  const count = async () =>
    list(
      (await admin('GET', `networking/v2.0/security-group-rules?security_group_id=${security_group_id}`)).body,
      'security_group_rules',
    ).length
  expect(await count()).toBe(2)
  const refused = await make(rule('tcp'), rule('58'))
  expect([refused.status, text(refused.body, 'NeutronError.message')]).toEqual([
    400,
    'Invalid ethertype IPv4 for protocol 58.',
  ])
  expect(await count()).toBe(2)
  expect((await make(rule('tcp'), rule('58', 'IPv6'))).status).toBe(201)
  expect(await count()).toBe(4)
})

test('one tag of a network is asked for by its name', async () => {
  const admin = await asAdmin(createCloud())
  const made = await admin('POST', 'networking/v2.0/networks', { network: { name: 'n' } })
  const path = `networking/v2.0/networks/${text(made.body, 'network.id')}/tags`
  await admin('PUT', path, { tags: ['red'] })
  expect((await admin('GET', `${path}/red`)).status).toBe(204)
  expect((await admin('GET', `${path}/blue`)).status).toBe(404)
})

test('a boolean of a template stays one, however a client writes it', async () => {
  const admin = await asAdmin(createCloud())
  const image = text((await admin('GET', 'image/v2/images?visibility=public')).body, 'images.0.id')
  const template = { name: 'bare', coe: 'kubernetes', image_id: image, external_network_id: 'provider-ext' }
  const made = await admin('POST', 'container-infra/v1/clustertemplates', template)
  const path = `container-infra/v1/clustertemplates/${text(made.body, 'uuid')}`
  const set = (value: unknown) => admin('PATCH', path, [{ op: 'replace', path: '/master_lb_enabled', value }])
  expect(at((await set('true')).body, 'master_lb_enabled')).toBe(true)
  expect(at((await set(false)).body, 'master_lb_enabled')).toBe(false)
  expect((await set('perhaps')).status).toBe(400)
})

test('a secret keeps what its client says of the key, and Barbican has a document of its version', async () => {
  const admin = await asAdmin(createCloud())
  const key = { algorithm: 'aes', bit_length: 256, mode: 'cbc' }
  const made = await admin('POST', 'key-manager/v1/secrets', { name: 's', secret_type: 'symmetric', ...key })
  const id = text(made.body, 'secret_ref').split('/').at(-1) ?? ''
  expect((await admin('GET', `key-manager/v1/secrets/${id}`)).body).toMatchObject(key)
  for (const path of ['key-manager/v1', 'key-manager/v1/'])
    expect(at((await admin('GET', path)).body, 'version.id')).toBe('v1')
})

test('names of domains and projects have 64 characters at most, of others 255', async () => {
  const admin = await asAdmin(createCloud())
  const make = async (kind: string, length: number) =>
    (await admin('POST', `identity/v3/${kind}s`, { [kind]: { name: 'x'.repeat(length), domain_id: 'default' } })).status
  expect([await make('domain', 64), await make('domain', 65)]).toEqual([201, 400])
  expect([await make('project', 64), await make('project', 65)]).toEqual([201, 400])
  expect([await make('group', 65), await make('group', 256)]).toEqual([201, 400])
})

test('a role of the cloud implies no role of a domain', async () => {
  const admin = await asAdmin(createCloud())
  const role = async (name: string, domain_id?: string) =>
    text((await admin('POST', 'identity/v3/roles', { role: { name, domain_id } })).body, 'role.id')
  const [global, other, local] = [await role('global'), await role('other'), await role('local', 'default')]
  const imply = async (implied: string) => (await admin('PUT', `identity/v3/roles/${global}/implies/${implied}`)).status
  expect([await imply(local), await imply(other)]).toEqual([403, 201])
})

test('an access rule outlives its credential, and is not deleted before it', async () => {
  const admin = await asAdmin(createCloud())
  const user = text((await admin('GET', 'identity/v3/users?name=admin')).body, 'users.0.id')
  const access_rules = [{ service: 'compute', method: 'GET', path: '/v2.1/servers' }]
  const made = await admin('POST', `identity/v3/users/${user}/application_credentials`, {
    application_credential: { name: 'limited', access_rules, expires_at: '2099-01-02T03:04:05.678901' },
  })
  expect(text(made.body, 'application_credential.expires_at')).toBe('2099-01-02T03:04:05.678901')
  const rule = text(made.body, 'application_credential.access_rules.0.id')
  const path = `identity/v3/users/${user}/access_rules/${rule}`
  expect((await admin('DELETE', path)).status).toBe(403)
  const credential = text(made.body, 'application_credential.id')
  await admin('DELETE', `identity/v3/users/${user}/application_credentials/${credential}`)
  expect(text((await admin('GET', path)).body, 'access_rule.path')).toBe('/v2.1/servers')
  expect((await admin('DELETE', path)).status).toBe(204)
  expect((await admin('GET', path)).status).toBe(404)
})

test('a key of EC2 that is not there is missing for anybody', async () => {
  const admin = await asAdmin(createCloud())
  const user = text((await admin('GET', 'identity/v3/users?name=admin')).body, 'users.0.id')
  const keys = `identity/v3/users/${user}/credentials/OS-EC2`
  const project = text((await admin('GET', 'identity/v3/projects?name=admin')).body, 'projects.0.id')
  const access = text((await admin('POST', keys, { tenant_id: project })).body, 'credential.access')
  expect((await admin('GET', `${keys}/none`)).status).toBe(404)
  expect((await admin('DELETE', `${keys}/none`)).status).toBe(404)
  expect((await admin('DELETE', `${keys}/${access}`)).status).toBe(204)
})

test('a protocol names a mapping that is there, and a mapping has a rule', async () => {
  const admin = await asAdmin(createCloud())
  const federation = 'identity/v3/OS-FEDERATION'
  const map = (rules: readonly unknown[]) => admin('PUT', `${federation}/mappings/people`, { mapping: { rules } })
  expect((await map([])).status).toBe(400)
  expect((await map([{ local: [], remote: [] }])).status).toBe(201)
  await admin('PUT', `${federation}/identity_providers/idp`, { identity_provider: {} })
  const path = `${federation}/identity_providers/idp/protocols/openid`
  const name = (mapping_id: string) => admin('PUT', path, { protocol: { mapping_id } })
  expect([(await name('nobody')).status, (await name('people')).status]).toEqual([400, 201])
  expect(text((await admin('GET', path)).body, 'protocol.mapping_id')).toBe('people')
  expect((await admin('PATCH', path, { protocol: { mapping_id: 'nobody' } })).status).toBe(400)
})
