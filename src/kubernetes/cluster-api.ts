/**
 * What a management cluster says of one cluster of magnum-capi-helm: the objects of Cluster API, of its provider for
 * OpenStack (CAPO) and of the addon operator, with their conditions, and recent events. Read only.
 */
import { CloudError } from '../errors.ts'
import { isRecord, listOf, object, optional, text } from '../openstack/shape.ts'
import { Secret } from '../secret.ts'
import type { Kubernetes } from './api.ts'

export type Condition = {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
  /** When it became that. */
  readonly lastTransitionTime?: string | undefined
}

export type ManagedObject = {
  /** `openstackcluster`, as kubectl takes it. */
  readonly kind: ManagedKind
  readonly name: string
  readonly phase?: string | undefined
  readonly failureMessage?: string | undefined
  readonly conditions: readonly Condition[]
}

/** Something that went wrong lately. The API server keeps events for an hour. */
export type KubernetesEvent = {
  readonly reason: string
  readonly message: string
  readonly about: string
  readonly last?: string | undefined
}

export type ManagedCluster = {
  readonly objects: readonly ManagedObject[]
  readonly events: readonly KubernetesEvent[]
  /** What this account may not read, or this management cluster does not have. */
  readonly unread: readonly string[]
}

/** The version that magnum-capi-helm asks for comes first. CAPO has OpenStackServer in v1alpha1 only (0.14.7). */
const kinds = {
  cluster: ['cluster.x-k8s.io', 'clusters'],
  machine: ['cluster.x-k8s.io', 'machines'],
  machinedeployment: ['cluster.x-k8s.io', 'machinedeployments'],
  kubeadmcontrolplane: ['controlplane.cluster.x-k8s.io', 'kubeadmcontrolplanes'],
  openstackcluster: ['infrastructure.cluster.x-k8s.io', 'openstackclusters'],
  openstackserver: ['infrastructure.cluster.x-k8s.io', 'openstackservers'],
  helmrelease: ['addons.stackhpc.com', 'helmreleases'],
  manifests: ['addons.stackhpc.com', 'manifests'],
} as const
const versions = ['v1beta1', 'v1beta2', 'v1alpha1']

export type ManagedKind = keyof typeof kinds

type Shown = {
  readonly metadata: { readonly name: string }
  readonly status?:
    | {
        readonly phase?: string | undefined
        readonly failureMessage?: string | undefined
        readonly conditions?: readonly Condition[] | undefined
      }
    | undefined
}

const condition = object<Condition>({
  type: text,
  status: text,
  reason: optional(text),
  message: optional(text),
  lastTransitionTime: optional(text),
})
const shown = object<Shown>({
  metadata: object<Shown['metadata']>({ name: text }),
  status: optional(
    object<NonNullable<Shown['status']>>({
      phase: optional(text),
      failureMessage: optional(text),
      conditions: optional(listOf(condition)),
    }),
  ),
})

type ShownEvent = {
  readonly type?: string | undefined
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTimestamp?: string | null | undefined
  readonly involvedObject: { readonly name?: string | undefined; readonly kind?: string | undefined }
}
const shownEvent = object<ShownEvent>({
  type: optional(text),
  reason: optional(text),
  message: optional(text),
  lastTimestamp: (value, at) => (value === null ? undefined : optional(text)(value, at)),
  involvedObject: object<ShownEvent['involvedObject']>({ name: optional(text), kind: optional(text) }),
})

/** Throws `CloudError` if the management cluster does not answer, or refuses the account itself. */
export async function readManagedCluster(
  kubernetes: Kubernetes,
  namespace: string,
  stack: string,
): Promise<ManagedCluster> {
  const unread: string[] = []
  const isOwn = (name: string | undefined): boolean => name === stack || name?.startsWith(`${stack}-`) === true
  const objects = await Promise.all(
    (Object.keys(kinds) as ManagedKind[]).map(async (kind) => {
      const listed = await listKind(kubernetes, namespace, kind)
      if (typeof listed === 'string') unread.push(listed)
      return typeof listed === 'string' ? [] : listed.filter(({ name }) => isOwn(name))
    }),
  )
  const events = await passing(kubernetes.list(`/api/v1/namespaces/${namespace}/events`, shownEvent), 'events', unread)
  return {
    objects: objects.flat(),
    events: (events ?? []).flatMap(({ type, reason = '', message = '', lastTimestamp, involvedObject }) =>
      type === 'Warning' && isOwn(involvedObject.name)
        ? [
            {
              reason,
              message,
              about: `${involvedObject.kind ?? 'object'} ${involvedObject.name ?? ''}`,
              last: lastTimestamp ?? undefined,
            },
          ]
        : [],
    ),
    unread,
  }
}

async function listKind(
  kubernetes: Kubernetes,
  namespace: string,
  kind: ManagedKind,
): Promise<readonly ManagedObject[] | string> {
  const [group, plural] = kinds[kind]
  for (const version of versions) {
    try {
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`
      return (await kubernetes.list(path, shown)).map(({ metadata, status }) => ({
        kind,
        name: metadata.name,
        phase: status?.phase,
        failureMessage: status?.failureMessage,
        conditions: status?.conditions ?? [],
      }))
    } catch (error) {
      if (isStatus(error, 403)) return `${plural} (403)`
      if (!isStatus(error, 404)) throw error
    }
  }
  return `${plural} (there is no such kind)`
}

async function passing<T>(asked: Promise<T>, what: string, unread: string[]): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    unread.push(`${what} (403)`)
    return undefined
  }
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof CloudError && error.status === status
}

/** The cluster's own credential, as CAPO uses it. */
export type CloudCredential = { readonly cloudsYaml: Secret; readonly ca: string | undefined }

type ShownSecret = { readonly cloudsYaml: Secret | undefined; readonly ca: string | undefined }

/** The words where there is none for this account. Throws `CloudError` if the management cluster does not answer. */
export async function readCloudCredential(
  kubernetes: Kubernetes,
  namespace: string,
  stack: string,
): Promise<CloudCredential | 'not readable' | 'not there'> {
  const fieldSelector = `metadata.name=${stack}-cloud-credentials`
  const path = `/api/v1/namespaces/${namespace}/secrets`
  try {
    const [found] = await kubernetes.list(path, shownSecret, { query: { fieldSelector }, isSecret: true })
    return found?.cloudsYaml === undefined ? 'not there' : { cloudsYaml: found.cloudsYaml, ca: found.ca }
  } catch (error) {
    if (isStatus(error, 403)) return 'not readable'
    throw error
  }
}

function shownSecret(value: unknown): ShownSecret {
  const data = isRecord(value) && isRecord(value['data']) ? value['data'] : {}
  const plain = (name: string): string | undefined => {
    const encoded = data[name]
    return typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : undefined
  }
  const cloudsYaml = plain('clouds.yaml')
  return { cloudsYaml: cloudsYaml === undefined ? undefined : new Secret(cloudsYaml, 'file'), ca: plain('cacert') }
}
