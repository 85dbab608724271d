import { CloudError } from '../../errors.ts'
import { freeAddresses, getIpAvailability } from '../../openstack/neutron/ip-availability.ts'
import type { IpAvailability } from '../../openstack/neutron/ip-availability.ts'
import { listPorts } from '../../openstack/neutron/ports.ts'
import { countFree } from '../../openstack/prefix.ts'
import type { Network } from '../../openstack/neutron/networks.ts'
import type { Subnet } from '../../openstack/neutron/subnets.ts'
import { leastNeeds, smallestMachine } from '../../openstack/magnum/cluster-needs.ts'
import type { Session } from '../../openstack/session.ts'
import { cidrsOverlap, firstFree } from '../../tenant/cidr.ts'
import type { ProjectSpec } from '../../tenant/spec.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { shapeOf } from '../cluster-quota.ts'
import type { PreflightRecord, Readings } from './record.ts'

type NetworkReadings = Pick<Readings, 'externals' | 'subnets' | 'ownProjects'>

/** Prefixes by project name. */
export type Allotted = { readonly [project: string]: string | undefined }

type NetworkSubject = {
  readonly tenant: Tenant
  readonly readings: NetworkReadings
  readonly record: PreflightRecord
  /** Asks how many addresses are free, which only an operator may. */
  readonly session?: Session<'operator'> | undefined
  readonly allotted?: Allotted | undefined
}

/** What of the network's surroundings decides. */
export async function judgeNetwork(subject: NetworkSubject) {
  const { tenant, readings, record, session, allotted = {} } = subject
  const wanted = tenant.facts.external_network
  const named = readings.externals.filter(
    (network) => wanted === undefined || network.id === wanted || network.name === wanted,
  )
  const [externalNetwork] = named
  const list = named.map((one) => `${one.name} ${one.id}`).join(', ')
  record.claim('exactly one external network gives egress', named.length === 1, list, {
    code: named.length === 0 ? 'preflight/external-network-missing' : 'preflight/external-network-ambiguous',
    where: `network ${wanted ?? ''}`.trim(),
    message: named.length === 0 ? 'there is no external network of this name' : `there are ${named.length}: ${list}`,
    remedy: `put the UUID of one as \`external_network\` into ${record.file}`,
  })
  if (externalNetwork !== undefined && named.length === 1 && session !== undefined)
    await judgeAddresses(externalNetwork, subject, session)
  const cidrs: { [project: string]: string } = {}
  for (const project of tenant.projects) {
    const taken = allotted[project.names.project]
    const cidr = taken ?? judgeCidr(project, Object.values(cidrs), subject)
    if (taken !== undefined) record.claim(`${taken} is allotted to ${project.names.project}`, true, { cidr: taken })
    if (cidr !== undefined) cidrs[project.names.project] = cidr
  }
  return { cidrs, ...(externalNetwork === undefined ? {} : { externalNetwork }) }
}

function clusterAddresses(spec: ProjectSpec): number {
  const shape = shapeOf(spec)
  return shape === undefined ? 0 : (leastNeeds(shape, smallestMachine).network['floatingip'] ?? 0) + 1
}

/** A router takes one address, a cluster what its driver takes, and the first balancer inside of it one more. */
async function judgeAddresses(
  network: Network,
  { tenant, readings, record }: NetworkSubject,
  session: Session<'operator'>,
): Promise<void> {
  const existing = new Set(readings.ownProjects.values())
  const fresh = tenant.projects.filter(({ names }) => !existing.has(names.project))
  const needed = fresh.reduce((sum, { spec }) => sum + (spec.network === undefined ? 0 : 1) + clusterAddresses(spec), 0)
  // nobody counts for a tenant that has its router and its cluster
  if (needed === 0) return
  const availability = await ipAvailability(session, network.id)
  const told = availability === undefined ? undefined : freeAddresses(availability)
  const free = told ?? (await countByPorts(network, readings.subnets, session))
  record.claim(
    `${network.name} has an address for each router and cluster`,
    free >= needed,
    { free, needed },
    {
      code: 'preflight/addresses-exhausted',
      where: `network ${network.name}`,
      message: `${free} IPv4 addresses are free and ${needed} are needed`,
      remedy: 'release unused floating IPs, or give the network another subnet',
    },
  )
}

/** Where Neutron tells no number that means something: the IPv4 pools without the addresses of the ports in them. */
async function countByPorts(
  network: Network,
  subnets: readonly Subnet[],
  session: Session<'operator'>,
): Promise<number> {
  const own = subnets.filter(({ network_id, ip_version }) => network_id === network.id && ip_version === 4)
  const ports = await listPorts(session, { network_id: network.id })
  return countFree(
    own.flatMap(({ allocation_pools }) => allocation_pools),
    ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address)),
  )
}

/** The extension that reports it is optional. */
async function ipAvailability(session: Session<'operator'>, id: string): Promise<IpAvailability | undefined> {
  try {
    return await getIpAvailability(session, id)
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return undefined
    throw error
  }
}

/** `chosen`: for projects of the same tenant, just now. */
function judgeCidr(
  project: TenantProject,
  chosen: readonly string[],
  { tenant, readings, record }: NetworkSubject,
): string | undefined {
  const { network } = project.spec
  if (network === undefined) return undefined
  const isOwn = (subnet: Subnet): boolean =>
    readings.ownProjects.get(subnet.project_id) === project.names.project && subnet.name === project.names.subnet
  const own = readings.subnets.find(isOwn)
  const others = readings.subnets.filter((subnet) => !isOwn(subnet))
  if (network.cidr !== undefined) {
    const wanted = network.cidr
    const clash = others.find((subnet) => cidrsOverlap(subnet.cidr, wanted))
    record.claim(
      `${wanted} overlaps no subnet ${record.horizon}`,
      clash === undefined,
      clash === undefined ? null : { id: clash.id, cidr: clash.cidr },
      {
        code: 'preflight/cidr-in-use',
        where: `project ${project.names.project}`,
        message: `${wanted} overlaps ${clash?.cidr ?? ''} (subnet ${clash?.name ?? ''} ${clash?.id ?? ''})`,
        remedy: 'write another `cidr`, or use a pool',
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
      message: 'its network has neither a `cidr` nor a `pool`, and cloud.yaml has no `tenant_pool`',
      remedy: record.isOfOperator ? 'add one of the three' : 'ask your operator for a prefix, and write it as `cidr`',
    })
    return undefined
  }
  // an allotted prefix stays, whatever the pool is today
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
