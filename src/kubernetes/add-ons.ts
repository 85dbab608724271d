/**
 * The add-ons that a cluster needs, found by the images of its pods: names of pods, labels and namespaces differ
 * between drivers, and a registry may be mirrored, but the last part of an image's name stays.
 *
 * Heat: calico-node and openstack-cloud-controller-manager in kube-system (magnum 15.0.1, drivers/common/templates/
 * kubernetes/fragments/calico-service.sh and kube-apiserver-to-kubelet-role.sh). capi-helm: calico-system by the Tigera
 * operator, openstack-system (capi-helm-charts 0.27.0, charts/cluster-addons/templates/cni/calico.yaml and
 * values.yaml).
 */
import type { Node } from './nodes.ts'
import type { Pod } from './pods.ts'

/** The agent that each runs on every node. */
const agents = {
  calico: /(^|\/)(calico\/node|calico-node|mirrored-calico-node|rancher-calico-node)$/,
  flannel: /(^|\/)(flannel|flannel-cni|mirrored-flannel-flannel)$/,
  cilium: /(^|\/)cilium$/,
} as const

export type NetworkDriver = keyof typeof agents

export type AddOn = {
  readonly isRunning: boolean
  /** Small, for evidence. */
  readonly detail: string
  readonly images: readonly string[]
}

/** Are the network agents ready on every node? */
export function networkOf(driver: NetworkDriver, nodes: readonly Node[], pods: readonly Pod[]): AddOn {
  const found = pods.filter((pod) => pod.images.some((image) => agents[driver].test(nameOf(image))))
  const without = nodes.filter((node) => !found.some((pod) => pod.node === node.name && pod.isReady))
  const stuck = found.filter((pod) => !pod.isReady).map((pod) => `${pod.name}: ${pod.because ?? 'not ready'}`)
  const detail =
    found.length === 0
      ? `no pod of ${driver}`
      : without.length === 0
        ? `${found.length} of ${found.length} ready`
        : [`not ready on ${without.map(({ name }) => name).join(', ')}`, ...stuck].join('; ')
  return { isRunning: nodes.length > 0 && without.length === 0, detail, images: imagesOf(found) }
}

/** One ready pod suffices: they elect a leader. */
export function cloudControllerOf(pods: readonly Pod[]): AddOn {
  const found = pods.filter((pod) =>
    pod.images.some((image) => nameOf(image).endsWith('openstack-cloud-controller-manager')),
  )
  const ready = found.filter(({ isReady }) => isReady)
  const stuck = found.filter((pod) => !pod.isReady).map((pod) => `${pod.name}: ${pod.because ?? 'not ready'}`)
  const detail = found.length === 0 ? 'no such pod' : [`${ready.length} of ${found.length} ready`, ...stuck].join('; ')
  return { isRunning: ready.length > 0, detail, images: imagesOf(found) }
}

/** Without tag and digest; a port is part of the registry. */
function nameOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/]*$/, '')
}

function imagesOf(pods: readonly Pod[]): readonly string[] {
  return [...new Set(pods.flatMap(({ images }) => images))].sort()
}
