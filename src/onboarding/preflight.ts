import { CloudError } from '../errors.ts'
import { catalogFindings } from '../openstack/catalog-findings.ts'
import type { ServiceType } from '../openstack/catalog.ts'
import type { Endpoint } from '../openstack/options.ts'
import type { Quotas } from '../tenant/spec.ts'
import type { Finding } from '../finding.ts'
import type { Image } from '../openstack/glance.ts'
import { findDomain, getDomainConfig } from '../openstack/keystone/domains.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { RoleInference } from '../openstack/keystone/roles.ts'
import { getIpAvailability } from '../openstack/neutron/ip-availability.ts'
import type { IpAvailability } from '../openstack/neutron/ip-availability.ts'
import type { Network } from '../openstack/neutron/networks.ts'
import type { Subnet } from '../openstack/neutron/subnets.ts'
import type { Flavor } from '../openstack/nova.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { Token } from '../openstack/token.ts'
import { accountRoles, managerRole } from '../tenant/actors.ts'
import type { Actor } from '../tenant/actors.ts'
import { firstFree, overlaps } from '../tenant/cidr.ts'
import type { Check } from '../tenant/stage.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import { readCloud, wantsOf } from './cloud-readings.ts'
import type { CloudReadings, ReadCloud } from './cloud-readings.ts'
import { Perimeter } from './perimeter.ts'

/*
 * Whether the cloud has what the tenant needs: reads by the operator, and choices made from them. Nothing is
 * changed; whether the policy works is for the probes to say (src/isolation/).
 */

export type Preflight = {
  readonly perimeter: Perimeter
  /** Whether everything that a tenant is built on is there; `findings` says what is not. */
  readonly isBuildable: boolean
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
}

/** Everything that preflight reads, so that the choices below are pure. */
type Readings = CloudReadings & {
  readonly hasForeignUsers: boolean
  readonly ownProjects: ReadonlyMap<string, string>
}

type NetworkReadings = Pick<Readings, 'externals' | 'subnets' | 'ownProjects'>

/** A prefix by the name of its project. */
export type Allotted = { readonly [project: string]: string | undefined }

export type PreflightOptions = {
  readonly endpoint: Endpoint
  readonly now: () => Date
  /** What is the same for every tenant, where a fleet has read it; read anew where absent. */
  readonly readings?: ReadCloud | undefined
  /** Prefixes by project name, where they were allotted over a whole fleet: they overlap nothing. */
  readonly allotted?: Allotted | undefined
}

/** Magnum refuses less: magnum_capi_helm/driver.py, and kubeadm would not start on it. */
const smallest = { vcpus: 2, ram: 2048 } as const

/** `operator` with a memory asks nothing twice. */
export async function preflight(
  tenant: Tenant,
  operator: Session<'operator'>,
  options: PreflightOptions,
): Promise<Preflight> {
  const { session: snapshot, exchanges } = operator.recording()
  const read = options.readings ?? ((wants) => readCloud(snapshot, wants, options.now))
  const [cloud, own] = await Promise.all([read(wantsOf(tenant)), readOwn(tenant, snapshot)])
  const readings: Readings = { ...cloud, ...own }
  const record = new PreflightRecord(tenant)
  record.findings.push(...judgeCatalog(tenant, readings.token, options.endpoint))
  const identity = judgeIdentity(tenant, readings, record)
  const machines = wantsCluster(tenant) ? judgeMachines(tenant, readings, record) : {}
  const network = wantsNetwork(tenant)
    ? await judgeNetwork(tenant, readings, record, snapshot, options.allotted ?? {})
    : { cidrs: {} }
  const asked = exchanges.map((exchange) => exchange.requestId).filter((id) => id !== undefined)
  const requestIds = [...new Set([...cloud.requestIds, ...asked])]
  const checks = record.checks.map((check) => ({ ...check, requestIds }))
  const isBuildable = !record.findings.some((finding) => finding.severity === 'error')
  const perimeter = new Perimeter({ ...identity, ...machines, ...network })
  return { perimeter, isBuildable, checks, findings: record.findings }
}

function wantsCluster(tenant: Tenant): boolean {
  return wantsOf(tenant).cluster
}

function wantsNetwork(tenant: Tenant): boolean {
  return wantsOf(tenant).network
}

async function readOwn(
  tenant: Tenant,
  session: Session<'operator'>,
): Promise<Pick<Readings, 'hasForeignUsers' | 'ownProjects'>> {
  const domain = await findDomain(session, tenant.names.domain)
  if (domain === undefined) return { hasForeignUsers: false, ownProjects: new Map() }
  const [projects, config] = await Promise.all([
    listProjects(session, { domain_id: domain.id }),
    findDomainConfig(session, domain.id),
  ])
  return {
    hasForeignUsers: config !== undefined,
    ownProjects: new Map(projects.map((project) => [project.id, project.name])),
  }
}

/** A domain with a driver of its own keeps its users elsewhere (LDAP). Keystone says 404 when it has none. */
async function findDomainConfig(session: Session<'operator'>, id: string): Promise<unknown> {
  try {
    return await getDomainConfig(session, id)
  } catch (error) {
    if (refusalOf(error) === 404 || refusalOf(error) === 403) return undefined
    throw error
  }
}

/** Collects what is claimed and found of what an operator provides. `reader` is who reads it. */
export class PreflightRecord {
  readonly findings: Finding[] = []
  readonly checks: Omit<Check, 'requestIds'>[] = []
  readonly #tenant: Tenant
  readonly #reader: Actor

  constructor(tenant: Tenant, reader: Actor = 'operator') {
    this.#tenant = tenant
    this.#reader = reader
  }

  get isOfOperator(): boolean {
    return this.#reader === 'operator'
  }

  /** How far the reader sees. */
  get horizon(): string {
    return this.isOfOperator ? 'of the cloud' : 'that the tenant sees'
  }

  /** Where a choice is written down. */
  get file(): string {
    return this.isOfOperator ? 'cloud.yaml' : 'the tenant file, below `overrides`'
  }

  /** A claim, and the finding if it does not hold. */
  claim(claim: string, ok: boolean, value: unknown, otherwise?: Omit<Finding, 'severity' | 'owner'>): void {
    const reach = this.isOfOperator ? 'perimeter' : 'tenant could'
    this.checks.push({ claim, ok, value, actor: this.#reader, reach })
    if (!ok && otherwise !== undefined) this.findings.push({ ...otherwise, severity: 'error', owner: 'operator' })
  }

  note(severity: 'warning' | 'info', finding: Omit<Finding, 'severity' | 'owner' | 'where'>): void {
    this.findings.push({ ...finding, severity, where: `domain ${this.#tenant.names.domain}`, owner: 'operator' })
  }
}

/** A service that is missing, or reached in a way that gives tokens away, is said before a request meets it. */
function judgeCatalog(tenant: Tenant, { catalog, projectId }: Token, endpoint: Endpoint): readonly Finding[] {
  const wants = (service: keyof Quotas): boolean =>
    tenant.projects.some(({ spec }) => spec.quotas[service] !== undefined)
  const cluster = wantsCluster(tenant)
  const wanted: readonly (readonly [ServiceType, boolean])[] = [
    // the creator's keypair is made in any case
    ['compute', true],
    ['network', wantsNetwork(tenant) || wants('network')],
    ['image', cluster],
    ['block-storage', wants('block_storage')],
    ['load-balancer', wants('load_balancer')],
    ['key-manager', cluster],
    ['container-infra', cluster || wants('container_infra')],
  ]
  const services = wanted.filter(([, isWanted]) => isWanted).map(([service]) => service)
  return catalogFindings(catalog, { endpoint, wanted: services, projectId })
}

function judgeIdentity(tenant: Tenant, readings: Readings, record: PreflightRecord) {
  const { roles, inferences, token, magnumDomain, magnumAdmins, skew } = readings
  const held = token.roles.map((role) => role.name)
  record.claim(
    'the operator holds admin',
    held.some((name) => isRole(name, 'admin')),
    held,
    {
      code: 'preflight/not-admin',
      where: `user ${token.userName}`,
      message: `the operator's token has the roles ${held.join(', ') || 'none'}, and no admin among them`,
      remedy: 'pick the entry of clouds.yaml of an admin with `--cloud`',
    },
  )
  for (const name of [managerRole, ...accountRoles, 'reader']) {
    record.claim(
      `role ${name} exists`,
      roles.some((role) => role.name === name),
      null,
      {
        code: 'preflight/role-missing',
        where: `role ${name}`,
        message: `there is no role \`${name}\``,
        remedy: `openstack role create ${name}`,
      },
    )
  }
  // a native persona lists by `reader`, which `manager` must imply; with an override of ours it need not
  const implied = closure(managerRole, inferences)
  if (!implied.has('member') || !implied.has('reader')) {
    record.note('info', {
      code: 'preflight/inference-missing',
      message: `\`${managerRole}\` does not imply member and reader: a native persona could not list, and the override has to grant it`,
      remedy: `openstack implied role create --implied-role member ${managerRole}`,
    })
  }
  if (skew !== undefined)
    record.claim(
      'the clocks agree within 60 seconds',
      Math.abs(skew) <= 60,
      { seconds: skew },
      {
        code: 'preflight/clock-skew',
        where: 'this machine',
        message: `the cloud's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`,
        remedy: 'set the clock: certificates and tokens are judged by it',
      },
    )
  if (wantsCluster(tenant)) {
    const name = wantsOf(tenant).magnumDomain
    record.claim(
      `Magnum's domain ${name} is enabled`,
      magnumDomain?.enabled === true,
      { id: magnumDomain?.id ?? null },
      {
        code: 'preflight/magnum-domain-missing',
        where: `domain ${name}`,
        message: `Magnum's domain \`${name}\` is ${magnumDomain === undefined ? 'missing' : 'disabled'}: no cluster can get a trustee`,
        remedy:
          'juju run magnum/leader domain-setup (or the Magnum installation guide), or name it as magnum_domain in cloud.yaml',
      },
    )
    if (magnumDomain !== undefined) {
      record.claim(`Magnum's domain ${name} has its admin`, magnumAdmins.length > 0, magnumAdmins, {
        code: 'preflight/magnum-domain-admin-missing',
        where: `domain ${name}`,
        message: 'nobody holds admin on it: Magnum cannot make trustees',
        remedy: `openstack role add --domain ${name} --user magnum_domain_admin --user-domain ${name} admin, or juju run magnum/leader domain-setup`,
      })
    }
  }
  if (readings.hasForeignUsers) {
    record.note('warning', {
      code: 'preflight/foreign-users',
      message:
        'the domain has an identity driver of its own (LDAP?): accounts cannot be made in it unless that driver writes',
      remedy: 'give the tenant a domain without a driver of its own',
    })
  }
  record.note('info', {
    code: 'preflight/default-quota',
    message: 'a domain manager can add projects, and they get the default quota of the cloud',
    remedy: 'keep the defaults small (openstack quota set --class default); audit lists such projects',
  })
  return { roles, magnumDomain }
}

function closure(name: string, inferences: readonly RoleInference[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [name]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { prior_role, implies } of inferences) {
      if (prior_role.name !== at) continue
      for (const role of implies) if (!seen.has(role.name)) open.push(role.name)
      for (const role of implies) seen.add(role.name)
    }
  }
  return seen
}

export function judgeMachines(
  { facts }: Tenant,
  { images, flavors }: Pick<Readings, 'images' | 'flavors'>,
  record: PreflightRecord,
) {
  const ready = images.filter(
    (image) => image.status === 'active' && image.os_distro !== undefined && image.kube_version !== undefined,
  )
  const named =
    facts.image === undefined ? ready : images.filter((image) => image.id === facts.image || image.name === facts.image)
  const [image] = named
  const list = named.map((one) => `${one.name ?? ''} ${one.id}`).join(', ')
  if (named.length > 1) {
    record.claim('one public image is the one for Kubernetes', false, list, {
      code: 'preflight/image-ambiguous',
      where: facts.image === undefined ? 'images' : `image ${facts.image}`,
      message: `${named.length} public images ${facts.image === undefined ? 'are ready for Magnum' : 'have this name'}: ${list}`,
      remedy: `put the UUID of one as \`image\` into ${record.file}`,
    })
  } else {
    const isReady = image !== undefined && ready.includes(image)
    record.claim(
      'a public image is ready for Kubernetes',
      isReady,
      { id: image?.id ?? null, os_distro: image?.os_distro ?? null, kube_version: image?.kube_version ?? null },
      {
        code: 'preflight/image-missing',
        where: `image ${facts.image ?? ''}`.trim(),
        message:
          image === undefined
            ? 'there is no public image of it with `os_distro` and `kube_version`'
            : `\`${image.name ?? image.id}\` lacks ${lacking(image)}`,
        remedy:
          image === undefined
            ? 'upload one, public, with both properties'
            : `openstack image set --property os_distro=... --property kube_version=... ${image.id}`,
      },
    )
  }
  const flavor = judgeFlavor('flavor', facts.flavor, flavors, record)
  const masterFlavor =
    facts.master_flavor === undefined ? flavor : judgeFlavor('master_flavor', facts.master_flavor, flavors, record)
  return {
    ...(image === undefined ? {} : { image: { id: image.id, name: image.name ?? image.id } }),
    flavor,
    masterFlavor,
  }
}

function lacking(image: Image): string {
  if (image.status !== 'active') return `its data (it is ${image.status})`
  return [image.os_distro === undefined ? 'os_distro' : '', image.kube_version === undefined ? 'kube_version' : '']
    .filter((one) => one !== '')
    .join(' and ')
}

function judgeFlavor(
  key: 'flavor' | 'master_flavor',
  wanted: string | undefined,
  flavors: readonly Flavor[],
  record: PreflightRecord,
): Flavor | undefined {
  const publics = flavors.filter(
    (flavor) => flavor['os-flavor-access:is_public'] && flavor['OS-FLV-DISABLED:disabled'] !== true,
  )
  const bySize = publics
    .filter(suffices)
    .sort((a, b) => a.ram - b.ram || a.vcpus - b.vcpus || a.name.localeCompare(b.name))
  const found =
    wanted === undefined ? bySize[0] : publics.find((flavor) => flavor.name === wanted || flavor.id === wanted)
  const size = found === undefined ? null : { name: found.name, vcpus: found.vcpus, ram: found.ram }
  record.claim(
    `a public ${key.replace('_', ' ')} suffices for Kubernetes`,
    found !== undefined && suffices(found),
    size,
    {
      code: found === undefined ? 'preflight/flavor-missing' : 'preflight/flavor-too-small',
      where: `flavor ${wanted ?? ''}`.trim(),
      message:
        found === undefined
          ? `there is no public flavor ${wanted === undefined ? `with ${smallest.vcpus} vCPUs and ${smallest.ram} MiB` : `\`${wanted}\``}`
          : `\`${found.name}\` has ${found.vcpus} vCPUs and ${found.ram} MiB; Kubernetes needs ${smallest.vcpus} and ${smallest.ram}`,
      remedy:
        bySize[0] === undefined
          ? `openstack flavor create --public --vcpus ${smallest.vcpus} --ram 4096 --disk 40 k8s.node`
          : `put \`${bySize[0].name}\` as \`${key}\` into ${record.file}`,
    },
  )
  return found
}

function suffices(flavor: Flavor): boolean {
  return flavor.vcpus >= smallest.vcpus && flavor.ram >= smallest.ram
}

/** What of the network's surroundings decides; `session` asks how many addresses are free, which only an operator may. */
export async function judgeNetwork(
  tenant: Tenant,
  readings: NetworkReadings,
  record: PreflightRecord,
  session: Session<'operator'> | undefined,
  allotted: Allotted,
) {
  const { facts } = tenant
  const wanted = facts.external_network
  const named = readings.externals.filter(
    (network) => wanted === undefined || network.id === wanted || network.name === wanted,
  )
  const [externalNetwork] = named
  const list = named.map((one) => `${one.name} ${one.id}`).join(', ')
  record.claim('one external network gives egress', named.length === 1, list, {
    code: named.length === 0 ? 'preflight/external-network-missing' : 'preflight/external-network-ambiguous',
    where: `network ${wanted ?? ''}`.trim(),
    message: named.length === 0 ? 'there is no external network of it' : `there are ${named.length}: ${list}`,
    remedy: `put the UUID of one as \`external_network\` into ${record.file}`,
  })
  if (externalNetwork !== undefined && named.length === 1 && session !== undefined)
    await judgeAddresses(tenant, externalNetwork, readings, record, session)
  const cidrs: { [project: string]: string } = {}
  for (const project of tenant.projects) {
    const taken = allotted[project.names.project]
    const cidr = taken ?? judgeCidr(tenant, project, readings, Object.values(cidrs), record)
    if (taken !== undefined) record.claim(`${taken} is allotted to ${project.names.project}`, true, { cidr: taken })
    if (cidr !== undefined) cidrs[project.names.project] = cidr
  }
  return { cidrs, ...(externalNetwork === undefined ? {} : { externalNetwork }) }
}

/** A router takes one address; a cluster with a load balancer and floating IPs two more at least. */
async function judgeAddresses(
  tenant: Tenant,
  network: Network,
  readings: NetworkReadings,
  record: PreflightRecord,
  session: Session<'operator'>,
): Promise<void> {
  const existing = new Set(readings.ownProjects.values())
  const fresh = tenant.projects.filter(({ names }) => !existing.has(names.project))
  const needed = fresh.reduce(
    (sum, { spec }) => sum + (spec.network === undefined ? 0 : 1) + (spec.cluster === undefined ? 0 : 2),
    0,
  )
  const availability = await ipAvailability(session, network.id)
  const free = availability === undefined ? undefined : availability.total_ips - availability.used_ips
  record.claim(
    `${network.name} has an address for each router and cluster`,
    free === undefined || free >= needed,
    { free: free ?? 'not told', needed },
    {
      code: 'preflight/addresses-exhausted',
      where: `network ${network.name}`,
      message: `${free ?? 0} addresses are free and ${needed} are needed`,
      remedy: 'release floating IPs that nobody uses, or give the network another subnet',
    },
  )
}

/** The extension that tells it is optional. */
async function ipAvailability(session: Session<'operator'>, id: string): Promise<IpAvailability | undefined> {
  try {
    return await getIpAvailability(session, id)
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  }
}

function judgeCidr(
  tenant: Tenant,
  project: TenantProject,
  readings: NetworkReadings,
  chosen: readonly string[],
  record: PreflightRecord,
): string | undefined {
  const { network } = project.spec
  if (network === undefined) return undefined
  const isOwn = (subnet: Subnet): boolean =>
    readings.ownProjects.get(subnet.project_id) === project.names.project && subnet.name === project.names.subnet
  const own = readings.subnets.find(isOwn)
  const others = readings.subnets.filter((subnet) => subnet.ip_version === 4 && !isOwn(subnet))
  if (network.cidr !== undefined) {
    const wanted = network.cidr
    const clash = others.find((subnet) => overlaps(subnet.cidr, wanted))
    record.claim(
      `${wanted} overlaps no subnet ${record.horizon}`,
      clash === undefined,
      clash === undefined ? null : { id: clash.id, cidr: clash.cidr },
      {
        code: 'preflight/cidr-in-use',
        where: `project ${project.names.project}`,
        message: `${wanted} overlaps ${clash?.cidr ?? ''} (subnet ${clash?.name ?? ''} ${clash?.id ?? ''})`,
        remedy: 'write another `cidr`, or take one from a pool',
      },
    )
    return wanted
  }
  const pool = network.pool ?? tenant.facts.tenant_pool?.cidr
  const length = network.prefix_length ?? tenant.facts.tenant_pool?.prefix_length ?? 24
  if (pool === undefined) {
    record.claim(`project ${project.names.project} has a prefix`, false, null, {
      code: 'preflight/no-pool',
      where: `project ${project.names.project}`,
      message: 'its network names neither a `cidr` nor a `pool`, and cloud.yaml has no `tenant_pool`',
      remedy: record.isOfOperator ? 'add one of the three' : 'ask your operator for a prefix, and write it as `cidr`',
    })
    return undefined
  }
  // what was allotted stays, however the pool looks today
  const cidr = own?.cidr ?? firstFree(pool, length, [...others.map((subnet) => subnet.cidr), ...chosen])
  record.claim(
    `pool ${pool} has a free /${length} for ${project.names.project}`,
    cidr !== undefined,
    { cidr: cidr ?? null },
    {
      code: 'preflight/pool-exhausted',
      where: `project ${project.names.project}`,
      message: `no /${length} of ${pool} is free`,
      remedy: 'widen the pool, or write a `cidr`',
    },
  )
  return cidr
}

/** Role names match without regard to case in policies. */
function isRole(name: string | undefined, role: string): boolean {
  return name?.toLowerCase() === role
}
