/** The current state of a tenant on a cloud: read from Keystone, and from the evidence. */
import { askAhead } from '../openstack/ask-ahead.ts'
import { hasOwnDirectory } from '../openstack/keystone/directories.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { listGroups } from '../openstack/keystone/groups.ts'
import type { Group } from '../openstack/keystone/groups.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { readFederation, readFederationLists } from './federation.ts'
import type { Federation } from './federation.ts'

export type TenantState = {
  /** `undefined` after it is deleted, or before it is made. */
  readonly domain: Domain | undefined
  /** Existing ones. */
  readonly projects: readonly Project[]
  readonly users: readonly User[]
  readonly groups: readonly Group[]
  /** LDAP, federation: Keystone cannot delete its users; they end with the configuration of the domain. */
  readonly hasOwnDirectory: boolean
  readonly federation: Federation
  /** Of all that exist and all in the evidence, because other services keep what belongs to a deleted id. */
  readonly projectIds: ReadonlySet<string>
  readonly userIds: ReadonlySet<string>
  /**
   * Of `projectIds`, those that Keystone did not know any more when an offboarding first saw them. Nobody has looked
   * into them, and nobody can.
   */
  readonly lostProjects: ReadonlySet<string>
}

export async function readTenantState(
  operator: Session,
  tenant: Tenant,
  records: readonly EvidenceRecord[],
): Promise<TenantState> {
  return withLost(await readFromKeystone(operator, tenant, knownIds(records)), records)
}

/** With deleted projects that turned out to be the tenant's. */
export function withProjects(
  tenantState: TenantState,
  found: ReadonlySet<string>,
  records: readonly EvidenceRecord[],
): TenantState {
  return withLost({ ...tenantState, projectIds: new Set([...tenantState.projectIds, ...found]) }, records)
}

function withLost(tenantState: Omit<TenantState, 'lostProjects'>, records: readonly EvidenceRecord[]): TenantState {
  const noted = records.flatMap((record) => (record.kind === 'offboarding' ? (record.ids ?? []) : []))
  const lost = new Set(noted.flatMap((ids) => ids.lost ?? []))
  const seen = new Set([...noted.flatMap(({ projects }) => projects), ...tenantState.projects.map(({ id }) => id)])
  return {
    ...tenantState,
    lostProjects: new Set([...tenantState.projectIds].filter((id) => lost.has(id) || !seen.has(id))),
  }
}

async function readFromKeystone(
  operator: Session,
  tenant: Tenant,
  known: KnownIds,
): Promise<Omit<TenantState, 'lostProjects'>> {
  const { domain: name } = tenant.names
  askAhead(readFederationLists(operator), ...known.standing.map((id) => readLists(operator, id)))
  const domain = await findDomain(operator, name)
  if (domain === undefined)
    return {
      domain,
      projects: [],
      users: [],
      groups: [],
      hasOwnDirectory: false,
      federation: await readFederation(operator, { name, domainIds: known.domains, groups: [] }),
      projectIds: known.projects,
      userIds: known.users,
    }
  const [projects, users, groups, hasOwnDirectory] = await readLists(operator, domain.id)
  return {
    domain,
    projects,
    users,
    groups,
    hasOwnDirectory,
    federation: await readFederation(operator, { name, domainIds: new Set([...known.domains, domain.id]), groups }),
    projectIds: new Set([...known.projects, ...projects.map(({ id }) => id)]),
    userIds: new Set([...known.users, ...users.map(({ id }) => id)]),
  }
}

function readLists(operator: Session, id: string) {
  const of = { domain_id: id }
  const users = listUsers(operator, of)
  return Promise.all([
    listProjects(operator, of),
    users,
    listGroups(operator, of),
    users.then((found) => hasOwnDirectory(operator, id, found)),
  ])
}

type KnownIds = {
  readonly projects: ReadonlySet<string>
  readonly users: ReadonlySet<string>
  readonly domains: ReadonlySet<string>
  /** Of those, the ones that nobody has removed from here. */
  readonly standing: readonly string[]
}

/** Ids in the evidence. An id is never used twice, so an object with one of them is the tenant's. */
function knownIds(records: readonly EvidenceRecord[]): KnownIds {
  const projects = new Set<string>()
  const users = new Set<string>()
  const domains = new Set<string>()
  const removed = new Set<string>()
  for (const record of records) {
    if (record.kind === 'offboarding') {
      for (const id of record.ids?.projects ?? []) projects.add(id)
      for (const id of record.ids?.users ?? []) users.add(id)
    }
    if (record.kind === 'removed' && record.object.kind === 'domain') {
      domains.add(record.object.id)
      removed.add(record.object.id)
    }
    // an adopted object may belong to another tenant by now
    if (record.kind !== 'made' || record.action !== 'create' || record.object.id === undefined) continue
    if (record.object.kind === 'project') projects.add(record.object.id)
    if (record.object.kind === 'user') users.add(record.object.id)
    if (record.object.kind === 'domain') domains.add(record.object.id)
  }
  return { projects, users, domains, standing: [...domains].filter((id) => !removed.has(id)) }
}
