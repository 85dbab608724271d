import { listOf, object, optional, text } from '../openstack/shape.ts'
import { metadata } from './api.ts'
import type { Kubernetes } from './api.ts'

/** A machine of the cluster, as Kubernetes sees it. */
export type Node = {
  readonly name: string
  readonly isReady: boolean
  /** Why not, as the kubelet says. */
  readonly because?: string
  readonly version: string
}

type Condition = {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
}

type Shown = {
  readonly metadata: { readonly name: string }
  readonly status: {
    readonly conditions: readonly Condition[]
    readonly nodeInfo: { readonly kubeletVersion: string }
  }
}

const shown = object<Shown>({
  metadata,
  status: object<Shown['status']>({
    conditions: (value, at) =>
      optional(
        listOf(object<Condition>({ type: text, status: text, reason: optional(text), message: optional(text) })),
      )(value, at) ?? [],
    nodeInfo: object({ kubeletVersion: text }),
  }),
})

export async function listNodes(kubernetes: Kubernetes): Promise<readonly Node[]> {
  return (await kubernetes.list('/api/v1/nodes', shown)).map(({ metadata: { name }, status }) => {
    const ready = status.conditions.find(({ type }) => type === 'Ready')
    const isReady = ready?.status === 'True'
    const because =
      ready === undefined ? 'the kubelet has not reported yet' : (ready.message ?? ready.reason ?? ready.status)
    return { name, isReady, ...(isReady ? {} : { because }), version: status.nodeInfo.kubeletVersion }
  })
}
