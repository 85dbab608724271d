/**
 * The whole state of the cloud, as plain rows. OpenStack's fields keep their wire names; what a service never shows (a
 * password's hash, a token) is ours and camelCase. Rows are replaced, never changed in place.
 */
import { Table } from './table.ts'
import type { Json } from './json.ts'

export type Domain = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly tags: readonly string[]
  readonly options: Json
  /** Its users and groups are in LDAP, which Keystone only reads. `file`: configured by a file, of which the API shows nothing. */
  readonly ldap?: 'file' | 'api'
}

export type Project = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly description: string
  readonly enabled: boolean
  readonly parent_id: string
  readonly tags: readonly string[]
  readonly options: Json
}

export type User = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly enabled: boolean
  readonly default_project_id: string | undefined
  /** `description`, `email` and every other field of the client. */
  readonly extra: Json
  readonly options: Json
  readonly passwordHash: string | undefined
  /** Milliseconds; from then on it may only be exchanged. */
  readonly passwordExpiresAt?: number | undefined
  /** Hashes, the present one last. */
  readonly passwordHistory?: readonly string[] | undefined
  /** Milliseconds; absent: another account set it. */
  readonly passwordChangedByUserAt?: number | undefined
  /** The second of the latest change of its password: tokens issued in it or before it are void. */
  readonly tokensEndedAt?: number | undefined
}

/** Of a project, in Keystone (unified limits). */
export type ProjectLimit = {
  readonly id: string
  readonly project_id: string
  readonly service_id: string
  readonly region_id: string | null
  readonly resource_name: string
  readonly resource_limit: number
}

export type Group = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly description: string
  /** What a client sent beside it: Keystone keeps and shows it. */
  readonly extra?: Json
}

export type Role = {
  readonly id: string
  readonly name: string
  readonly domain_id: string | null
  readonly description: string | null
  readonly options: Json
  /** As of a group. */
  readonly extra?: Json
}

export type Grant = {
  readonly actor: 'users' | 'groups'
  readonly actorId: string
  readonly on: 'projects' | 'domains' | 'system'
  /** `system` for a grant on the system. */
  readonly targetId: string
  readonly roleId: string
  readonly isInherited: boolean
}

export type Membership = { readonly groupId: string; readonly userId: string }

/** A holder of `priorId` also holds `impliedId`. */
export type Inference = { readonly priorId: string; readonly impliedId: string }

export type TokenScope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' }
  | { readonly kind: 'trust'; readonly id: string }

/** The content of a Fernet token; everything else is looked up again whenever it is shown. */
export type Token = {
  readonly id: string
  readonly userId: string
  readonly methods: readonly string[]
  readonly scope: TokenScope
  readonly applicationCredentialId: string | undefined
  readonly auditIds: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  /** Kept until it expires, because faults of its project are reported first. */
  readonly isRevoked: boolean
}

export type Trust = {
  readonly id: string
  readonly trustor_user_id: string
  readonly trustee_user_id: string
  readonly project_id: string | null
  readonly impersonation: boolean
  readonly expires_at: string | null
  readonly remaining_uses: number | null
  readonly redelegated_trust_id: string | null
  readonly redelegation_count: number
  /** Unknown fields that Keystone returns unchanged: `delegation_depth`. */
  readonly extra: Json
  readonly roleIds: readonly string[]
}

export type ApplicationCredential = {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly user_id: string
  readonly project_id: string | null
  readonly expires_at: string | null
  readonly unrestricted: boolean | null
  readonly roleIds: readonly string[]
  /** Absent: it may do all that its roles allow. */
  readonly accessRuleIds?: readonly string[] | undefined
  readonly secretHash: string
}

/** Of a user: it stays when the credential that brought it is deleted. */
export type AccessRule = {
  readonly id: string
  readonly user_id: string
  readonly service: string
  readonly method: string
  readonly path: string
}

export type Credential = {
  readonly id: string
  readonly user_id: string
  readonly project_id: string | null
  readonly type: string
  readonly blob: string
}

export type IdentityProvider = {
  readonly id: string
  readonly domain_id: string
  readonly enabled: boolean
  readonly description: string | null
  readonly remote_ids: readonly string[]
  readonly authorization_ttl: number | null
}

export type FederationProtocol = { readonly id: string; readonly idp_id: string; readonly mapping_id: string }

/** The rules as they were sent. */
export type Mapping = { readonly id: string; readonly rules: readonly unknown[] }

export type ServiceRow = { readonly id: string; readonly name: string; readonly type: string }

export type Flavor = {
  readonly id: string
  readonly name: string
  readonly ram: number
  readonly vcpus: number
  readonly disk: number
  readonly isPublic: boolean
  readonly projects: readonly string[]
}

export type Keypair = {
  readonly name: string
  readonly user_id: string
  readonly public_key: string
  readonly fingerprint: string
  readonly type: string
  readonly createdAt: number
  readonly number: number
}

export type Server = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly project_id: string
  readonly user_id: string
  readonly flavorId: string
  readonly imageId: string
  readonly keyName: string | undefined
  readonly addresses: Json
  readonly locked?: boolean
  readonly createdAt: number
}

export type Image = {
  readonly id: string
  readonly name: string
  readonly visibility: 'public' | 'private' | 'shared' | 'community'
  readonly status: string
  readonly owner: string
  readonly size: number | null
  readonly min_disk: number
  readonly min_ram: number
  readonly disk_format: string | null
  readonly container_format: string | null
  readonly protected: boolean
  readonly tags: readonly string[]
  /** `os_distro`, `kube_version` and every other property: top-level strings on the wire. */
  readonly properties: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly updatedAt: number
}

/** A project with access to a shared image. */
export type ImageMember = { readonly image_id: string; readonly member_id: string; readonly status: string }

type NeutronRow = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly description: string
  readonly tags: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly revision: number
}

export type Network = NeutronRow & {
  readonly admin_state_up: boolean
  readonly mtu: number
  readonly provider: Json
  readonly port_security_enabled: boolean
}

export type AllocationPool = { readonly start: string; readonly end: string }

export type Subnet = NeutronRow & {
  readonly network_id: string
  readonly ip_version: 4 | 6
  readonly cidr: string
  readonly gateway_ip: string | null
  readonly enable_dhcp: boolean
  readonly allocation_pools: readonly AllocationPool[]
  readonly dns_nameservers: readonly string[]
  readonly host_routes: readonly unknown[]
}

export type FixedIp = { readonly subnet_id: string; readonly ip_address: string }

export type Router = NeutronRow & {
  readonly admin_state_up: boolean
  readonly gateway: { readonly network_id: string; readonly enable_snat: boolean } | undefined
  readonly routes?: readonly { readonly destination: string; readonly nexthop: string }[]
}

export type Port = NeutronRow & {
  readonly network_id: string
  readonly mac_address: string
  readonly admin_state_up: boolean
  readonly status: string
  readonly device_id: string
  readonly device_owner: string
  readonly fixed_ips: readonly FixedIp[]
  readonly security_groups: readonly string[]
  readonly port_security_enabled: boolean
  readonly allowed_address_pairs: readonly AddressPair[]
  readonly extra_dhcp_opts: readonly Json[]
}

export type AddressPair = { readonly mac_address: string; readonly ip_address: string }

export type FloatingIp = NeutronRow & {
  readonly floating_ip_address: string
  readonly floating_network_id: string
  readonly port_id: string | null
  readonly fixed_ip_address: string | null
  readonly router_id: string | null
}

export type SecurityGroupRule = {
  readonly id: string
  readonly project_id: string
  readonly security_group_id: string
  readonly ethertype: string
  readonly direction: string
  readonly protocol: string | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
  readonly description: string | null
  readonly createdAt: number
}

export type SecurityGroup = NeutronRow & { readonly rules: readonly SecurityGroupRule[] }

export type RbacPolicy = {
  readonly id: string
  readonly project_id: string
  readonly action: string
  readonly object_type: string
  readonly object_id: string
  readonly target_tenant: string
}

export type VolumeType = {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly isPublic: boolean
}

export type Volume = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly size: number
  readonly project_id: string
  readonly user_id: string
  readonly volumeType: string
  readonly createdAt: number
}

export type LoadBalancer = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly project_id: string
  readonly provisioning_status: string
  readonly operating_status: string
  readonly vip_address: string
  readonly vip_port_id: string
  readonly vip_subnet_id: string
  readonly vip_network_id: string
  readonly createdAt: number
}

/** A pool with its members: Octavia's, and read-only here. */
export type Pool = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly loadBalancerId: string
  readonly members: readonly {
    readonly id: string
    readonly name: string
    readonly address: string
    readonly subnet_id: string | null
  }[]
}

/** What Octavia makes below a balancer besides its pools. */
export type Listener = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly loadBalancerId: string
  readonly protocol_port: number
}

export type HealthMonitor = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly loadBalancerId: string
  readonly pool_id: string
}

export type VolumeSnapshot = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly volume_id: string
  readonly project_id: string
  readonly createdAt: number
}

export type Secret = {
  readonly id: string
  readonly name: string | null
  readonly project_id: string
  readonly creator_id: string
  readonly payload: string | undefined
  readonly contentType: string | undefined
  readonly secretType: string
  /** As the client said; Barbican keeps these and asks nothing of them. */
  readonly algorithm?: string | undefined
  readonly bitLength?: number | undefined
  readonly mode?: string | undefined
  readonly createdAt: number
}

export type SecretContainer = {
  readonly id: string
  readonly name: string | null
  readonly type: string
  readonly project_id: string
  readonly creator_id: string
  readonly secretRefs: readonly { readonly name: string; readonly secret_ref: string }[]
  /** URLs, or what their users give for one. */
  readonly consumers?: readonly string[]
  readonly createdAt: number
}

export type ClusterTemplate = {
  readonly uuid: string
  readonly name: string
  readonly project_id: string
  readonly user_id: string
  /** Fields as sent or defaulted, wire names. */
  readonly fields: Json
  readonly createdAt: number
  readonly updatedAt: number | undefined
}

export type NodeGroup = {
  readonly uuid: string
  readonly name: string
  readonly role: 'master' | 'worker'
  readonly flavor_id: string
  readonly image_id: string
  readonly node_count: number
  /** Its own; absent where it is that of the cluster. */
  readonly status?: string | undefined
  readonly status_reason?: string | undefined
}

export type Cluster = {
  readonly uuid: string
  readonly name: string
  readonly project_id: string
  readonly user_id: string
  readonly cluster_template_id: string
  readonly keypair: string
  readonly status: string
  readonly status_reason: string | null
  readonly health_status: string | null
  readonly stack_id: string | null
  readonly api_address: string | null
  readonly coe_version: string | null
  readonly node_addresses: readonly string[]
  readonly master_addresses: readonly string[]
  readonly node_count: number
  readonly master_count: number
  readonly create_timeout: number
  readonly labels: Json
  readonly labelsOwn: Json
  readonly mergeLabels: boolean
  readonly fixed_network: string | null
  readonly fixed_subnet: string | null
  readonly floating_ip_enabled: boolean
  readonly master_lb_enabled: boolean
  readonly flavor_id: string
  readonly master_flavor_id: string
  readonly docker_volume_size: number | null
  readonly nodeGroups: readonly NodeGroup[]
  readonly trusteeUserId: string | undefined
  readonly trustId: string | undefined
  readonly certificateRefs: Readonly<Record<string, string>>
  /** The driver's objects for it, deleted with it. */
  readonly parts: readonly ClusterPart[]
  readonly createdAt: number
  readonly updatedAt: number | undefined
}

/** An object that the driver made in another service. */
export type ClusterPart = {
  readonly kind:
    | 'server'
    | 'port'
    | 'load-balancer'
    | 'floating-ip'
    | 'network'
    | 'router'
    | 'security-group'
    | 'application-credential'
    | 'failed-machine' // by name: its server was refused, and Cluster API never asks for it again
  readonly id: string
  /** Of a machine. */
  readonly role?: NodeGroup['role']
}

export type MagnumQuota = {
  readonly id: number
  readonly project_id: string
  readonly hard_limit: number
  readonly createdAt: number
  readonly updatedAt: number | undefined
}

/** Something that a service does by itself at a given time. */
export type Job =
  | { readonly kind: 'cluster-create'; readonly at: number; readonly cluster: Cluster; readonly tokenId: string }
  | { readonly kind: 'cluster-complete'; readonly at: number; readonly uuid: string }
  | { readonly kind: 'cluster-delete'; readonly at: number; readonly uuid: string }
  | { readonly kind: 'cluster-gone'; readonly at: number; readonly uuid: string }
  | { readonly kind: 'cluster-resized'; readonly at: number; readonly uuid: string }
  | { readonly kind: 'cluster-health'; readonly at: number; readonly uuid: string }

export type State = {
  readonly domains: Table<Domain>
  readonly projects: Table<Project>
  readonly users: Table<User>
  readonly groups: Table<Group>
  readonly memberships: Table<Membership>
  readonly roles: Table<Role>
  readonly inferences: Table<Inference>
  readonly grants: Table<Grant>
  readonly tokens: Table<Token>
  readonly trusts: Table<Trust>
  readonly applicationCredentials: Table<ApplicationCredential>
  readonly accessRules: Table<AccessRule>
  readonly credentials: Table<Credential>
  readonly limits: Table<ProjectLimit>
  readonly identityProviders: Table<IdentityProvider>
  /** By `<provider>/<protocol>`. */
  readonly federationProtocols: Table<FederationProtocol>
  readonly mappings: Table<Mapping>
  readonly services: Table<ServiceRow>
  readonly flavors: Table<Flavor>
  readonly keypairs: Table<Keypair>
  readonly servers: Table<Server>
  readonly images: Table<Image>
  readonly imageMembers: Table<ImageMember>
  readonly networks: Table<Network>
  readonly subnets: Table<Subnet>
  readonly routers: Table<Router>
  readonly ports: Table<Port>
  readonly floatingIps: Table<FloatingIp>
  readonly securityGroups: Table<SecurityGroup>
  readonly rbacPolicies: Table<RbacPolicy>
  readonly volumeTypes: Table<VolumeType>
  readonly volumes: Table<Volume>
  readonly volumeSnapshots: Table<VolumeSnapshot>
  readonly loadBalancers: Table<LoadBalancer>
  readonly pools: Table<Pool>
  readonly listeners: Table<Listener>
  readonly healthMonitors: Table<HealthMonitor>
  readonly secrets: Table<Secret>
  readonly containers: Table<SecretContainer>
  readonly clusterTemplates: Table<ClusterTemplate>
  readonly clusters: Table<Cluster>
  readonly magnumQuotas: Table<MagnumQuota>
  /** Quotas that were set, by `<service>/<project id>`. Others have the service's default. */
  readonly quotas: Table<Readonly<Record<string, number>>>
  readonly jobs: Table<Job>
}

export function emptyState(): State {
  return {
    domains: new Table(),
    projects: new Table(),
    users: new Table(),
    groups: new Table(),
    memberships: new Table(),
    roles: new Table(),
    inferences: new Table(),
    grants: new Table(),
    tokens: new Table(),
    trusts: new Table(),
    applicationCredentials: new Table(),
    accessRules: new Table(),
    credentials: new Table(),
    limits: new Table(),
    identityProviders: new Table(),
    federationProtocols: new Table(),
    mappings: new Table(),
    services: new Table(),
    flavors: new Table(),
    keypairs: new Table(),
    servers: new Table(),
    images: new Table(),
    imageMembers: new Table(),
    networks: new Table(),
    subnets: new Table(),
    routers: new Table(),
    ports: new Table(),
    floatingIps: new Table(),
    securityGroups: new Table(),
    rbacPolicies: new Table(),
    volumeTypes: new Table(),
    volumes: new Table(),
    volumeSnapshots: new Table(),
    loadBalancers: new Table(),
    pools: new Table(),
    listeners: new Table(),
    healthMonitors: new Table(),
    secrets: new Table(),
    containers: new Table(),
    clusterTemplates: new Table(),
    clusters: new Table(),
    magnumQuotas: new Table(),
    quotas: new Table(),
    jobs: new Table(),
  }
}
