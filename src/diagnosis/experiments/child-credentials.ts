import { randomUUID } from 'node:crypto'
import type { Attempt } from '../../probes/attempt.ts'
import { messageOf } from '../../probes/attempt.ts'
import {
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../../openstack/keystone/application-credentials.ts'
import { experiment, Inapplicable, need } from '../experiment.ts'
import { clusterOfCredential } from '../../openstack/magnum/made-names.ts'
import { listServers } from '../../openstack/nova.ts'
import { clusters } from './clusters.ts'
import type { StandingCluster } from './clusters.ts'
import { signedIn } from './identities.ts'

export type StuckDelete = {
  readonly standing: StandingCluster
  /** Names of the remaining credentials that the driver made for the cluster. */
  readonly left: readonly string[]
  /** Its remaining machines: while there are any, Magnum has not reached the credential. */
  readonly machines: number
  /** Seconds since the last change of it. */
  readonly unchangedFor: number
  /** The operator tries to delete a credential that does not exist: the policy answers first. */
  readonly tried: Attempt<unknown>
}

/**
 * A cluster of the capi-helm driver is gone only when Magnum's service account has deleted the application credential
 * that the driver made in its creator's name. magnum-capi-helm 1.4.0, driver.py, _update_status_deleting;
 * common/app_creds.py. The operator tries in place of that account. A rule may allow only Magnum's, so a refusal does
 * not decide by itself.
 */
export const stuckDeletes = experiment<readonly StuckDelete[]>(
  'stuck-deletes',
  'may anyone but its owner remove the credential that a driver made?',
  async (on, notes) => {
    const all = await need(on, clusters)
    const leaving = all.filter(({ cluster }) => cluster.status.startsWith('DELETE_'))
    if (leaving.length === 0) throw new Inapplicable('no cluster is being deleted')
    const { operator } = on.subject
    return Promise.all(
      leaving.map(async (standing): Promise<StuckDelete> => {
        const { cluster, project } = standing
        const creator = await signedIn(on, notes, { actor: 'creator', project: project.asked })
        const owner = creator ?? operator
        const listed = await notes.read(owner, (session) => listApplicationCredentials(session, cluster.user_id))
        const left = listed.map(({ name }) => name).filter((name) => clusterOfCredential(name) === cluster.uuid)
        const servers = await notes.read(operator, (session) => listServers(session, { projectId: project.found.id }))
        const machines = servers.filter(
          ({ name }) => cluster.stack_id !== null && name.startsWith(cluster.stack_id),
        ).length
        const changed = cluster.updated_at === undefined ? Number.NaN : Date.parse(cluster.updated_at)
        const unchangedFor = Math.round((on.subject.now().getTime() - changed) / 1000)
        const nothing = randomUUID().replaceAll('-', '')
        const tried = await notes.attempt(operator, (session) =>
          deleteApplicationCredential(session, cluster.user_id, nothing),
        )
        notes.saw(
          `cluster ${cluster.name} is ${cluster.status} since ${cluster.updated_at ?? 'an unknown time'}, with ${machines} machines; remaining credentials: ${left.join(', ') || 'none'}`,
        )
        notes.saw(
          `the operator deleting a non-existent credential of another user: ${messageOf(tried)}`,
          tried.requestIds,
        )
        return { standing, left, machines, unchangedFor, tried }
      }),
    )
  },
)
