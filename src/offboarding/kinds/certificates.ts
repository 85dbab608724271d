/** What Magnum keeps of a cluster in its own project of Barbican, which no list for the tenant shows. */
import { X509Certificate } from 'node:crypto'
import {
  deleteSecretContainer,
  deleteStoredSecret,
  getStoredPayload,
  listSecretContainers,
} from '../../openstack/barbican.ts'
import type { SecretContainer } from '../../openstack/barbican.ts'
import { getProject } from '../../openstack/keystone/projects.ts'
import type { Project } from '../../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import { listClustersInDetail } from '../../openstack/magnum/clusters.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Secret } from '../../secret.ts'
import { hasService } from '../../openstack/has-service.ts'
import type { Kind } from '../ownership.ts'
import type { KnownClusters, Reach } from '../reach.ts'

/**
 * Of the four certificates of a cluster Magnum deletes two, and leaves those of etcd and of the front proxy for ever;
 * before 18.0.0 it leaves all four unless the driver is Heat's. magnum 15.0.1,
 * conductor/handlers/common/cert_manager.py, delete_certificates_from_cluster; magnum 1b00074c. They are found by the
 * id of their cluster, which Magnum registers when it reads one (cert_manager.py, get_cert), or by its name, and by
 * their maker. What nothing attributes is told; the claim is about known clusters only. docs/decisions/0179.
 */
export const clusterCertificates: Kind = {
  kind: 'certificate of a known cluster',
  stage: 'trustees',
  service: 'key-manager',
  within: 'magnum',
  list: async (reach) => {
    const { operator, clusters } = reach
    if (clusters.names.size + clusters.ids.size === 0 || !(await hasService(operator, 'container-infra'))) return []
    const living = await listClustersInDetail(operator)
    const each = (await magnumAccounts(operator)).map(async ({ userId, project }) => {
      const session = await reach.inside(project)
      if (session === undefined) {
        reach.unseen({ kind: clusterCertificates.kind, project: project.name, because: 'nobody can sign in there' })
        return []
      }
      const made = (await listSecretContainers(session)).filter(
        ({ type, creator_id }) => type === 'certificate' && creator_id === userId,
      )
      const found = await Promise.all(
        made.map(async (one) => ({ ...one, ...(await attribute(session, one, clusters, living)) })),
      )
      remark(
        reach,
        project,
        found.filter(({ whose }) => whose === 'unknown'),
      )
      return found
        .filter(({ whose }) => whose === 'ours')
        .map(({ id, cluster, secrets }) => ({
          id,
          name: `of ${cluster ?? 'a cluster that is gone'} (${id})`,
          remove: async () => {
            // the list was made from inside; a deletion from outside is refused
            for (const secret of secrets) await unlessGone(deleteStoredSecret(session, secret))
            await deleteSecretContainer(session, id)
          },
        }))
    })
    return (await Promise.all(each)).flat()
  },
}

type Attributed = {
  readonly whose: 'ours' | 'of a living cluster' | 'unknown'
  /** The name of its cluster, as far as it was needed. */
  readonly cluster: string | undefined
}

/** A name alone does not tell a dead cluster from a living one that is called the same; an id does. */
async function attribute(
  session: Session,
  container: SecretContainer,
  known: KnownClusters,
  living: readonly { readonly uuid: string; readonly name: string }[],
): Promise<Attributed> {
  const { consumers } = container
  if (living.some(({ uuid }) => consumers.includes(uuid))) return { whose: 'of a living cluster', cluster: undefined }
  const cluster = await clusterOf(session, container)
  if (consumers.some((id) => known.ids.has(id))) return { whose: 'ours', cluster }
  const isUnread = consumers.length === 0
  if (isUnread && living.some(({ name }) => name === cluster)) return { whose: 'of a living cluster', cluster }
  return { whose: cluster !== undefined && known.names.has(cluster) ? 'ours' : 'unknown', cluster }
}

/** Whose they were is in no API: another tenant's, or a cluster of this one that went before and that nothing names. */
function remark(
  reach: Reach,
  project: Project,
  left: readonly { readonly id: string; readonly cluster: string | undefined }[],
): void {
  if (left.length === 0) return
  const names = [...new Set(left.map(({ cluster }) => cluster ?? 'a name that cannot be read'))].sort()
  const told =
    names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ')
  reach.remark({
    code: 'offboard/certificates-of-nobody',
    severity: 'warning',
    where: `project ${project.name}`,
    message: `Magnum keeps ${left.length} certificates with their private keys of clusters that no longer exist (${told}); nothing says whose clusters they were, so they stay`,
    remedy: `nothing uses them: as Magnum's account, delete each container and its secrets (openstack secret container delete), ${left
      .slice(0, most)
      .map(({ id }) => id)
      .join(', ')}${left.length > most ? ', ..' : ''}`,
    owner: 'operator',
  })
}

const most = 8

/** CONDUCTOR_CLIENT_NAME: the client certificate of every cluster is stored under this name, and issued by the cluster's CA. */
const clientName = 'Magnum-Conductor'

async function clusterOf(
  session: Session,
  { name, certificateId }: Pick<SecretContainer, 'name' | 'certificateId'>,
): Promise<string | undefined> {
  if (name !== clientName) return name ?? undefined
  if (certificateId === undefined) return undefined
  const payload = await payloadOf(session, certificateId)
  return payload === undefined ? undefined : issuerOf(payload.reveal())
}

async function payloadOf(session: Session, id: string): Promise<Secret | undefined> {
  try {
    return await getStoredPayload(session, id)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

function issuerOf(pem: string): string | undefined {
  try {
    return /^CN=(.*)$/m.exec(new X509Certificate(pem).issuer)?.[1]
  } catch {
    // no certificate
    return undefined
  }
}

/** Magnum's own account, by its usual name, and the projects that it works in. */
async function magnumAccounts(
  operator: Session,
): Promise<readonly { readonly userId: string; readonly project: Project }[]> {
  const accounts = await listUsers(operator, { name: 'magnum' })
  const each = accounts.map(async ({ id }) => {
    const projects = (await listRoleAssignments(operator, { userId: id })).flatMap(
      ({ scope }) => scope.project?.id ?? [],
    )
    return Promise.all(
      [...new Set(projects)].map(async (projectId) => ({ userId: id, project: await getProject(operator, projectId) })),
    )
  })
  return (await Promise.all(each)).flat()
}

async function unlessGone(asked: Promise<void>): Promise<void> {
  try {
    await asked
  } catch (error) {
    if (refusalOf(error) !== 404) throw error
  }
}
