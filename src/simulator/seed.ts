/** The content of a new cloud: the bootstrap of every cloud, and the seed's additions by name. */
import { grantKey } from './services/keystone/grants.ts'
import { hashOf } from './services/keystone/hash.ts'
import { InputError } from '../errors.ts'
import { homesOf, isReleaseAtLeast } from './profile.ts'
import { services } from './services.ts'
import { seedServices } from './services/keystone/catalog.ts'
import type { Fault } from './faults.ts'
import type { Domain, Grant, Project, Role, User } from './state.ts'
import type { PresetName } from './presets.ts'
import type { CapiHelm, Profile, SecurityCompliance, YoungMagnum } from './profile.ts'
import type { World } from './world.ts'

export type Seed = {
  readonly preset?: PresetName
  /** Another release than the preset's: `27.0.1`, `25.0.0 --fixes ossa-2026-015`. */
  readonly release?: string
  /** Another base: `default`, `charm`, or the text of a policy file. */
  readonly base?: 'default' | 'charm' | { readonly file: string; readonly text: string }
  /** The override that `policy build` makes for this base, below the others: a domain manager works, and is bounded. */
  readonly isPersonaBuilt?: boolean
  /** A Magnum younger than the preset's. */
  readonly magnum?: YoungMagnum
  /** Another driver than the preset's. */
  readonly magnumDriver?: Profile['magnumDriver']
  /** Another magnum-capi-helm than usual beside this Magnum. */
  readonly capiHelm?: CapiHelm
  /** Policy files on top of the base, as texts. */
  readonly overrides?: readonly string[]
  readonly faults?: readonly Fault[]
  /** Nova takes its limits from Keystone, and ignores the quotas that it is given. */
  readonly hasUnifiedLimits?: boolean
  /** `[security_compliance]` of keystone.conf. */
  readonly securityCompliance?: SecurityCompliance
  readonly domains?: readonly SeedDomain[]
  /** Roles besides those of every cloud. */
  readonly roles?: readonly string[]
  readonly images?: readonly SeedImage[]
  readonly flavors?: readonly SeedFlavor[]
  /** The external network's pool, inclusive. */
  readonly externalPool?: { readonly start: string; readonly end: string }
}

export type SeedDomain = {
  readonly name: string
  readonly description?: string
  readonly enabled?: boolean
  /** Its users are in LDAP, which Keystone only reads: configured by a file, or by the API. */
  readonly ldap?: 'file' | 'api'
  readonly projects?: readonly (string | SeedProject)[]
  readonly users?: readonly SeedUser[]
}

export type SeedProject = { readonly name: string; readonly description?: string }

export type SeedUser = {
  readonly name: string
  readonly password?: string
  readonly description?: string
  readonly grants?: readonly SeedGrant[]
}

/** A role on a project of the user's domain, on a domain (`true`: the user's own), or on the system. */
export type SeedGrant = {
  readonly role: string
  readonly project?: string
  readonly domain?: true | string
  readonly system?: true
  readonly isInherited?: true
}

export type SeedImage = {
  readonly name: string
  readonly visibility?: 'public' | 'private' | 'shared' | 'community'
  readonly properties?: Readonly<Record<string, string>>
}

export type SeedFlavor = {
  readonly name: string
  readonly vcpus: number
  readonly ram: number
  readonly disk?: number
  readonly isPublic?: boolean
}

const ROLES = [
  'admin',
  'manager',
  'member',
  'reader',
  'service',
  'creator',
  'load-balancer_member',
  'load-balancer_admin',
  'heat_stack_user',
  'heat_stack_owner',
]

const FLAVORS: readonly SeedFlavor[] = [
  { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 },
  { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 },
  { name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 },
  { name: 'm1.large', vcpus: 4, ram: 8192, disk: 80 },
  { name: 'gp.mid', vcpus: 2, ram: 4096, disk: 40 },
  { name: 'capi.node', vcpus: 4, ram: 8192, disk: 80 },
]

export function fill(world: World, seed: Seed, adminPassword: string): void {
  seedServices(world)
  seedRoles(world, [...ROLES, ...(seed.roles ?? [])])
  const homes = homesOf(world.profile)
  addDomain(world, { name: 'Default', description: 'The default domain' }, 'default')
  for (const name of new Set([homes.adminDomain, homes.serviceDomain])) {
    if (name !== 'Default') addDomain(world, { name, description: 'Created by Juju' })
  }
  addDomainContents(world, {
    name: homes.adminDomain,
    projects: [{ name: 'admin', description: 'Bootstrap project for initializing the cloud.' }],
    users: [{ name: 'admin', password: adminPassword, grants: adminGrants(world) }],
  })
  addDomainContents(world, {
    name: homes.serviceDomain,
    projects: [homes.serviceProject],
    users: services
      .filter(({ type }) => type !== 'identity')
      .map(({ name }) => ({
        name,
        password: name === world.magnum.service.name ? world.magnum.service.password : adminPassword,
        grants: ['admin', 'service'].map((role) => ({ role, project: homes.serviceProject })),
      })),
  })
  addDomain(world, { name: 'heat', description: 'owns heat users' })
  const { domainAdmin } = world.magnum
  addDomain(world, {
    name: domainAdmin.domain,
    description: 'owns magnum users',
    users: [{ name: domainAdmin.name, password: domainAdmin.password, grants: [{ role: 'admin', domain: true }] }],
  })
  seedImages(world, seed.images ?? [imageFor(world)])
  seedFlavors(world, seed.flavors ?? FLAVORS)
  seedVolumeTypes(world)
  seedExternalNetwork(world, seed.externalPool ?? { start: '203.0.113.10', end: '203.0.113.250' })
  for (const domain of seed.domains ?? []) addDomain(world, domain)
}

/** A charmed cloud's admin also holds the role on the domain. */
function adminGrants(world: World): readonly SeedGrant[] {
  const usual: readonly SeedGrant[] = [
    { role: 'admin', project: 'admin' },
    { role: 'admin', system: true },
  ]
  return world.profile.adminProject === undefined ? usual : [...usual, { role: 'admin', domain: true }]
}

/** keystone-manage bootstrap: `manager` between `admin` and `member` came with 24.0.0 (2023.2). */
function seedRoles(world: World, names: readonly string[]): void {
  const hasManager = isReleaseAtLeast(world.profile, '2024.1')
  const immutable = ['admin', 'member', 'reader', ...(hasManager ? ['manager', 'service'] : [])]
  for (const wanted of new Set(names)) {
    const name = wanted === 'admin' ? adminRoleName(world) : wanted
    const options = immutable.includes(wanted) ? { immutable: true } : {}
    const row: Role = { id: world.ids.hex(), name, domain_id: null, description: null, options }
    world.state.roles.set(row.id, row)
  }
  const chain = hasManager ? ['admin', 'manager', 'member', 'reader'] : ['admin', 'member', 'reader']
  chain.slice(1).forEach((implied, index) => {
    const priorId = roleId(world, chain[index] ?? '')
    const impliedId = roleId(world, implied)
    world.state.inferences.set(`${priorId}/${impliedId}`, { priorId, impliedId })
  })
}

/** charm-keystone's `admin-role` option. Policies and services ignore case. */
function adminRoleName(world: World): string {
  return world.profile.adminProject === undefined ? 'admin' : 'Admin'
}

function roleId(world: World, wanted: string): string {
  const name = wanted === 'admin' ? adminRoleName(world) : wanted
  const row = world.state.roles.find((role) => role.name === name)
  if (row === undefined) throw new InputError(`the seed names the role \`${name}\`, which does not exist`)
  return row.id
}

function addDomain(world: World, wanted: SeedDomain, id = world.ids.hex()): void {
  const row: Domain = {
    id,
    name: wanted.name,
    description: wanted.description ?? '',
    enabled: wanted.enabled ?? true,
    tags: [],
    options: {},
    ...(wanted.ldap === undefined ? {} : { ldap: wanted.ldap }),
  }
  world.state.domains.set(id, row)
  addDomainContents(world, wanted)
}

function addDomainContents(world: World, wanted: SeedDomain): void {
  const domain = domainOf(world, wanted.name)
  for (const project of wanted.projects ?? []) {
    addProject(world, domain, typeof project === 'string' ? { name: project } : project)
  }
  for (const user of wanted.users ?? []) addUser(world, domain, user)
}

function domainOf(world: World, name: string): Domain {
  const row = world.state.domains.find((domain) => domain.name === name)
  if (row === undefined) throw new InputError(`the seed names the domain \`${name}\`, which does not exist`)
  return row
}

function addProject(world: World, domain: Domain, wanted: SeedProject): void {
  const row: Project = {
    id: world.ids.hex(),
    name: wanted.name,
    domain_id: domain.id,
    description: wanted.description ?? '',
    enabled: true,
    parent_id: domain.id,
    tags: [],
    options: {},
  }
  world.state.projects.set(row.id, row)
}

function addUser(world: World, domain: Domain, wanted: SeedUser): void {
  const row: User = {
    // a hash of the entry. keystone 22.0.2, keystone/identity/id_generators/sha256.py
    id: domain.ldap === undefined ? world.ids.hex() : `${world.ids.hex()}${world.ids.hex()}`,
    name: wanted.name,
    domain_id: domain.id,
    enabled: true,
    default_project_id: undefined,
    extra: wanted.description === undefined ? {} : { description: wanted.description },
    options: {},
    passwordHash: wanted.password === undefined ? undefined : hashOf(wanted.password),
  }
  world.state.users.set(row.id, row)
  for (const grant of wanted.grants ?? []) addGrant(world, domain, row, grant)
}

function addGrant(world: World, domain: Domain, user: User, wanted: SeedGrant): void {
  const roleRow = roleId(world, wanted.role)
  const common = {
    actor: 'users',
    actorId: user.id,
    roleId: roleRow,
    isInherited: wanted.isInherited === true,
  } as const
  const grant: Grant =
    wanted.system === true
      ? { ...common, on: 'system', targetId: 'system' }
      : wanted.project === undefined
        ? {
            ...common,
            on: 'domains',
            targetId: typeof wanted.domain === 'string' ? domainOf(world, wanted.domain).id : domain.id,
          }
        : { ...common, on: 'projects', targetId: projectOf(world, domain, wanted.project).id }
  world.state.grants.set(grantKey(grant), grant)
}

function projectOf(world: World, domain: Domain, name: string): Project {
  const row = world.state.projects.find((project) => project.name === name && project.domain_id === domain.id)
  if (row === undefined) throw new InputError(`the seed names the project \`${name}\`, which does not exist`)
  return row
}

function imageFor(world: World): SeedImage {
  return world.profile.magnumDriver === 'heat'
    ? {
        name: 'fedora-coreos-k8s',
        visibility: 'public',
        properties: { os_distro: 'fedora-coreos', os_type: 'linux', kube_version: 'v1.23.3' },
      }
    : {
        name: 'ubuntu-2204-kube-v1.28.8',
        visibility: 'public',
        properties: { os_distro: 'ubuntu', os_type: 'linux', kube_version: 'v1.28.8' },
      }
}

function adminProjectId(world: World): string {
  return projectOf(world, domainOf(world, homesOf(world.profile).adminDomain), 'admin').id
}

function seedImages(world: World, wanted: readonly SeedImage[]): void {
  for (const image of wanted) {
    const id = world.ids.uuid()
    world.state.images.set(id, {
      id,
      name: image.name,
      visibility: image.visibility ?? 'public',
      status: 'active',
      owner: adminProjectId(world),
      size: 1152,
      min_disk: 10,
      min_ram: 0,
      disk_format: 'raw',
      container_format: 'bare',
      protected: false,
      tags: [],
      properties: image.properties ?? {},
      createdAt: world.now(),
      updatedAt: world.now(),
    })
  }
}

function seedFlavors(world: World, wanted: readonly SeedFlavor[]): void {
  wanted.forEach((flavor, index) => {
    const id = String(index + 1)
    const { name, ram, vcpus } = flavor
    const row = { id, name, ram, vcpus, disk: flavor.disk ?? 20, isPublic: flavor.isPublic ?? true, projects: [] }
    world.state.flavors.set(id, row)
  })
}

function seedVolumeTypes(world: World): void {
  for (const [name, description] of [
    ['standard', null],
    ['__DEFAULT__', 'Default Volume Type'],
  ] as const) {
    const id = world.ids.uuid()
    world.state.volumeTypes.set(id, { id, name, description, isPublic: true })
  }
}

function seedExternalNetwork(world: World, pool: { readonly start: string; readonly end: string }): void {
  const now = world.now()
  const owner = adminProjectId(world)
  const common = { project_id: owner, description: '', tags: [], createdAt: now, updatedAt: now, revision: 1 }
  const network = {
    id: world.ids.uuid(),
    name: 'provider-ext',
    admin_state_up: true,
    mtu: 1500,
    provider: {
      'provider:network_type': 'flat',
      'provider:physical_network': 'physnet1',
      'provider:segmentation_id': null,
    },
    port_security_enabled: true,
    ...common,
  }
  world.state.networks.set(network.id, network)
  const subnetId = world.ids.uuid()
  world.state.subnets.set(subnetId, {
    id: subnetId,
    name: 'provider-ext-v4',
    network_id: network.id,
    ip_version: 4,
    cidr: '203.0.113.0/24',
    gateway_ip: '203.0.113.1',
    enable_dhcp: false,
    allocation_pools: [pool],
    dns_nameservers: [],
    host_routes: [],
    ...common,
  })
  const rbacId = world.ids.uuid()
  world.state.rbacPolicies.set(rbacId, {
    id: rbacId,
    project_id: owner,
    action: 'access_as_external',
    object_type: 'network',
    object_id: network.id,
    target_tenant: '*',
  })
}
