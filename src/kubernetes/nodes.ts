import { listOf, mapOf, object, optional, text } from '../openstack/shape.ts'
import type { Kubernetes } from './api.ts'

/** A machine of the cluster, as Kubernetes sees it. */
export type Node = {
  readonly name: string
  readonly isReady: boolean
  /** Why not, as the kubelet says. */
  readonly because?: string
  /** When it became so. */
  readonly since?: string | undefined
  readonly version: string
  /** Inside the cluster's network; the node's name if it has not reported one. */
  readonly address: string
  readonly isControlPlane: boolean
}

type Condition = {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTransitionTime?: string | undefined
}

type Shown = {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> | undefined }
  readonly status: {
    readonly addresses: readonly { readonly type: string; readonly address: string }[]
    readonly conditions: readonly Condition[]
    readonly nodeInfo: { readonly kubeletVersion: string }
  }
}

const shown = object<Shown>({
  metadata: object<Shown['metadata']>({ name: text, labels: optional(mapOf(text)) }),
  status: object<Shown['status']>({
    addresses: (value, at) =>
      optional(listOf(object<{ readonly type: string; readonly address: string }>({ type: text, address: text })))(
        value,
        at,
      ) ?? [],
    conditions: (value, at) =>
      optional(
        listOf(
          object<Condition>({
            type: text,
            status: text,
            reason: optional(text),
            message: optional(text),
            lastTransitionTime: optional(text),
          }),
        ),
      )(value, at) ?? [],
    nodeInfo: object({ kubeletVersion: text }),
  }),
})

/** kubeadm's, and its name before 1.20. */
const controlPlaneLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
/** Of Heat's driver: magnum 15.0.1, templates/kubernetes/fragments/configure-kubernetes-master.sh */
const roleLabel = 'magnum.openstack.org/role'

export async function listNodes(kubernetes: Kubernetes): Promise<readonly Node[]> {
  return (await kubernetes.list('/api/v1/nodes', shown)).map(({ metadata: { name, labels = {} }, status }) => {
    const ready = status.conditions.find(({ type }) => type === 'Ready')
    const isReady = ready?.status === 'True'
    const because =
      ready === undefined ? 'the kubelet has not reported yet' : (ready.message ?? ready.reason ?? ready.status)
    return {
      name,
      isReady,
      ...(isReady ? {} : { because }),
      since: ready?.lastTransitionTime,
      version: status.nodeInfo.kubeletVersion,
      address: status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? name,
      isControlPlane: controlPlaneLabels.some((label) => label in labels) || labels[roleLabel] === 'master',
    }
  })
}
