/** What Magnum itself says of a cluster: what it waits for, which part failed, and what its driver met. */
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import type { Case } from '../case.ts'
import { need } from '../experiment.ts'
import { clusters, nodeGroups } from '../experiments/clusters.ts'
import { addresses } from '../experiments/egress.ts'
import { isMet, limits } from '../experiments/quotas.ts'
import type { StandingCluster } from '../experiments/clusters.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis, HypothesisVerdict } from '../hypothesis.ts'
import { explainedByManagement } from './management.ts'
import { namespaceOf } from '../../openstack/magnum/made-names.ts'
import { hungDeletes } from './deletion.ts'

/** A cluster takes 5 to 20 minutes on clouds as they are, and a delete a few. */
const slowMinutes = { CREATE: 30, UPDATE: 30, DELETE: 10 } as const

export const clusterWaits: Hypothesis = {
  code: 'diagnosis/cluster-in-progress',
  supposes: 'a cluster is still being made, changed or deleted, perhaps for ever',
  stages: ['cluster'],
  async test(on) {
    const waiting = (await need(on, clusters)).filter(({ cluster }) => cluster.status.endsWith('_IN_PROGRESS'))
    if (waiting.length === 0) return excluded
    const explained = [
      ...(waiting.some(({ cluster }) => cluster.status.startsWith('DELETE_')) ? await hungDeletes(on) : []),
      ...(await starved(on, waiting)),
      ...(await explainedByManagement(on)),
    ]
    const outcomes = [await clusters(on), await nodeGroups(on)]
    return overAll(
      waiting
        .filter(({ cluster }) => !explained.includes(cluster.uuid))
        .map(({ cluster }) => confirmed(waitOf(on, cluster), ...outcomes)),
    )
  },
}

/** Those that wait for room in a quota, or for an address: told as that. Cluster API asks again and again. */
async function starved(on: Case, waiting: readonly StandingCluster[]): Promise<readonly string[]> {
  const made = waiting.filter(({ cluster }) => cluster.status === 'CREATE_IN_PROGRESS' && cluster.stack_id !== null)
  if (made.length === 0) return []
  const [quotas, free] = [await limits(on), await addresses(on)]
  const hasNoAddress = free.kind === 'seen' && free.value.free < free.value.needed
  const short = quotas.kind === 'seen' ? quotas.value.filter(isMet).map(({ project }) => project.found.id) : []
  return made
    .filter(({ project }) => hasNoAddress || short.includes(project.found.id))
    .map(({ cluster }) => cluster.uuid)
}

function waitOf(on: Case, cluster: Cluster) {
  const verb = /^(?:CREATE|UPDATE|DELETE)/.exec(cluster.status)?.[0] ?? 'UPDATE'
  const since = verb === 'CREATE' ? cluster.created_at : (cluster.updated_at ?? cluster.created_at)
  const minutes = Math.floor((on.subject.now().getTime() - Date.parse(since ?? '')) / 60_000)
  const limit = slowMinutes[verb === 'CREATE' || verb === 'DELETE' ? verb : 'UPDATE']
  const isSlow = minutes >= limit
  const time = since === undefined ? 'since an unknown time' : `for ${minutes} minutes (since ${since})`
  const { waits, where } = waitsFor(cluster)
  return {
    code: clusterWaits.code,
    severity: isSlow ? 'error' : 'unknown',
    where: `cluster ${cluster.name}`,
    message: `it is ${cluster.status} ${time}: ${waits}${isSlow ? '' : '. Whether that ends well cannot be seen yet'}`,
    remedy: isSlow ? where : `wait, and run this again; after ${limit} minutes: ${where}`,
    owner: 'operator',
  } as const
}

/** What Magnum waits for, and where that shows. */
function waitsFor({ uuid, stack_id, project_id, create_timeout }: Cluster): {
  readonly waits: string
  readonly where: string
} {
  if (stack_id === null)
    return {
      waits: "Magnum's conductor has not reached its driver",
      where: `look for ${uuid} in the log of magnum-conductor, and see whether it runs`,
    }
  if (driverOf(stack_id) === 'heat')
    return {
      waits: `Magnum waits for Heat's stack ${stack_id}, which fails by itself${create_timeout === undefined ? '' : ` after ${create_timeout} minutes`}`,
      where: `openstack stack resource list -n 5 ${stack_id}`,
    }
  const namespace = namespaceOf(project_id)
  return {
    waits: `Magnum waits for Cluster API and its cluster ${stack_id}, without an end: the driver ignores create_timeout`,
    where: `in the management cluster, namespace ${namespace}: kubectl -n ${namespace} describe cluster ${stack_id}; kubectl -n ${namespace} get machines,openstackmachines; then the logs of the controllers of Cluster API and its provider for OpenStack`,
  }
}

export const nodeGroupFailed: Hypothesis = {
  code: 'diagnosis/node-group-failed',
  supposes: 'a group of machines of a cluster failed, although Magnum calls the cluster complete',
  stages: ['cluster'],
  async test(on) {
    const found = await need(on, nodeGroups)
    const outcome = await nodeGroups(on)
    return overAll(
      found
        .filter(({ standing, group }) => group.status.endsWith('_FAILED') && !isFailed(standing))
        .map(({ standing: { cluster }, group }) =>
          confirmed(
            {
              code: nodeGroupFailed.code,
              where: `cluster ${cluster.name}`,
              message: `it is ${cluster.status}, and its node group ${group.name} (${group.node_count} machines) is ${group.status}: ${group.status_reason ?? 'Magnum gives no reason'}. Magnum does not repair it by itself`,
              remedy: waitsFor(cluster).where,
              owner: 'operator',
            },
            outcome,
          ),
        ),
    )
  },
}

/**
 * Since 22.0.0 Magnum reads the health of a cluster that is still made, so a cluster just complete is UNHEALTHY until
 * the next look (seen on 23). [kubernetes] health_polling_interval is 60 s.
 */
const healthAgeMs = 120_000

export const clusterUnhealthy: Hypothesis = {
  code: 'diagnosis/cluster-unhealthy',
  supposes: 'Magnum reads a complete cluster as unhealthy',
  stages: ['cluster'],
  async test(on) {
    const sick = (await need(on, clusters)).filter(
      ({ cluster }) => cluster.status.endsWith('_COMPLETE') && cluster.health_status === 'UNHEALTHY',
    )
    const outcome = await clusters(on)
    return overAll(
      sick.map(({ cluster }) => {
        // `Ready` is of capi-helm (common/capi_monitor.py), the others of Heat's driver (k8s_monitor.py)
        const wrong = Object.entries(cluster.health_status_reason).filter(
          ([, said]) => !/^(?:ok|True|Ready)$/.test(said),
        )
        const reasons = wrong.map(([what, said]) => `${what}: ${said}`).join(', ')
        const isStale = on.subject.now().getTime() - Date.parse(cluster.updated_at ?? '') < healthAgeMs
        return confirmed(
          {
            code: clusterUnhealthy.code,
            severity: isStale ? 'unknown' : 'error',
            where: `cluster ${cluster.name}`,
            message: `Magnum reads it as UNHEALTHY: ${reasons === '' ? 'without a reason' : reasons}${isStale ? '. It changed less than two minutes ago, and Magnum looks once a minute: that may be of before' : ''}`,
            remedy: `${isStale ? 'run this again in two minutes; then ' : ''}look at its nodes and pods with its kubeconfig: kubectl get nodes; kubectl get pods -A`,
            owner: 'tenant',
          },
          outcome,
        )
      }),
    )
  },
}

/**
 * These failures are told by `status_reason` alone, in words that no other cause has: of requests for a connection, and
 * of oslo.concurrency for a command (processutils.py, ProcessExecutionError).
 */
export const driverFailed: Hypothesis = {
  code: 'diagnosis/management-cluster',
  supposes: "Magnum's driver did not reach the management cluster, or Helm refused the chart",
  stages: ['cluster'],
  async test(on) {
    const failed = (await need(on, clusters)).filter(isFailed)
    const outcome = await clusters(on)
    return overAll(
      failed.map(({ cluster }): HypothesisVerdict => {
        const reason = cluster.status_reason ?? ''
        const where = `cluster ${cluster.name}`
        const again = `then delete the cluster and apply again, for a failed cluster stays failed: openstack coe cluster delete ${cluster.uuid}`
        const host = /HTTPS?ConnectionPool\(host='([^']+)', port=(\d+)\)/.exec(reason)
        if (host !== null)
          return confirmed(
            {
              code: driverFailed.code,
              where,
              message: `Magnum's driver got no connection to ${host[1] ?? ''}:${host[2] ?? ''} when it acted (\`${reason}\`)`,
              remedy: `see whether the API of the management cluster answers there, and what the kubeconfig of magnum-conductor says; ${again}`,
              owner: 'operator',
            },
            outcome,
          )
        const command = /Command: (helm \S+)/.exec(reason)?.[1]
        if (command === undefined) return excluded
        const stderr = /Stderr: ['"]?(.*?)(?:\\n)*['"]?$/s.exec(reason)?.[1] ?? reason
        return confirmed(
          {
            code: 'diagnosis/helm-failed',
            where,
            message: `\`${command}\` failed on magnum-conductor: ${stderr}`,
            remedy: `correct what Helm says (chart, repository, version in \`[capi_helm]\` of magnum.conf); ${again}`,
            owner: 'operator',
          },
          outcome,
        )
      }),
    )
  },
}

export const failedWithoutReason: Hypothesis = {
  code: 'diagnosis/failed-without-reason',
  supposes: 'a cluster failed and Magnum has no reason for it, as after an addon of Cluster API that failed',
  stages: ['cluster'],
  async test(on) {
    const failed = (await need(on, clusters)).filter(
      (one) => isFailed(one) && (one.cluster.status_reason ?? '').trim() === '',
    )
    const outcome = await clusters(on)
    const told = await explainedByManagement(on)
    return overAll(
      failed.flatMap(({ cluster }): readonly HypothesisVerdict[] => {
        if (cluster.stack_id === null || driverOf(cluster.stack_id) !== 'helm' || told.includes(cluster.uuid)) return []
        const namespace = namespaceOf(cluster.project_id)
        return [
          confirmed(
            {
              code: failedWithoutReason.code,
              severity: 'unknown',
              where: `cluster ${cluster.name}`,
              message: `it is ${cluster.status} and Magnum gives no reason: an addon of Cluster API that failed does that, and nothing here shows which. Magnum does not look again, also not after it was repaired`,
              remedy: `in the management cluster: kubectl -n ${namespace} get manifests,helmreleases; kubectl -n ${namespace} describe cluster ${cluster.stack_id}. Only a new cluster is complete afterwards`,
              owner: 'operator',
            },
            outcome,
          ),
        ]
      }),
    )
  },
}

function isFailed({ cluster }: StandingCluster): boolean {
  return cluster.status.endsWith('_FAILED')
}
