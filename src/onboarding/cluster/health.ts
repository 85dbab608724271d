/** Is a cluster usable, by its own API: every node Ready, the network agent on each, a cloud controller? */
import { cloudControllerOf, networkOf } from '../../kubernetes/add-ons.ts'
import type { AddOn, NetworkDriver } from '../../kubernetes/add-ons.ts'
import { openKubernetes } from '../../kubernetes/api.ts'
import type { Kubernetes } from '../../kubernetes/api.ts'
import type { Kubeconfig } from '../../kubernetes/kubeconfig.ts'
import { listNodes } from '../../kubernetes/nodes.ts'
import type { Node } from '../../kubernetes/nodes.ts'
import { listPods } from '../../kubernetes/pods.ts'
import { isTransient } from '../../errors.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import type { Check } from '../../tenant/stage.ts'
import type { GateContext } from '../gate.ts'
import type { ClusterSubject } from './subject.ts'

/** A cluster that Magnum calls complete may still be pulling images. */
const settlingMs = 10 * 60_000

type Health = { readonly nodes: readonly Node[]; readonly network: AddOn; readonly controller: AddOn | undefined }

export async function checkHealth(
  context: GateContext,
  subject: ClusterSubject,
  cluster: Cluster,
  kubeconfig: Kubeconfig,
): Promise<void> {
  const { record, external } = context
  const { name, resource, project } = subject
  const kubernetes = openKubernetes({ ...kubeconfig, fetch: external.fetch })
  const driver = project.spec.template?.network_driver ?? 'calico'
  const expected = cluster.master_count + cluster.node_count
  const health = await settle(context, name, () => lookInto(kubernetes, driver, cluster), expected)
  const { nodes, network, controller } = health
  const unready = nodes.filter(({ isReady }) => !isReady)
  const claim = (text: string, ok: boolean, value: unknown): Check => ({
    claim: text,
    ok,
    value,
    actor: 'creator',
    reach: 'tenant could',
    // Kubernetes gives its requests no ids
    requestIds: [],
    about: resource.id,
  })
  const versions = [...new Set(nodes.map(({ version }) => version))]
  record(
    [
      claim(`every node of ${name} is Ready`, nodes.length >= expected && unready.length === 0, {
        nodes: nodes.length,
        expected,
        versions,
        masters: nodes.filter(({ isControlPlane }) => isControlPlane).map(({ address }) => address),
        workers: nodes.filter(({ isControlPlane }) => !isControlPlane).map(({ address }) => address),
        ...(unready.length === 0 ? {} : { unready: unready.map((node) => `${node.name}: ${node.because ?? ''}`) }),
      }),
      claim(`${driver} runs on every node of ${name}`, network.isRunning, {
        detail: network.detail,
        images: network.images,
      }),
      ...(controller === undefined
        ? []
        : [
            claim(`the cloud controller of ${name} runs`, controller.isRunning, {
              detail: controller.detail,
              images: controller.images,
            }),
          ]),
    ],
    [],
  )
}

async function lookInto(kubernetes: Kubernetes, driver: NetworkDriver, cluster: Cluster): Promise<Health> {
  const [nodes, pods] = await Promise.all([listNodes(kubernetes), listPods(kubernetes)])
  return {
    nodes,
    network: networkOf(driver, nodes, pods),
    // this is Heat's label; capi-helm always runs it
    controller: cluster.labels['cloud_provider_enabled'] === 'false' ? undefined : cloudControllerOf(pods),
  }
}

/** The state when all is well, or when patience ends. Throws if the API has not answered by then. */
async function settle(
  { clock }: GateContext,
  name: string,
  look: () => Promise<Health>,
  expected: number,
): Promise<Health> {
  const started = clock.now().getTime()
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 15_000)) {
    const isLast = clock.now().getTime() - started > settlingMs
    try {
      const health = await look()
      const wanting = wantingOf(health, expected)
      if (wanting === '' || isLast) return health
      clock.note(`${name} is complete; waiting for ${wanting}`)
    } catch (error) {
      if (isLast || !isTransient(error)) throw error
      clock.note(error instanceof Error ? error.message : String(error))
    }
    await clock.sleep(pause)
  }
}

function wantingOf({ nodes, network, controller }: Health, expected: number): string {
  const ready = nodes.filter(({ isReady }) => isReady).length
  return [
    ready < Math.max(expected, nodes.length) ? `nodes (${ready} of ${expected} Ready)` : '',
    network.isRunning ? '' : `the network (${network.detail})`,
    controller === undefined || controller.isRunning ? '' : `the cloud controller (${controller.detail})`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}
