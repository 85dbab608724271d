/** What is wrong in a cluster that Magnum calls complete. Its own API tells it, and who can end it. */
import { secretNames } from '../../tenant/sessions.ts'
import { need } from '../experiment.ts'
import { insideClusters } from '../experiments/inside.ts'
import type { InsideCluster } from '../experiments/inside.ts'
import { confirmed, excluded, overAll } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

function kubectl({ standing: { project } }: InsideCluster): string {
  return `kubectl --kubeconfig secrets/${secretNames.kubeconfig(project.asked)}`
}

export const nodeNotReady: Hypothesis = {
  code: 'diagnosis/node-not-ready',
  supposes: 'a node of a complete cluster is not Ready, or has not joined',
  stages: ['cluster'],
  async test(on) {
    const all = await need(on, insideClusters)
    const outcome = await insideClusters(on)
    return overAll(
      all.flatMap((inside) => {
        const { standing, nodes, expected, driver } = inside
        const where = `cluster ${standing.cluster.name}`
        const unready = nodes.filter(({ isReady }) => !isReady)
        const found = unready.map(({ name, because = 'no reason', since, hasAgent }) =>
          confirmed(
            {
              code: nodeNotReady.code,
              where,
              message: `node ${name} is not Ready${since === undefined ? '' : ` since ${since}`}: ${because}${hasAgent ? '' : `. ${driver} does not run on it`}`,
              remedy: `what its kubelet says has to end, and then it becomes Ready by itself: ${kubectl(inside)} describe node ${name}. A machine that is dead does not heal: have its Machine deleted in the management cluster, or resize the cluster`,
              owner: 'tenant',
            },
            outcome,
          ),
        )
        if (nodes.length >= expected) return found.length > 0 ? found : [excluded]
        return [
          ...found,
          confirmed(
            {
              code: nodeNotReady.code,
              where,
              message: `${expected - nodes.length} of its ${expected} machines have not joined: its API has ${nodes.length} nodes`,
              remedy: `see how far the machines are (openstack server list, openstack console log show), and whether they reach ${standing.cluster.api_address ?? 'the API of the cluster'}`,
              owner: 'operator',
            },
            outcome,
          ),
        ]
      }),
    )
  },
}

export const networkAgentDown: Hypothesis = {
  code: 'diagnosis/network-agent-down',
  supposes: 'the network agent of a complete cluster does not run on every node',
  stages: ['cluster'],
  async test(on) {
    const all = await need(on, insideClusters)
    const outcome = await insideClusters(on)
    return overAll(
      all.map((inside) =>
        inside.network.isRunning
          ? excluded
          : confirmed(
              {
                code: networkAgentDown.code,
                where: `cluster ${inside.standing.cluster.name}`,
                message: `${inside.driver} does not run on every node: ${inside.network.detail}. Pods there get no network`,
                remedy: `its pods are started again and again, so it heals when their cause is gone: ${kubectl(inside)} get pods -A, then \`logs\` of the pod. An addon that is missing has to be installed again`,
                owner: 'operator',
              },
              outcome,
            ),
      ),
    )
  },
}

export const noCloudController: Hypothesis = {
  code: 'diagnosis/no-cloud-controller',
  supposes: 'no cloud controller runs in a complete cluster',
  stages: ['cluster'],
  async test(on) {
    const all = await need(on, insideClusters)
    const outcome = await insideClusters(on)
    return overAll(
      all.map((inside) =>
        inside.controller?.isRunning === false
          ? confirmed(
              {
                code: noCloudController.code,
                where: `cluster ${inside.standing.cluster.name}`,
                message: `no openstack-cloud-controller-manager is ready: ${inside.controller.detail}. New nodes keep the taint \`uninitialized\`, and no Service gets a load balancer`,
                remedy: `it does not come by itself: look at the addon in the management cluster (kubectl get helmreleases,manifests -A), or at its pod: ${kubectl(inside)} get pods -A`,
                owner: 'operator',
              },
              outcome,
            )
          : excluded,
      ),
    )
  },
}
