/** The certificates of clusters that exist already: a store that takes new ones may still have lost these. */
import { attempt, messageOf } from '../probes/attempt.ts'
import { hasService } from '../openstack/has-service.ts'
import { getClusterCa } from '../openstack/magnum/certificates.ts'
import { listClusters } from '../openstack/magnum/clusters.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { TenantProject } from '../tenant/tenant.ts'
import type { GateContext } from './gate.ts'

/**
 * Reads them through Magnum, as its own account reads them before it signs or scales anything, wherever it keeps them: the operator
 * sees neither Magnum's project nor which store it uses. Claims nothing for a tenant whose account cannot sign in here.
 */
export async function checkOwnCertificates(context: GateContext): Promise<void> {
  const projects = context.tenant.projects.filter(({ spec }) => spec.cluster !== undefined)
  await Promise.all(projects.map((project) => checkProject(context, project)))
}

async function checkProject({ sessions, read, record }: GateContext, project: TenantProject): Promise<void> {
  const identity = { actor: 'creator', project } as const
  const creator = await sessions.at(identity)
  if (creator === undefined || !(await signsIn(creator)) || !(await hasService(creator, 'container-infra'))) return
  const name = project.names.cluster
  const found = await read(identity, async (session) => {
    const all = await listClusters(session)
    const cluster = all.find((one) => one.name === name && hasCertificates(one.status))
    return cluster === undefined ? undefined : attempt(session, (recorded) => getClusterCa(recorded, cluster.uuid))
  })
  if (found.value === undefined) return
  const isRead = found.value.kind === 'answered' && found.value.value.includes('BEGIN CERTIFICATE')
  const said = messageOf(found.value)
  found.claim(`Magnum reads the certificate of cluster ${name} back from its store`, isRead, { said })
  if (isRead) return
  record(
    [],
    [
      {
        code: 'cloud/certificate-unreadable',
        severity: found.value.kind === 'answered' ? 'error' : 'unknown',
        where: `cluster ${name}`,
        message: `Magnum does not read its certificate back: ${said}`,
        remedy:
          'read the logs of magnum-api and barbican-api: a store that keeps new secrets may have lost the older ones (another mount, another version of KV, another backend)',
        owner: 'operator',
      },
    ],
  )
}

/** Made before the cluster is complete, and deleted with it. */
function hasCertificates(status: string): boolean {
  return !status.startsWith('DELETE_') && status !== 'CREATE_IN_PROGRESS' && status !== 'CREATE_FAILED'
}
