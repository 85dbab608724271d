/** What the own API of each complete cluster says, with the kubeconfig that `apply` has fetched. Magnum passes none of it on. */
import { cloudControllerOf, networkOf } from '../../kubernetes/add-ons.ts'
import type { AddOn, NetworkDriver } from '../../kubernetes/add-ons.ts'
import { openKubernetes } from '../../kubernetes/api.ts'
import { listNodes } from '../../kubernetes/nodes.ts'
import type { Node } from '../../kubernetes/nodes.ts'
import { listPods } from '../../kubernetes/pods.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import { clusters } from './clusters.ts'
import type { StandingCluster } from './clusters.ts'

export type InsideCluster = {
  readonly standing: StandingCluster
  /** How many nodes Magnum says that it has. */
  readonly expected: number
  readonly nodes: readonly (Node & { readonly hasAgent: boolean })[]
  readonly driver: NetworkDriver
  readonly network: AddOn
  /** Absent where the cluster is made without one. */
  readonly controller: AddOn | undefined
}

export const insideClusters = experiment<readonly InsideCluster[]>(
  'inside-clusters',
  'does every node, the network and the cloud controller of each complete cluster work, by its own API?',
  async (on, notes) => {
    const complete = (await need(on, clusters)).filter(
      ({ cluster, project }) =>
        /^(CREATE|UPDATE)_COMPLETE$/.test(cluster.status) && cluster.name === project.asked.names.cluster,
    )
    if (complete.length === 0) throw new Inapplicable('no cluster of the tenant file is complete')
    return Promise.all(
      complete.map(async (standing): Promise<InsideCluster> => {
        const { cluster, project } = standing
        const access = await on.subject.accessToCluster(project.asked)
        // a cluster of the same name before it had another address
        if (access === undefined || access.address !== cluster.api_address)
          throw new Unasked(
            `no kubeconfig of ${cluster.name} is here, so its nodes were not read: \`tenant-onboard apply\` fetches it`,
          )
        const kubernetes = openKubernetes({ ...access, deadlineMs: on.subject.operator.deadlineMs })
        const [nodes, pods] = await Promise.all([listNodes(kubernetes), listPods(kubernetes)])
        const driver = project.asked.spec.template?.network_driver ?? 'calico'
        const expected = cluster.master_count + cluster.node_count
        const network = networkOf(driver, nodes, pods)
        const isWanted = cluster.labels['cloud_provider_enabled'] !== 'false'
        const controller = isWanted ? cloudControllerOf(pods) : undefined
        const ready = nodes.filter(({ isReady }) => isReady).length
        notes.saw(`${ready} of ${expected} nodes of ${cluster.name} are Ready`)
        notes.saw(`${driver} in ${cluster.name}: ${network.detail}`)
        if (controller !== undefined) notes.saw(`the cloud controller of ${cluster.name}: ${controller.detail}`)
        const withAgent = nodes.map((node) => ({ ...node, hasAgent: networkOf(driver, [node], pods).isRunning }))
        return { standing, expected, nodes: withAgent, driver, network, controller }
      }),
    )
  },
)
