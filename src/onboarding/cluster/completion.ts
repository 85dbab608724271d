/** The second gate: Magnum calls the cluster complete, and then the cluster's own API is asked. */
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
  const { project, name, resource } = subject
  const conductor = conductorOf(context, subject)
  const watch = await watchCluster(context, subject, { seesTrust: false })
  const limitMs = ((project.spec.cluster?.create_timeout ?? 60) + 5) * 60_000
  const look = await until(clock, { limitMs, what: `for cluster ${name}` }, async () => {
    const seen = await watch.look()
    if (seen.cluster?.status.endsWith('_IN_PROGRESS') !== true) return seen
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
  const { api_address, node_addresses, master_addresses, node_count, master_count, health_status } = cluster
  look.reading
    .about(resource)
    .claim(
      `cluster ${name} has all its machines and an address`,
      node_addresses.length >= node_count && master_addresses.length >= master_count && api_address !== null,
      { api_address, master_addresses, node_addresses, health_status: health_status ?? null },
    )
  await checkChildCredential(context, subject, cluster)
  if (api_address === null) return
  const kubeconfig = await admit(context, subject, api_address)
  if (kubeconfig !== undefined) await checkHealth(context, subject, cluster, kubeconfig)
}
