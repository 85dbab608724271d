import { randomUUID } from 'node:crypto'
import type { Attempt } from '../../isolation/attempt.ts'
import { wordsOf } from '../../isolation/probe.ts'
import {
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../../openstack/keystone/application-credentials.ts'
import { experiment, Inapplicable, need } from '../experiment.ts'
import { clusters } from './clusters.ts'
import type { StandingCluster } from './clusters.ts'

export type StuckDelete = {
  readonly standing: StandingCluster
  /** Names of the credentials that the driver made for the cluster, and that are still there. */
  readonly left: readonly string[]
  /** An operator's try to delete one that is not there: the policy answers first. */
  readonly tried: Attempt<unknown>
}

/**
 * A cluster of the capi-helm driver is gone only when Magnum's service account has deleted the application credential that the driver made
 * in its creator's name. magnum-capi-helm 1.4.0, driver.py, _update_status_deleting; common/app_creds.py. The operator stands for that account.
 */
export const stuckDeletes = experiment<readonly StuckDelete[]>(
  'stuck-deletes',
  'may anybody but its owner remove the credential that a driver made?',
  async (on, notes) => {
    const all = await need(on, clusters)
    const leaving = all.filter(({ cluster }) => cluster.status.startsWith('DELETE_'))
    if (leaving.length === 0) throw new Inapplicable('no cluster is being deleted')
    const { operator, sessions } = on.subject
    return Promise.all(
      leaving.map(async (standing): Promise<StuckDelete> => {
        const { cluster, project } = standing
        const creator = await sessions.at({ actor: 'creator', project: project.asked })
        const owner = creator ?? operator
        const listed = await notes.read(owner, (session) => listApplicationCredentials(session, cluster.user_id))
        const left = listed.map(({ name }) => name).filter((name) => name.startsWith(`magnum-${cluster.uuid}`))
        const nothing = randomUUID().replaceAll('-', '')
        const tried = await notes.attempt(operator, (session) =>
          deleteApplicationCredential(session, cluster.user_id, nothing),
        )
        notes.saw(
          `cluster ${cluster.name} is ${cluster.status}; of its credentials are left: ${left.join(', ') || 'none'}`,
        )
        notes.saw(
          `the operator deleting a credential of another that is not there: ${wordsOf(tried)}`,
          tried.requestIds,
        )
        return { standing, left, tried }
      }),
    )
  },
)
