/** How far a cluster has come, and the message for the user who waits. */
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import type { Trust } from '../../openstack/keystone/trusts.ts'
import type { Stack, StackResource } from '../../openstack/heat.ts'
import type { TrustHabit } from '../creator-rule.ts'

export type ClusterState = {
  /** Absent until Magnum's conductor has recorded the cluster. */
  readonly cluster: Cluster | undefined
  /** `undefined` if it could not be looked up: only an operator can read the domain of trustees. */
  readonly hasTrustee: boolean | undefined
  readonly trusts: readonly Trust[]
  readonly habit: TrustHabit
  /** False once a gate has seen them: then they are not looked for again. */
  readonly looksForTrust: boolean
  readonly hasCertificates?: boolean | undefined
  readonly stack?: Stack | undefined
  readonly resources?: readonly StackResource[] | undefined
}

/** One line, 80 columns if the names are short: what exists, and what comes next. */
export function describeStanding(name: string, standing: ClusterState): string {
  const { cluster } = standing
  if (cluster === undefined) return `${name} is requested; Magnum has not recorded it yet`
  const message = [`${name} ${cluster.status}`, whereItIs(cluster, standing)].filter((part) => part !== '')
  return message.join(': ')
}

function whereItIs(cluster: Cluster, standing: ClusterState): string {
  if (!cluster.status.endsWith('_IN_PROGRESS')) return cluster.status_reason ?? ''
  if (cluster.stack_id !== null) return driverWords(cluster, cluster.stack_id, standing)
  if (standing.habit === 'never' || !standing.looksForTrust) return 'certificates and driver come next'
  if (standing.trusts.length > 0) return 'trustee and trust made; certificates and driver come next'
  if (standing.hasTrustee === true) return 'trustee made; its trust comes next'
  return standing.hasTrustee === false ? 'its trustee comes next' : 'trustee and trust come next'
}

function driverWords(
  { api_address }: Cluster,
  stackId: string,
  { stack, resources = [], hasCertificates }: ClusterState,
): string {
  const stored = hasCertificates === true ? 'certificates stored; ' : ''
  if (driverOf(stackId) === 'helm')
    return api_address === null
      ? // the name is there before namespace, credential and release
        `${stored}the driver works on Helm release ${stackId}, and Cluster API after it`
      : `${stored}the API of ${stackId} has its address; Cluster API makes the machines`
  if (stack === undefined) return `${stored}Heat stack ${stackId} exists`
  const done = resources.filter(({ resource_status }) => resource_status.endsWith('_COMPLETE')).length
  const count = resources.length === 0 ? '' : `, ${done} of ${resources.length} resources`
  return `${stored}stack ${stack.stack_status}${count}`
}

/** Why Heat gave up: the deepest failures, which the other ones repeat. */
export function stackFailures(resources: readonly StackResource[]): readonly string[] {
  const failed = resources.filter(({ resource_status }) => resource_status.endsWith('_FAILED'))
  // a nested stack fails because one of its resources did
  const deepest = failed.filter(
    ({ resource_type }) => !/^(OS::Heat::(ResourceGroup|.*Stack)|file:|http)/.test(resource_type),
  )
  return (deepest.length === 0 ? failed : deepest)
    .slice(0, 5)
    .map(
      ({ resource_name, resource_type, resource_status_reason = '' }) =>
        `${resource_name} (${resource_type}): ${resource_status_reason}`,
    )
}
