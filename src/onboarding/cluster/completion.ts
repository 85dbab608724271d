/** The second gate: Magnum calls the cluster complete, and then the cluster's own API is asked. */
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { listNodeGroups } from '../../openstack/magnum/node-groups.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import type { GateContext } from '../gate.ts'
import { claimCluster } from './acceptance.ts'
import { admit } from './admission.ts'
import { checkChildCredential } from './child-credential.ts'
import { conductorOf } from './conductor.ts'
import { checkHealth } from './health.ts'
import type { ClusterSubject } from './subject.ts'
import { until } from './until.ts'
import { watchCluster } from './watch.ts'

export async function checkComplete(context: GateContext, subject: ClusterSubject): Promise<void> {
  const { clock } = context
  const { project, name } = subject
  const conductor = conductorOf(context, subject)
  const watch = await watchCluster(context, subject, { seesTrust: false })
  const limitMs = ((project.spec.cluster?.create_timeout ?? 60) + 5) * 60_000
  const look = await until(clock, { limitMs, what: `for cluster ${name}` }, async () => {
    const seen = await watch.look()
    if (seen.cluster?.status.endsWith('_IN_PROGRESS') !== true)
      return (await isResizing(context, subject, seen.cluster)) ? undefined : seen
    const worst = (await conductor.message()).findLast(({ failed }) => failed !== undefined)
    if (worst !== undefined) clock.note(`${name}: the conductor says: ${worst.message}`)
    return undefined
  })
  const isComplete = look.cluster?.status.endsWith('_COMPLETE') === true
  claimCluster(subject, look, `cluster ${name} is complete`, {
    isRight: (status) => /^(CREATE|UPDATE)_COMPLETE$/.test(status),
    message: isComplete ? [] : await conductor.message(true),
  })
  const { cluster } = look
  if (cluster === undefined || !isComplete) return
  const { api_address } = cluster
  await checkMachines(context, subject, cluster)
  await checkChildCredential(context, subject, cluster)
  if (api_address === null) return
  const kubeconfig = await admit(context, subject, api_address)
  if (kubeconfig !== undefined) await checkHealth(context, subject, cluster, kubeconfig)
}

/**
 * Magnum answers before its conductor has begun to resize, which gives the group its number and state first, lets the driver work, and then
 * changes the state of the cluster (magnum 15.0.1, conductor/handlers/cluster_conductor.py, cluster_resize; seen).
 */
async function isResizing(
  { read }: GateContext,
  { project, owner, uuid }: ClusterSubject,
  cluster: Cluster | undefined,
): Promise<boolean> {
  if (cluster?.status.endsWith('_COMPLETE') !== true) return false
  if (cluster.node_count !== (project.spec.cluster?.node_count ?? 1)) return true
  const groups = await read(owner.identity, (session) => listNodeGroups(session, uuid))
  return groups.value.some(({ status }) => status.endsWith('_IN_PROGRESS'))
}

/**
 * Every group of machines is complete, and the API has an address. Only Heat's driver writes the addresses of the
 * machines into the cluster; magnum-capi-helm never does (1.2.0 and 1.4.0, seen), so there the groups answer, and
 * after them the cluster's own nodes. A group may have failed below a complete cluster: its state is its own.
 */
async function checkMachines({ read }: GateContext, subject: ClusterSubject, cluster: Cluster): Promise<void> {
  const { owner, name, uuid, resource } = subject
  const { api_address, node_addresses, master_addresses, node_count, master_count, health_status, stack_id } = cluster
  const groups = await read(owner.identity, (session) => listNodeGroups(session, uuid))
  const isHeat = stack_id !== null && driverOf(stack_id) === 'heat'
  const areKnown = node_addresses.length >= node_count && master_addresses.length >= master_count
  const areComplete = groups.value.length > 0 && groups.value.every(({ status }) => status.endsWith('_COMPLETE'))
  groups
    .about(resource)
    .claim(
      `cluster ${name} has all its machines and an address`,
      areComplete && (!isHeat || areKnown) && api_address !== null,
      {
        api_address,
        groups: groups.value.map(
          ({ name: called, role, status, node_count: count }) => `${called} (${role}): ${count}, ${status}`,
        ),
        ...(isHeat ? { master_addresses, node_addresses } : {}),
        health_status: health_status ?? null,
      },
    )
}
