import { listOf, object, optional, text } from '../openstack/shape.ts'
import { metadata } from './api.ts'
import type { Kubernetes } from './api.ts'

export type Pod = {
  readonly name: string
  readonly namespace: string
  /** Absent until it has a node. */
  readonly node?: string
  readonly images: readonly string[]
  readonly isReady: boolean
  /** `CrashLoopBackOff`, `Pending`: why it is not ready. */
  readonly because?: string
}

type Waiting = { readonly reason?: string | undefined; readonly message?: string | undefined }
type ContainerStatus = { readonly state?: { readonly waiting?: Waiting | undefined } | undefined }
type Condition = { readonly type: string; readonly status: string }

type Shown = {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined }
  readonly spec: { readonly nodeName?: string | undefined; readonly containers: readonly { readonly image: string }[] }
  readonly status: {
    readonly phase?: string | undefined
    readonly conditions?: readonly Condition[] | undefined
    readonly containerStatuses?: readonly ContainerStatus[] | undefined
  }
}

const waiting = object<Waiting>({ reason: optional(text), message: optional(text) })
const shown = object<Shown>({
  metadata,
  spec: object<Shown['spec']>({
    nodeName: optional(text),
    containers: listOf(object<{ readonly image: string }>({ image: text })),
  }),
  status: object<Shown['status']>({
    phase: optional(text),
    conditions: optional(listOf(object<Condition>({ type: text, status: text }))),
    containerStatuses: optional(
      listOf(
        object<ContainerStatus>({
          state: optional(object<{ readonly waiting?: Waiting | undefined }>({ waiting: optional(waiting) })),
        }),
      ),
    ),
  }),
})

/** Of all namespaces: one driver runs its add-ons in `kube-system`, another one elsewhere. */
export async function listPods(kubernetes: Kubernetes): Promise<readonly Pod[]> {
  return (await kubernetes.list('/api/v1/pods', shown)).map(podOf)
}

function podOf({ metadata: { name, namespace = '' }, spec, status }: Shown): Pod {
  const isReady = status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
  const stuck = status.containerStatuses
    ?.map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined)
  return {
    name,
    namespace,
    ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
    images: spec.containers.map(({ image }) => image),
    isReady,
    ...(isReady ? {} : { because: stuck ?? status.phase ?? 'not ready' }),
  }
}
