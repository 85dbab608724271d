/**
 * What is wrong by the objects of one cluster in the management cluster, and whether it heals by itself. Conditions and messages were
 * seen on Cluster API 1.12.10 and its provider for OpenStack (CAPO) 0.14.7; docs/diagnosis.md has the table.
 */
import type { Condition, ManagedCluster, ManagedObject } from '../../kubernetes/cluster-api.ts'
import { printable } from '../../openstack/printable.ts'

export type Trouble = {
  readonly kind: 'refused' | 'machine' | 'addon'
  /** `openstackcluster acme-x`, as kubectl takes it. */
  readonly object: string
  readonly name: string
  /** `InstanceReady=False InstanceCreateFailed`, or the reason of an event. */
  readonly told: string
  readonly message: string
  readonly since: string | undefined
}

export function troublesOf({ objects, events }: ManagedCluster): readonly Trouble[] {
  const found = objects.flatMap(troubleOf)
  // no object has a condition for a port that is refused
  const ports = latest(events.filter(({ reason }) => reason === 'Failedcreateport')).map(
    ({ reason, message, about, last }): Trouble => ({
      kind: 'refused',
      object: about,
      name: about.split(' ')[1] ?? '',
      told: `event ${reason}`,
      message: printable(message),
      since: last,
    }),
  )
  return [...found, ...(isWaiting(objects) ? ports : [])]
}

/** Whether a Machine still waits for its infrastructure: else an event is an old one. */
function isWaiting(objects: readonly ManagedObject[]): boolean {
  return objects.some(
    ({ kind, conditions }) =>
      kind === 'machine' && conditions.some(({ type, status }) => type === 'InfrastructureReady' && status !== 'True'),
  )
}

function latest<T extends { readonly last?: string | undefined }>(events: readonly T[]): readonly T[] {
  const last = events.toSorted((one, other) => (one.last ?? '').localeCompare(other.last ?? '')).at(-1)
  return last === undefined ? [] : [last]
}

function troubleOf(object: ManagedObject): readonly Trouble[] {
  const { kind, name, phase, failureMessage, conditions } = object
  const make = (trouble: Trouble['kind'], condition: Condition | undefined, message: string): Trouble => ({
    kind: trouble,
    object: `${kind} ${name}`,
    name,
    told:
      condition === undefined
        ? `phase ${phase ?? ''}`
        : `${condition.type}=${condition.status}${condition.reason === undefined ? '' : ` ${condition.reason}`}`,
    message: printable(message),
    since: condition?.lastTransitionTime,
  })
  const bad = conditions.filter(({ status, message = '' }) => status !== 'True' && message !== '')
  switch (kind) {
    case 'openstackcluster': {
      // the narrower condition says the same as Ready
      const telling = bad.find(({ type }) => type !== 'Ready') ?? bad[0]
      return telling === undefined ? [] : [make('refused', telling, telling.message ?? '')]
    }
    case 'openstackserver': {
      const failed = bad.find(({ reason }) => reason === 'InstanceCreateFailed')
      return failed === undefined ? [] : [make('machine', failed, failed.message ?? '')]
    }
    case 'machine': {
      const failed = bad.find(({ reason = '' }) => reason.endsWith('Error'))
      return failed === undefined ? [] : [make('refused', failed, failed.message ?? '')]
    }
    case 'helmrelease':
    case 'manifests':
      return phase === 'Failed' || phase === 'Unknown'
        ? [make('addon', undefined, failureMessage ?? 'it gives no reason')]
        : []
    // Magnum has the state of a group, and the Cluster repeats its OpenStackCluster
    case 'machinedeployment':
    case 'cluster':
    case 'kubeadmcontrolplane':
      return []
  }
}

/** What a refusal of OpenStack means for the cluster: the cause in words, who ends it, and whether the controllers continue by themselves. */
export type Meaning = {
  readonly cause: string
  readonly remedy: string
  readonly owner: 'operator' | 'tenant'
  readonly heals: boolean
}

export function meaningOf(message: string): Meaning {
  const quota =
    /resources: \['?([a-z_, ']+?)'?\]/i.exec(message)?.[1] ??
    /Quota exceeded for ([a-z_, ]+)/i.exec(message)?.[1] ??
    // Octavia's words for a key: `Load Balancer`
    /Quota has been met for resources: ([A-Za-z ]+)/.exec(message)?.[1]?.toLowerCase().replaceAll(' ', '_')
  if (quota !== undefined || /quota/i.test(message))
    return {
      cause: `the quota of ${quota ?? 'the project'} is met`,
      remedy: 'raise that quota in the tenant file and run `tenant-onboard apply`, or remove what uses it',
      owner: 'operator',
      heals: true,
    }
  if (/No more IP addresses|IpAddressGenerationFailure/i.test(message))
    return {
      cause: 'there is no free address',
      remedy: 'free addresses of that network',
      owner: 'operator',
      heals: true,
    }
  if (/matched more than one/i.test(message))
    return {
      cause: 'the template names no external network, and there are several',
      remedy: 'set `external_network` in cloud.yaml, and make template and cluster again',
      owner: 'operator',
      heals: false,
    }
  if (/NetworkNotFound|SubnetNotFound|got 404/i.test(message))
    return {
      cause: 'something that the cluster is pinned to does not exist any more',
      remedy: 'delete the cluster, and run `tenant-onboard apply`: it makes network, template and cluster again',
      owner: 'tenant',
      heals: false,
    }
  if (/got 403|Forbidden/i.test(message))
    return {
      cause: 'the credential of the cluster may not do that: its owner has lost a role, or a policy refuses it',
      remedy: 'run `tenant-onboard apply`, which gives the roles back; else ask the policy of that service',
      owner: 'operator',
      heals: true,
    }
  if (/refused|timed out|timeout|no route|got 5\d\d|unavailable/i.test(message))
    return {
      cause: 'the service does not answer, or fails',
      remedy: 'see whether that service runs',
      owner: 'operator',
      heals: true,
    }
  return { cause: 'OpenStack refused it', remedy: 'correct what the message says', owner: 'operator', heals: true }
}
