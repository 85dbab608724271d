import { CloudError } from '../errors.ts'
import { hasService } from '../openstack/has-service.ts'
import { listApplicationCredentials } from '../openstack/keystone/application-credentials.ts'
import { getTrust, listTrusts } from '../openstack/keystone/trusts.ts'
import { getUser } from '../openstack/keystone/users.ts'
import { listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'

/*
 * Which clusters depend on which account. A cluster acts as the user that made it: by the trust that Magnum got from
 * that user, and with magnum-capi-helm also by an application credential of that user. If the user is disabled, deleted
 * or loses a role, the cluster can neither heal nor be deleted cleanly. Read before any of these is done.
 */

export type Owner = {
  /** `name` is absent if the user no longer exists. */
  readonly user: { readonly id: string; readonly name?: string; readonly enabled: boolean }
  readonly clusters: readonly DependentCluster[]
  /** Of this user, on the projects of those clusters. If one role of a trust is revoked, the whole trust is dead. */
  readonly trusts: readonly { readonly id: string; readonly projectId: string; readonly roles: readonly string[] }[]
  readonly applicationCredentials: readonly {
    readonly id: string
    readonly name: string
    readonly projectId: string
  }[]
}

export type DependentCluster = {
  readonly uuid: string
  readonly name: string
  readonly status: string
  readonly projectId: string
}

export type Dependents =
  | { readonly kind: 'read'; readonly owners: readonly Owner[] }
  /** Magnum did not answer: then it is unknown which clusters depend on an account. */
  | { readonly kind: 'unreadable'; readonly because: string }

/**
 * Clusters made by one of the users, or in one of the projects. An operator sees all; an account sees those of its
 * project.
 */
export async function readDependents(
  session: Session,
  of: { readonly userIds?: readonly string[]; readonly projectIds?: readonly string[] },
): Promise<Dependents> {
  if (!(await hasService(session, 'container-infra'))) return { kind: 'read', owners: [] }
  let clusters: readonly Cluster[]
  try {
    clusters = await listClustersInDetail(session)
  } catch (error) {
    // Magnum can list the clusters of all projects only while its domain admin can sign in
    if (!(error instanceof CloudError) || error.kind !== 'answer') throw error
    return { kind: 'unreadable', because: error.message }
  }
  const wanted = clusters.filter(
    ({ user_id, project_id }) => of.userIds?.includes(user_id) === true || of.projectIds?.includes(project_id) === true,
  )
  const users = [...new Set(wanted.map(({ user_id }) => user_id))]
  const owners = users.map((id) =>
    readOwner(
      session,
      id,
      wanted.filter(({ user_id }) => user_id === id),
    ),
  )
  return { kind: 'read', owners: await Promise.all(owners) }
}

async function readOwner(session: Session, id: string, clusters: readonly Cluster[]): Promise<Owner> {
  const projects = new Set(clusters.map(({ project_id }) => project_id))
  const [user, trusts, credentials] = await Promise.all([
    visible(getUser(session, id)),
    visible(trustsOf(session, id)),
    visible(listApplicationCredentials(session, id)),
  ])
  return {
    user: { id, enabled: user?.enabled ?? false, ...(user === undefined ? {} : { name: user.name }) },
    clusters: clusters.map(({ uuid, name, status, project_id }) => ({ uuid, name, status, projectId: project_id })),
    trusts: (trusts ?? []).filter(({ projectId }) => projects.has(projectId)),
    applicationCredentials: (credentials ?? []).flatMap(({ id: credential, name, project_id }) =>
      project_id !== null && projects.has(project_id) ? [{ id: credential, name, projectId: project_id }] : [],
    ),
  }
}

async function trustsOf(session: Session, trustor_user_id: string): Promise<Owner['trusts']> {
  const listed = await listTrusts(session, { trustor_user_id })
  const whole = await Promise.all(listed.map(({ id }) => visible(getTrust(session, id))))
  return whole.flatMap((trust) =>
    trust === undefined || trust.project_id === null
      ? []
      : [{ id: trust.id, projectId: trust.project_id, roles: trust.roles?.map(({ name }) => name).sort() ?? [] }],
  )
}

/** A user that no longer exists, or that this session may not read. */
async function visible<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (refusalOf(error) === 404 || refusalOf(error) === 403) return undefined
    throw error
  }
}

/** A line for each owner and each of its clusters; empty if no cluster depends on them. */
export function dependentLines(dependents: Dependents): readonly string[] {
  if (dependents.kind === 'unreadable')
    return [`cannot read which clusters depend on these accounts: ${dependents.because}`]
  return dependents.owners.flatMap(({ user, clusters, trusts, applicationCredentials }) => [
    `by the credential of ${user.name ?? `user ${user.id}, who no longer exists`}${user.enabled || user.name === undefined ? '' : ' (disabled)'}:`,
    ...clusters.map(({ uuid, name, status }) => `  cluster ${name} ${uuid} ${status}`),
    ...trusts.map(({ id, roles }) => `  by trust ${id} of ${roles.join(', ')}`),
    ...applicationCredentials.map(({ id, name }) => `  by application credential ${name} ${id}`),
  ])
}
