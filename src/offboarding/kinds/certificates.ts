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
import { listClusters } from '../../openstack/magnum/clusters.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Secret } from '../../secret.ts'
import { hasService } from '../../openstack/has-service.ts'
import type { Kind } from '../ownership.ts'

/**
 * Of the four certificates of a cluster Magnum deletes two, and leaves those of etcd and of the front proxy for ever; some
 * releases leave its client's too. magnum 15.0.1, conductor/handlers/common/cert_manager.py,
 * delete_certificates_from_cluster. They are identified by the name of their cluster and by their maker, and only while
 * no cluster of that name exists anywhere. Names of clusters that went before are known to nobody: the claim says so.
 */
export const clusterCertificates: Kind = {
  kind: 'certificate of a known cluster',
  stage: 'trustees',
  service: 'key-manager',
  within: 'magnum',
  list: async (reach) => {
    const { operator, clusterNames } = reach
    if (clusterNames.size === 0 || !(await hasService(operator, 'container-infra'))) return []
    const living = new Set((await listClusters(operator)).map(({ name }) => name))
    const each = (await magnumAccounts(operator)).map(async ({ userId, project }) => {
      const session = await reach.inside(project)
      if (session === undefined) {
        reach.unseen({ kind: clusterCertificates.kind, project: project.name, because: 'nobody can sign in there' })
        return []
      }
      const made = (await listSecretContainers(session)).filter(
        ({ type, creator_id }) => type === 'certificate' && creator_id === userId,
      )
      const named = await Promise.all(made.map(async (one) => ({ ...one, cluster: await clusterOf(session, one) })))
      return named
        .filter(({ cluster }) => cluster !== undefined && clusterNames.has(cluster) && !living.has(cluster))
        .map(({ id, cluster, secrets }) => ({
          id,
          name: `of ${cluster ?? ''} (${id})`,
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
