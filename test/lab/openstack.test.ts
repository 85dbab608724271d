/**
 * Every function of the client against real services, each by the identity that uses it. What is made carries one prefix,
 * lies in one throwaway domain and is gone at the end.
 */
import 'reflect-metadata'
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as x509 from '@peculiar/x509'
import sshpk from 'sshpk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as barbican from '../../src/openstack/barbican.ts'
import { readCa } from '../../src/openstack/ca.ts'
import { catalogFindings } from '../../src/openstack/catalog-findings.ts'
import * as cinder from '../../src/openstack/cinder.ts'
import * as glance from '../../src/openstack/glance.ts'
import * as heat from '../../src/openstack/heat.ts'
import { loadCloud } from '../../src/openstack/clouds.ts'
import { createTransport } from '../../src/openstack/http.ts'
import * as applicationCredentials from '../../src/openstack/keystone/application-credentials.ts'
import * as credentials from '../../src/openstack/keystone/credentials.ts'
import * as domains from '../../src/openstack/keystone/domains.ts'
import * as grants from '../../src/openstack/keystone/grants.ts'
import * as groups from '../../src/openstack/keystone/groups.ts'
import * as limits from '../../src/openstack/keystone/limits.ts'
import * as projects from '../../src/openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../src/openstack/keystone/role-assignments.ts'
import * as roles from '../../src/openstack/keystone/roles.ts'
import { listServiceEndpoints, listServices } from '../../src/openstack/keystone/services.ts'
import { deleteToken, findToken } from '../../src/openstack/keystone/tokens.ts'
import * as trusts from '../../src/openstack/keystone/trusts.ts'
import * as users from '../../src/openstack/keystone/users.ts'
import { getClusterCa, signCertificate } from '../../src/openstack/magnum/certificates.ts'
import * as templates from '../../src/openstack/magnum/cluster-templates.ts'
import * as clusters from '../../src/openstack/magnum/clusters.ts'
import { listConductors } from '../../src/openstack/magnum/conductors.ts'
import * as clusterQuotas from '../../src/openstack/magnum/quotas.ts'
import * as floatingIps from '../../src/openstack/neutron/floating-ips.ts'
import { getIpAvailability } from '../../src/openstack/neutron/ip-availability.ts'
import * as networks from '../../src/openstack/neutron/networks.ts'
import * as ports from '../../src/openstack/neutron/ports.ts'
import * as networkQuotas from '../../src/openstack/neutron/quotas.ts'
import * as rbacPolicies from '../../src/openstack/neutron/rbac-policies.ts'
import * as routers from '../../src/openstack/neutron/routers.ts'
import * as securityGroups from '../../src/openstack/neutron/security-groups.ts'
import * as subnets from '../../src/openstack/neutron/subnets.ts'
import * as nova from '../../src/openstack/nova.ts'
import * as octavia from '../../src/openstack/octavia.ts'
import type { Auth } from '../../src/openstack/auth.ts'
import { openSession, refusalOf } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { findLab, removeOverrides } from './cloud.ts'

const prefix = `client-${randomBytes(3).toString('hex')}`
const password = new Secret('a throwaway password')
const lab = await findLab()
const { url, admin } = lab.keystones.main
const transport = createTransport()
const sessionAs = (actor: string, auth: Auth): Session =>
  openSession({ actor, endpoint: { authUrl: url, region: 'RegionOne' }, auth, fetch: transport.fetch })

const operator = sessionAs('operator', {
  kind: 'password',
  user: { name: admin.username, domain: { name: admin.userDomain } },
  password: new Secret(admin.password),
  scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
})

/** The throwaway domain with a project and the account that owns what is made in it. */
let domainId = ''
let projectId = ''
let creatorId = ''
let creator: Session

async function refusal(promise: Promise<unknown>): Promise<number | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => {
      const status = refusalOf(error)
      if (status === undefined) throw error
      return status
    },
  )
}

async function eventually<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  for (let left = seconds * 2; left > 0; left--) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`not within ${seconds} s`)
}

const isGone = (look: Promise<unknown>): Promise<true | undefined> =>
  refusal(look).then((status) => (status === 404 ? true : undefined))

async function roleId(name: string): Promise<string> {
  const role = await roles.findRole(operator, name)
  if (role === undefined) throw new Error(`the lab has no role ${name}`)
  return role.id
}

beforeAll(async () => {
  // Keystone as it is installed: an override of another story may refuse what is tried here
  await removeOverrides(lab.keystones.main)
  const domain = await domains.createDomain(operator, { name: prefix, description: 'throwaway' })
  domainId = domain.id
  projectId = (await projects.createProject(operator, { name: `${prefix}-prod`, domain_id: domainId })).id
  const user = await users.createUser(operator, { name: `${prefix}-cluster`, domain_id: domainId, password })
  creatorId = user.id
  for (const name of ['member', 'load-balancer_member']) {
    const to = { kind: 'user', id: creatorId } as const
    await grants.createGrant(operator, { roleId: await roleId(name), to, on: { kind: 'project', id: projectId } })
  }
  creator = sessionAs('creator', {
    kind: 'password',
    user: { name: `${prefix}-cluster`, domain: { id: domainId } },
    password,
    scope: { kind: 'project', project: { id: projectId } },
  })
})

afterAll(async () => {
  await domains.updateDomain(operator, domainId, { enabled: false })
  await domains.deleteDomain(operator, domainId)
  expect(await domains.findDomain(operator, prefix)).toBeUndefined()
  await transport.close()
})

describe('identity', () => {
  test('a token says who, where, with which roles, and where each service is', async () => {
    const token = await creator.token()
    expect(token).toMatchObject({ userId: creatorId, projectId, projectName: `${prefix}-prod`, userDomainId: domainId })
    expect(token.methods).toEqual(['password'])
    // `reader` is implied by `member`
    expect(token.roles.map((role) => role.name).sort()).toEqual(['load-balancer_member', 'member', 'reader'])
    expect(token.catalog.map((service) => service.type)).toContain('container-infra')
  })

  test('domains', async () => {
    expect((await domains.findDomain(operator, prefix))?.id).toBe(domainId)
    expect((await domains.listDomains(operator, { enabled: true })).map((domain) => domain.id)).toContain(domainId)
    expect((await domains.updateDomain(operator, domainId, { description: 'changed' })).description).toBe('changed')
    expect(await domains.getDomain(operator, domainId)).toMatchObject({ name: prefix, description: 'changed' })
    expect(await refusal(domains.deleteDomain(operator, domainId))).toBe(403)
    expect(await refusal(domains.getDomainConfig(operator, domainId))).toBe(404)
    expect(await refusal(domains.createDomain(creator, { name: `${prefix}-x` }))).toBe(403)
  })

  test('projects', async () => {
    const made = await projects.createProject(operator, {
      name: `${prefix}-more`,
      domain_id: domainId,
      description: 'd',
      tags: ['t'],
    })
    expect(await projects.getProject(operator, made.id)).toMatchObject({
      parent_id: domainId,
      is_domain: false,
      tags: ['t'],
    })
    expect((await projects.findProject(operator, `${prefix}-more`, domainId))?.id).toBe(made.id)
    expect((await projects.updateProject(operator, made.id, { enabled: false })).enabled).toBe(false)
    expect(await projects.listProjects(operator, { domain_id: domainId })).toHaveLength(2)
    expect((await projects.listOwnProjects(creator)).map((project) => project.id)).toEqual([projectId])
    await projects.deleteProject(operator, made.id)
    expect(await projects.findProject(operator, `${prefix}-more`, domainId)).toBeUndefined()
  })

  test('users, and a password that its owner changes', async () => {
    const made = await users.createUser(operator, {
      name: `${prefix}-u`,
      domain_id: domainId,
      password,
      email: 'u@acme.example',
      description: 'd',
    })
    expect(await users.getUser(operator, made.id)).toMatchObject({ enabled: true, email: 'u@acme.example' })
    expect((await users.findUser(operator, `${prefix}-u`, domainId))?.id).toBe(made.id)
    expect((await users.listUsers(operator, { domain_id: domainId })).map((user) => user.id)).toContain(made.id)
    const unscoped = (secret: Secret): Session =>
      sessionAs('u', { kind: 'password', user: { id: made.id }, password: secret, scope: { kind: 'unscoped' } })
    const session = unscoped(password)
    const changed = new Secret('another throwaway password')
    await users.changePassword(session, made.id, { from: password, to: changed })
    expect((await unscoped(changed).token()).roles).toEqual([])
    await expect(unscoped(password).token()).rejects.toMatchObject({ kind: 'sign-in', status: 401 })
    await users.updateUser(operator, made.id, { password })
    expect((await unscoped(password).token()).userId).toBe(made.id)
    expect((await users.updateUser(operator, made.id, { enabled: false })).enabled).toBe(false)
    await users.deleteUser(operator, made.id)
    expect(await refusal(users.getUser(operator, made.id))).toBe(404)
  })

  test('groups and who is in them', async () => {
    const made = await groups.createGroup(operator, { name: `${prefix}-g`, domain_id: domainId })
    expect((await groups.findGroup(operator, `${prefix}-g`, domainId))?.id).toBe(made.id)
    expect((await groups.updateGroup(operator, made.id, { description: 'd' })).description).toBe('d')
    expect((await groups.getGroup(operator, made.id)).description).toBe('d')
    expect(await groups.isGroupMember(operator, made.id, creatorId)).toBe(false)
    await groups.createGroupMember(operator, made.id, creatorId)
    expect(await groups.isGroupMember(operator, made.id, creatorId)).toBe(true)
    expect((await groups.listGroupMembers(operator, made.id)).map((user) => user.id)).toEqual([creatorId])
    expect((await groups.listGroupsOfUser(operator, creatorId)).map((group) => group.id)).toEqual([made.id])
    await groups.deleteGroupMember(operator, made.id, creatorId)
    expect(await groups.listGroups(operator, { domain_id: domainId })).toHaveLength(1)
    await groups.deleteGroup(operator, made.id)
    expect(await groups.listGroups(operator, { domain_id: domainId })).toHaveLength(0)
  })

  test('roles and what they imply', async () => {
    const made = await roles.createRole(operator, { name: `${prefix}-r`, description: 'd' })
    const own = await roles.createRole(operator, { name: `${prefix}-r`, domain_id: domainId })
    expect(own.domain_id).toBe(domainId)
    expect((await roles.findRole(operator, `${prefix}-r`))?.id).toBe(made.id)
    expect((await roles.listRoles(operator, { domain_id: domainId })).map((role) => role.id)).toEqual([own.id])
    expect((await roles.updateRole(operator, made.id, { description: 'e' })).description).toBe('e')
    expect((await roles.getRole(operator, made.id)).domain_id).toBeNull()
    const reader = await roleId('reader')
    await roles.createImpliedRole(operator, made.id, reader)
    const inferences = await roles.listRoleInferences(operator)
    expect(inferences.find((one) => one.prior_role.id === made.id)?.implies.map((role) => role.name)).toEqual([
      'reader',
    ])
    await roles.deleteImpliedRole(operator, made.id, reader)
    await roles.deleteRole(operator, made.id)
    await roles.deleteRole(operator, own.id)
    expect(await roles.findRole(operator, `${prefix}-r`)).toBeUndefined()
  })

  test.each([
    ['project', false],
    ['project', true],
    ['domain', false],
    ['domain', true],
    ['system', false],
  ] as const)('a grant on a %s, inherited: %s, to a user and to a group', async (kind, isInherited) => {
    const group = await groups.createGroup(operator, { name: `${prefix}-${kind}-${isInherited}`, domain_id: domainId })
    const id = kind === 'project' ? projectId : domainId
    const on = kind === 'system' ? ({ kind } as const) : { kind, id, isInherited }
    const reader = await roleId('reader')
    for (const to of [{ kind: 'user', id: creatorId } as const, { kind: 'group', id: group.id } as const]) {
      const grant = { roleId: reader, to, on }
      expect(await grants.isGranted(operator, grant)).toBe(false)
      await grants.createGrant(operator, grant)
      expect(await grants.isGranted(operator, grant)).toBe(true)
      const direct = await grants.listGrants(operator, { to, on })
      expect(direct.some((role) => role.id === reader)).toBe(!isInherited)
      const found = await listRoleAssignments(operator, {
        ...(to.kind === 'user' ? { userId: to.id } : { groupId: to.id }),
        roleId: reader,
        ...(kind === 'system' ? { isSystem: true } : kind === 'project' ? { projectId } : { domainId }),
        ...(isInherited ? { isInherited: true } : {}),
      })
      expect(found).toHaveLength(1)
      expect(found[0]?.scope['OS-INHERIT:inherited_to']).toBe(isInherited ? 'projects' : undefined)
      await grants.deleteGrant(operator, grant)
      expect(await grants.isGranted(operator, grant)).toBe(false)
    }
    await groups.deleteGroup(operator, group.id)
  })

  test('assignments, direct and effective, with names and with what lies below', async () => {
    const direct = await listRoleAssignments(operator, { userId: creatorId, includesNames: true })
    expect(direct.map((one) => one.role.name).sort()).toEqual(['load-balancer_member', 'member'])
    expect(direct[0]).toMatchObject({
      user: { id: creatorId, domain: { id: domainId } },
      scope: { project: { id: projectId } },
    })
    const effective = await listRoleAssignments(operator, { userId: creatorId, isEffective: true })
    expect(effective).toHaveLength(3)
    expect(await listRoleAssignments(operator, { projectId, includesSubtree: true })).toHaveLength(2)
    expect(await listRoleAssignments(operator, { userId: creatorId, domainId })).toEqual([])
  })

  test('an application credential with a secret of our own signs in, by id and by name', async () => {
    const secret = new Secret(randomBytes(32).toString('base64url'))
    const made = await applicationCredentials.createApplicationCredential(creator, creatorId, {
      name: prefix,
      secret,
      unrestricted: true,
      description: 'd',
    })
    expect(made).toMatchObject({ project_id: projectId, unrestricted: true })
    expect(made.secret.reveal()).toBe(secret.reveal())
    expect((await applicationCredentials.getApplicationCredential(creator, creatorId, made.id)).name).toBe(prefix)
    expect((await applicationCredentials.findApplicationCredential(creator, creatorId, prefix))?.id).toBe(made.id)
    expect(await applicationCredentials.listApplicationCredentials(operator, creatorId)).toHaveLength(1)
    for (const credential of [{ id: made.id }, { name: prefix, user: { id: creatorId } }]) {
      const token = await sessionAs('automation', { kind: 'application-credential', credential, secret }).token()
      expect(token).toMatchObject({
        methods: ['application_credential'],
        projectId,
        applicationCredential: { id: made.id, restricted: false },
      })
    }
    await applicationCredentials.deleteApplicationCredential(creator, creatorId, made.id)
    expect(await applicationCredentials.findApplicationCredential(creator, creatorId, prefix)).toBeUndefined()
    const generated = await applicationCredentials.createApplicationCredential(creator, creatorId, { name: prefix })
    expect(generated.secret.length).toBe(86)
    await applicationCredentials.deleteApplicationCredential(creator, creatorId, generated.id)
  })

  test('a trust, and the probe of one that makes nothing', async () => {
    const { userId: trusteeId } = await operator.token()
    const fields = {
      trustor_user_id: creatorId,
      trustee_user_id: trusteeId,
      project_id: projectId,
      impersonation: true,
    }
    expect(await refusal(trusts.createTrust(creator, { ...fields, roles: [] }))).toBe(403)
    expect(await trusts.listTrusts(creator, { trustor_user_id: creatorId })).toEqual([])
    const made = await trusts.createTrust(creator, { ...fields, roles: [{ name: 'member' }] })
    expect(await trusts.getTrust(creator, made.id)).toMatchObject({ impersonation: true, roles: [{ name: 'member' }] })
    expect((await trusts.listTrusts(operator)).map((trust) => trust.id)).toContain(made.id)
    const auth: Auth = {
      kind: 'password',
      user: { id: trusteeId },
      password: new Secret(admin.password),
      scope: { kind: 'trust', trustId: made.id },
    }
    // impersonation: the trustee acts as the trustor
    expect(await sessionAs('trustee', auth).token()).toMatchObject({
      userId: creatorId,
      projectId,
      trust: { id: made.id },
    })
    await trusts.deleteTrust(creator, made.id)
    await expect(sessionAs('trustee', auth).token()).rejects.toMatchObject({ kind: 'sign-in' })
  })

  test('a token is validated, exchanged for another scope and revoked', async () => {
    const bearer = await creator.bearer()
    expect(await findToken(operator, bearer)).toMatchObject({ userId: creatorId })
    const exchanged = sessionAs('creator', {
      kind: 'token',
      token: bearer,
      scope: { kind: 'project', project: { id: projectId } },
    })
    expect([...(await exchanged.token()).methods].sort()).toEqual(['password', 'token'])
    await deleteToken(operator, bearer)
    expect(await findToken(operator, bearer)).toBeUndefined()
    // the session notices by itself
    expect(await projects.listOwnProjects(creator)).toHaveLength(1)
  })

  test('domain scope and system scope', async () => {
    const user = { name: admin.username, domain: { name: admin.userDomain } }
    const as = (scope: Extract<Auth, { kind: 'password' }>['scope']): Session =>
      sessionAs('operator', { kind: 'password', user, password: new Secret(admin.password), scope })
    expect((await as({ kind: 'system' }).token()).isSystem).toBe(true)
    const to = { kind: 'user', id: creatorId } as const
    const grant = { roleId: await roleId('reader'), to, on: { kind: 'domain', id: domainId } as const }
    await grants.createGrant(operator, grant)
    const manager = sessionAs('manager', {
      kind: 'password',
      user: { id: creatorId },
      password,
      scope: { kind: 'domain', domain: { name: prefix } },
    })
    expect(await manager.token()).toMatchObject({ domainId, domainName: prefix })
    // a service that wants a project in its path is not in such a catalog
    await expect(cinder.listVolumeTypes(manager)).rejects.toThrow(/block-storage/)
    await grants.deleteGrant(operator, grant)
  })

  test('credentials, services, endpoints and limits', async () => {
    const made = await credentials.createCredential(operator, { type: 'cert', user_id: creatorId, blob: 'b' })
    expect((await credentials.listCredentials(operator, { user_id: creatorId })).map((one) => one.id)).toEqual([
      made.id,
    ])
    await credentials.deleteCredential(operator, made.id)
    expect(await credentials.listCredentials(operator, { user_id: creatorId })).toEqual([])
    const magnum = (await listServices(operator, { type: 'container-infra' }))[0]
    expect(magnum?.enabled).toBe(true)
    const where = { service_id: magnum?.id ?? '', interface: 'public', region_id: 'RegionOne' }
    expect(await listServiceEndpoints(operator, where)).toHaveLength(1)
    expect(await limits.getLimitModel(operator)).toBe('flat')
    expect(await limits.listLimits(operator, { project_id: projectId })).toEqual([])
  })
})

describe('compute', () => {
  test('flavors', async () => {
    const flavors = await nova.listFlavors(creator)
    expect(flavors.length).toBeGreaterThan(2)
    const [first] = flavors
    expect(await nova.findFlavor(creator, first?.name ?? '')).toEqual(first)
    expect(await nova.findFlavor(creator, 'no such flavor')).toBeUndefined()
  })

  test('a keypair belongs to its user, and an operator sees it by the id of that user', async () => {
    const public_key = sshPublicKey()
    const made = await nova.createKeypair(creator, { name: `${prefix}-key`, public_key })
    expect(made).toMatchObject({ user_id: creatorId, type: 'ssh' })
    expect(await nova.findKeypair(creator, `${prefix}-key`)).toMatchObject({ public_key })
    expect((await nova.listKeypairs(creator)).map((key) => key.name)).toEqual([`${prefix}-key`])
    expect(await nova.findKeypair(operator, `${prefix}-key`)).toBeUndefined()
    expect((await nova.listKeypairs(operator, { userId: creatorId })).map((key) => key.name)).toEqual([`${prefix}-key`])
    expect(await refusal(nova.createKeypair(creator, { name: `${prefix}-key`, public_key }))).toBe(409)
    await nova.deleteKeypair(operator, `${prefix}-key`, { userId: creatorId })
    expect(await nova.findKeypair(creator, `${prefix}-key`)).toBeUndefined()
  })

  test('quotas, and servers', async () => {
    const asked = { cores: 7, ram: 8192, instances: 3 }
    expect(await nova.updateComputeQuota(operator, projectId, asked)).toMatchObject(asked)
    expect(await nova.getComputeQuota(creator, projectId)).toMatchObject(asked)
    expect((await nova.getComputeUsage(operator, projectId))['cores']).toEqual({ limit: 7, in_use: 0, reserved: 0 })
    expect(await refusal(nova.updateComputeQuota(creator, projectId, { cores: 100 }))).toBe(403)
    await nova.deleteComputeQuota(operator, projectId)
    expect((await nova.getComputeQuota(operator, projectId))['cores']).not.toBe(7)
    expect(await nova.listServers(creator)).toEqual([])
    expect(await nova.listServers(operator, { projectId })).toEqual([])
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect(await refusal(nova.getServer(creator, nobody))).toBe(404)
    expect(await refusal(nova.deleteServer(creator, nobody))).toBe(404)
  })
})

describe('network', () => {
  test('a network with a way out, an address, a port and a group, made and taken down', async () => {
    const external = await networks.findNetwork(operator, 'provider-ext', { 'router:external': true })
    const before = await getIpAvailability(operator, external?.id ?? '')
    expect(before.total_ips).toBeGreaterThan(before.used_ips)
    const network = await networks.createNetwork(creator, { name: `${prefix}-net`, description: 'ours' })
    expect(network).toMatchObject({ project_id: projectId, shared: false, description: 'ours' })
    const subnet = await subnets.createSubnet(creator, {
      name: `${prefix}-subnet`,
      network_id: network.id,
      cidr: '10.20.0.0/24',
      ip_version: 4,
      dns_nameservers: ['192.0.2.53'],
      description: 'ours',
    })
    expect(subnet).toMatchObject({ cidr: '10.20.0.0/24', gateway_ip: '10.20.0.1', dns_nameservers: ['192.0.2.53'] })
    const router = await routers.createRouter(creator, {
      name: `${prefix}-router`,
      external_gateway_info: { network_id: external?.id ?? '' },
      description: 'ours',
    })
    expect(router.external_gateway_info).toMatchObject({ enable_snat: true, network_id: external?.id })
    const face = await routers.addRouterInterface(creator, router.id, subnet.id)
    expect(face).toMatchObject({ subnet_id: subnet.id, network_id: network.id })
    expect(await refusal(routers.addRouterInterface(creator, router.id, subnet.id))).toBe(400)
    expect((await ports.listPorts(creator, { device_id: router.id })).map((port) => port.id)).toEqual([face.port_id])
    const address = await floatingIps.createFloatingIp(creator, {
      floating_network_id: external?.id ?? '',
      description: 'ours',
    })
    expect(await floatingIps.getFloatingIp(creator, address.id)).toMatchObject({ project_id: projectId, port_id: null })
    expect((await getIpAvailability(operator, external?.id ?? '')).used_ips).toBe(before.used_ips + 2)
    const port = await ports.createPort(creator, {
      name: `${prefix}-port`,
      network_id: network.id,
      description: 'ours',
    })
    expect(await ports.getPort(creator, port.id)).toMatchObject({
      device_owner: '',
      fixed_ips: [{ subnet_id: subnet.id }],
    })
    const group = await securityGroups.createSecurityGroup(creator, { name: `${prefix}-sg`, description: 'ours' })
    expect((await securityGroups.getSecurityGroup(creator, group.id)).name).toBe(`${prefix}-sg`)
    expect((await securityGroups.listSecurityGroups(creator)).map((one) => one.name).sort()).toEqual([
      `${prefix}-sg`,
      'default',
    ])

    expect((await networks.findNetwork(creator, `${prefix}-net`, { project_id: projectId }))?.id).toBe(network.id)
    expect((await networks.getNetwork(creator, network.id)).subnets).toEqual([subnet.id])
    expect((await networks.listNetworks(creator)).map((one) => one.name)).toContain('provider-ext')
    expect((await networks.updateNetwork(creator, network.id, { description: 'still' })).description).toBe('still')
    expect((await subnets.findSubnet(creator, `${prefix}-subnet`, { network_id: network.id }))?.id).toBe(subnet.id)
    expect((await subnets.updateSubnet(creator, subnet.id, { dns_nameservers: [] })).dns_nameservers).toEqual([])
    expect((await subnets.getSubnet(creator, subnet.id)).enable_dhcp).toBe(true)
    expect((await subnets.listSubnets(operator, { project_id: projectId })).map((one) => one.id)).toEqual([subnet.id])
    expect((await routers.findRouter(creator, `${prefix}-router`, {}))?.id).toBe(router.id)
    expect((await routers.getRouter(creator, router.id)).status).toBe('ACTIVE')
    expect(await routers.listRouters(operator, { project_id: projectId })).toHaveLength(1)
    expect(await floatingIps.listFloatingIps(operator, { project_id: projectId })).toHaveLength(1)

    const other = (await operator.token()).projectId ?? ''
    const shared = await rbacPolicies.createRbacPolicy(creator, {
      object_type: 'network',
      object_id: network.id,
      action: 'access_as_shared',
      target_tenant: other,
    })
    expect(
      (await rbacPolicies.listRbacPolicies(operator, { object_id: network.id })).map((one) => one.target_tenant),
    ).toEqual([other])
    await rbacPolicies.deleteRbacPolicy(creator, shared.id)

    await securityGroups.deleteSecurityGroup(creator, group.id)
    await ports.deletePort(creator, port.id)
    await floatingIps.deleteFloatingIp(creator, address.id)
    expect(
      (await routers.updateRouter(creator, router.id, { external_gateway_info: null })).external_gateway_info,
    ).toBeNull()
    expect(await refusal(routers.deleteRouter(creator, router.id))).toBe(409)
    await routers.removeRouterInterface(creator, router.id, subnet.id)
    await routers.deleteRouter(creator, router.id)
    await subnets.deleteSubnet(creator, subnet.id)
    await networks.deleteNetwork(creator, network.id)
    expect(await networks.findNetwork(creator, `${prefix}-net`, { project_id: projectId })).toBeUndefined()
    for (const one of await securityGroups.listSecurityGroups(operator)) {
      if (one.project_id === projectId) await securityGroups.deleteSecurityGroup(operator, one.id)
    }
  })

  test('quotas', async () => {
    expect(await networkQuotas.updateNetworkQuota(operator, projectId, { network: 3, floatingip: 2 })).toMatchObject({
      network: 3,
    })
    expect(await networkQuotas.getNetworkQuota(creator, projectId)).toMatchObject({ network: 3, floatingip: 2 })
    expect((await networkQuotas.getNetworkUsage(operator, projectId))['network']).toEqual({
      limit: 3,
      used: 0,
      reserved: 0,
    })
    await networkQuotas.deleteNetworkQuota(operator, projectId)
    expect(await refusal(networkQuotas.deleteNetworkQuota(operator, projectId))).toBe(404)
  })
})

test('over TLS every service is reached with the CA of the lab, and none without it', async () => {
  const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
  const from = { env: { OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, home: '/', cwd: '/', readText }
  const { endpoint, auth, caFile } = await loadCloud({ name: 'lab-tls' }, from)
  const secure = createTransport({ ca: await readCa(caFile ?? '', { readText, now: new Date() }) })
  const session = openSession({ actor: 'operator', endpoint, auth, fetch: secure.fetch })
  expect((await networks.listNetworks(session)).map((network) => network.name)).toContain('provider-ext')
  expect((await glance.listImages(session)).length).toBeGreaterThan(0)
  const wanted = [
    'network',
    'compute',
    'image',
    'block-storage',
    'load-balancer',
    'key-manager',
    'container-infra',
  ] as const
  const { catalog, projectId: ofAdmin } = await session.token()
  expect(catalogFindings(catalog, { endpoint, wanted, projectId: ofAdmin })).toEqual([])
  const untrusting = openSession({ actor: 'operator', endpoint, auth, fetch: transport.fetch })
  await expect(untrusting.token()).rejects.toMatchObject({ kind: 'tls' })
  await secure.close()
})

test('images', async () => {
  const ready = (await glance.listImages(creator, { visibility: 'public' })).find(
    (image) => image.kube_version !== undefined,
  )
  expect(ready?.os_distro).toBeDefined()
  expect(await glance.getImage(creator, ready?.id ?? '')).toEqual(ready)
  const made = await glance.createImage(creator, {
    name: `${prefix}-image`,
    visibility: 'private',
    os_distro: 'ubuntu',
  })
  expect((await glance.findImage(creator, `${prefix}-image`))?.os_distro).toBe('ubuntu')
  await glance.deleteImage(creator, made.id)
  expect(await refusal(glance.getImage(creator, made.id))).toBe(404)
})

test('block storage: quotas, types, volumes and snapshots', async () => {
  const asked = { volumes: 4, gigabytes: 100 }
  expect(await cinder.updateBlockStorageQuota(operator, projectId, asked)).toMatchObject(asked)
  expect(await cinder.getBlockStorageQuota(creator, projectId)).toMatchObject(asked)
  expect((await cinder.getBlockStorageUsage(operator, projectId))['volumes']).toEqual({
    limit: 4,
    in_use: 0,
    reserved: 0,
  })
  expect((await cinder.listVolumeTypes(creator)).map((type) => type.name)).toContain('standard')
  const volume = await cinder.createVolume(creator, { name: `${prefix}-vol`, size: 1 })
  expect((await cinder.getVolume(creator, volume.id)).size).toBe(1)
  expect((await cinder.listVolumes(creator)).map((one) => one.id)).toEqual([volume.id])
  expect((await cinder.listVolumes(operator, { projectId }))[0]?.['os-vol-tenant-attr:tenant_id']).toBe(projectId)
  expect(await cinder.listVolumeSnapshots(operator, { projectId })).toEqual([])
  expect(await refusal(cinder.deleteVolumeSnapshot(creator, volume.id))).toBe(404)
  // the lab has no cinder-volume: a volume is `creating`, which refuses, or in time `error`, which does not
  const refused = await refusal(cinder.deleteVolume(creator, volume.id))
  expect([undefined, 400]).toContain(refused)
  const path = `/volumes/${volume.id}/action`
  const force = { service: 'block-storage', method: 'POST', path, body: { 'os-force_delete': {} } } as const
  if (refused !== undefined) await operator.request(force)
  await cinder.deleteBlockStorageQuota(operator, projectId)
})

test('secrets', async () => {
  const id = await barbican.createStoredSecret(operator, {
    name: prefix,
    payload: new Secret('hush'),
    expiration: new Date(Date.now() + 600_000).toISOString(),
  })
  expect(await barbican.getStoredSecret(operator, id)).toMatchObject({ id, name: prefix, status: 'ACTIVE' })
  expect((await barbican.getStoredPayload(operator, id)).reveal()).toBe('hush')
  expect((await barbican.listStoredSecrets(operator, { name: prefix })).map((one) => one.id)).toEqual([id])
  await barbican.deleteStoredSecret(operator, id)
  expect(await refusal(barbican.getStoredSecret(operator, id))).toBe(404)
  expect(Array.isArray(await barbican.listSecretContainers(operator))).toBe(true)
  expect(await refusal(barbican.deleteSecretContainer(operator, id))).toBe(404)
})

describe('with a network', () => {
  let networkId = ''
  let subnetId = ''
  let routerId = ''
  let externalId = ''

  beforeAll(async () => {
    externalId = (await networks.findNetwork(operator, 'provider-ext', {}))?.id ?? ''
    networkId = (await networks.createNetwork(creator, { name: `${prefix}-net` })).id
    subnetId = (
      await subnets.createSubnet(creator, {
        name: `${prefix}-subnet`,
        network_id: networkId,
        cidr: '10.21.0.0/24',
        ip_version: 4,
      })
    ).id
    routerId = (
      await routers.createRouter(creator, {
        name: `${prefix}-router`,
        external_gateway_info: { network_id: externalId },
      })
    ).id
    await routers.addRouterInterface(creator, routerId, subnetId)
    await nova.createKeypair(creator, { name: `${prefix}-key`, public_key: sshPublicKey() })
  })

  afterAll(async () => {
    await nova.deleteKeypair(creator, `${prefix}-key`)
    await routers.removeRouterInterface(creator, routerId, subnetId)
    await routers.deleteRouter(creator, routerId)
    await subnets.deleteSubnet(creator, subnetId)
    await networks.deleteNetwork(creator, networkId)
    for (const one of await securityGroups.listSecurityGroups(operator)) {
      if (one.project_id === projectId) await securityGroups.deleteSecurityGroup(operator, one.id)
    }
  })

  test('load balancers and their quotas', async () => {
    expect(await octavia.updateLoadBalancerQuota(operator, projectId, { load_balancer: 2 })).toMatchObject({
      load_balancer: 2,
    })
    expect(await octavia.getLoadBalancerQuota(creator, projectId)).toMatchObject({ load_balancer: 2 })
    const made = await octavia.createLoadBalancer(creator, {
      name: `${prefix}-lb`,
      vip_subnet_id: subnetId,
      description: 'ours',
    })
    await eventually(60, async () =>
      (await octavia.getLoadBalancer(creator, made.id)).provisioning_status === 'ACTIVE' ? true : undefined,
    )
    expect((await octavia.listLoadBalancers(operator, { project_id: projectId })).map((one) => one.id)).toEqual([
      made.id,
    ])
    await octavia.deleteLoadBalancer(creator, made.id)
    await eventually(60, () => isGone(octavia.getLoadBalancer(creator, made.id)))
    await octavia.deleteLoadBalancerQuota(operator, projectId)
    expect((await octavia.getLoadBalancerQuota(operator, projectId))['load_balancer']).not.toBe(2)
  })

  test('a template, a cluster with its CA and stack, and the quota', async () => {
    expect(await clusterQuotas.updateClusterQuota(operator, projectId, 2)).toBe(2)
    expect(await clusterQuotas.updateClusterQuota(operator, projectId, 1)).toBe(1)
    expect(await clusterQuotas.getClusterQuota(creator, projectId)).toBe(1)
    expect((await listConductors(operator)).map((one) => one.binary)).toContain('magnum-conductor')
    const image = (await glance.listImages(creator)).find((one) => one.kube_version !== undefined)
    const flavor = (await nova.listFlavors(creator)).find((one) => one.vcpus >= 2 && one.ram >= 2048)
    const template = await templates.createClusterTemplate(creator, {
      name: `${prefix}-k8s`,
      coe: 'kubernetes',
      image_id: image?.id ?? '',
      external_network_id: externalId,
      keypair_id: `${prefix}-key`,
      flavor_id: flavor?.name ?? '',
      master_flavor_id: flavor?.name ?? '',
      fixed_network: networkId,
      fixed_subnet: subnetId,
      network_driver: 'calico',
      docker_storage_driver: 'overlay2',
      master_lb_enabled: true,
      floating_ip_enabled: true,
      labels: { kube_tag: image?.kube_version ?? '' },
    })
    expect(await templates.getClusterTemplate(creator, template.uuid)).toMatchObject({
      fixed_network: networkId,
      user_id: creatorId,
    })
    expect((await templates.findClusterTemplate(creator, `${prefix}-k8s`, { projectId }))?.uuid).toBe(template.uuid)
    expect((await templates.listClusterTemplates(operator)).map((one) => one.uuid)).toContain(template.uuid)
    const uuid = await clusters.createCluster(creator, {
      name: `${prefix}-cluster`,
      cluster_template_id: template.uuid,
      keypair: `${prefix}-key`,
      node_count: 1,
      master_count: 1,
      create_timeout: 60,
    })
    // for a moment after the yes the cluster itself is still a 404
    const stackId = await eventually(90, async () => {
      const seen = (await clusters.listClusters(creator)).find((one) => one.uuid === uuid)
      return seen?.stack_id ?? undefined
    })
    expect(await clusters.getCluster(creator, uuid)).toMatchObject({
      project_id: projectId,
      user_id: creatorId,
      status: 'CREATE_IN_PROGRESS',
    })
    expect((await clusters.listClusters(creator)).map((one) => one.uuid)).toEqual([uuid])
    expect((await clusters.listClustersInDetail(creator))[0]).toMatchObject({ uuid, project_id: projectId })
    const all = await clusters.listClustersInDetail(operator)
    expect(all.find((one) => one.uuid === uuid)?.user_id).toBe(creatorId)
    const stack = await heat.findStack(creator, stackId)
    expect(stack?.stack_status).toBe('CREATE_IN_PROGRESS')
    expect(
      (await heat.listStackResources(creator, { stack_name: stack?.stack_name ?? '', id: stackId })).length,
    ).toBeGreaterThan(5)
    expect(await heat.listStacks(creator)).toHaveLength(1)
    const ca = new x509.X509Certificate(await getClusterCa(creator, uuid))
    const signed = new x509.X509Certificate(await signCertificate(creator, uuid, await certificateRequest()))
    expect(await signed.verify({ publicKey: ca.publicKey, signatureOnly: true })).toBe(true)
    expect((await trusts.listTrusts(operator, { trustor_user_id: creatorId })).length).toBeGreaterThan(0)
    expect(await refusal(templates.deleteClusterTemplate(creator, template.uuid))).toBe(400)
    // accepted by the API, and refused by the conductor while the cluster is being made
    await clusters.resizeCluster(creator, uuid, 2)
    await clusters.deleteCluster(creator, uuid)
    await eventually(180, () => isGone(clusters.getCluster(creator, uuid)))
    await templates.deleteClusterTemplate(creator, template.uuid)
    await clusterQuotas.deleteClusterQuota(operator, projectId)
  }, 300_000)
})

function sshPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return sshpk.parseKey(publicKey.export({ type: 'spki', format: 'pem' }), 'pem').toString('ssh')
}

async function certificateRequest(): Promise<string> {
  x509.cryptoProvider.set(webcrypto)
  const signingAlgorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  }
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=admin, O=system:masters',
    keys,
    signingAlgorithm,
  })
  return request.toString('pem')
}
