import { requestIdsOf } from '../openstack/exchange.ts'
import { listImages } from '../openstack/glance.ts'
import type { Image } from '../openstack/glance.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import { listRoleInferences, listRoles } from '../openstack/keystone/roles.ts'
import type { Role, RoleInference } from '../openstack/keystone/roles.ts'
import { listNetworks } from '../openstack/neutron/networks.ts'
import type { Network } from '../openstack/neutron/networks.ts'
import { listSubnets } from '../openstack/neutron/subnets.ts'
import type { Subnet } from '../openstack/neutron/subnets.ts'
import { listFlavors } from '../openstack/nova.ts'
import type { Flavor } from '../openstack/nova.ts'
import type { Session } from '../openstack/session.ts'
import type { Token } from '../openstack/token.ts'
import { magnumDomainOf } from '../tenant/cloud-facts.ts'
import type { Tenant } from '../tenant/tenant.ts'

/* What preflight reads that is the same for every tenant of a cloud. A fleet reads it once and shares it. */

/** What a tenant needs of its cloud, so that only this is read. */
export type Wants = {
  readonly cluster: boolean
  readonly network: boolean
  readonly magnumDomain: string
}

export type CloudReadings = {
  readonly token: Token
  /** Seconds that the cloud's clock is ahead of ours; `undefined` if the token is older than this reading. */
  readonly skew: number | undefined
  readonly roles: readonly Role[]
  readonly inferences: readonly RoleInference[]
  readonly magnumDomain: Domain | undefined
  readonly magnumAdmins: readonly string[]
  readonly images: readonly Image[]
  readonly flavors: readonly Flavor[]
  readonly externals: readonly Network[]
  readonly subnets: readonly Subnet[]
  readonly requestIds: readonly string[]
}

export type ReadCloud = (wants: Wants) => Promise<CloudReadings>

export function wantsOf(tenant: Tenant): Wants {
  const cluster = tenant.projects.some(({ spec }) => spec.template !== undefined)
  return {
    cluster,
    network: cluster || tenant.projects.some(({ spec }) => spec.network !== undefined),
    magnumDomain: magnumDomainOf(tenant.facts),
  }
}

/** True if the file limits clusters: Magnum keeps that limit. */
export function limitsClusters({ projects }: Tenant): boolean {
  return projects.some(({ spec }) => spec.quotas.container_infra !== undefined)
}

/** Reads as the operator. A `session` with a memory sends no request twice. */
export async function readCloud(
  session: Session<'operator'>,
  { cluster, network, magnumDomain: magnumName }: Wants,
  now: () => Date,
): Promise<CloudReadings> {
  const { session: recorded, exchanges } = session.recording()
  const token = await recorded.token()
  // only a fresh token shows the cloud's clock; not every server sends a `Date`
  const isFresh = exchanges.length > 0
  const skew = isFresh ? Math.round((Date.parse(token.issuedAt) - now().getTime()) / 1000) : undefined
  const magnum = async (): Promise<Pick<CloudReadings, 'magnumDomain' | 'magnumAdmins'>> => {
    const magnumDomain = cluster ? await findDomain(recorded, magnumName) : undefined
    if (magnumDomain === undefined) return { magnumDomain, magnumAdmins: [] }
    const assignments = await listRoleAssignments(recorded, { domainId: magnumDomain.id, includesNames: true })
    const admins = assignments.filter(({ role }) => isAdminRole(role.name))
    return { magnumDomain, magnumAdmins: admins.map(({ user }) => user?.name ?? user?.id ?? 'a group') }
  }
  const [roles, inferences, images, flavors, externals, subnets, found] = await Promise.all([
    listRoles(recorded),
    listRoleInferences(recorded),
    cluster ? listImages(recorded, { visibility: 'public' }) : [],
    cluster ? listFlavors(recorded) : [],
    network ? listNetworks(recorded, { 'router:external': true }) : [],
    network ? listSubnets(recorded) : [],
    magnum(),
  ])
  const requestIds = requestIdsOf(exchanges)
  return { token, skew, roles, inferences, images, flavors, externals, subnets, ...found, requestIds }
}

/** Reads once for many tenants, and again if the result is older than `maxAgeMs`. */
export function sharedReadings(operator: Session<'operator'>, now: () => Date, maxAgeMs: number): ReadCloud {
  let session = operator.snapshot()
  let readAt = now().getTime()
  let read = new Map<string, Promise<CloudReadings>>()
  return (wants) => {
    if (now().getTime() - readAt > maxAgeMs) {
      session = operator.snapshot()
      readAt = now().getTime()
      read = new Map()
    }
    const key = JSON.stringify(wants)
    const known = read.get(key)
    if (known !== undefined) return known
    const asked = readCloud(session, wants, now)
    const into = read
    into.set(key, asked)
    // a failure is not kept: the next call reads again
    asked.catch(() => into.delete(key))
    return asked
  }
}
