import { StepError } from '../../errors.ts'
import { creatorTrustId, probeCreator } from '../../probes/creator.ts'
import { createCluster, getCluster, listClusters, resizeCluster } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { findMaximumMicroversion } from '../../openstack/magnum/release.ts'
import { requestIdsOf } from '../../openstack/exchange.ts'
import type { Session } from '../../openstack/session.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import { checkAccepted } from '../cluster/acceptance.ts'
import { checkComplete } from '../cluster/completion.ts'
import type { ClusterOwner, ClusterSubject } from '../cluster/subject.ts'
import { trustHabit } from '../creator-rule.ts'
import { claimOnly } from '../gate.ts'
import type { GateContext } from '../gate.ts'
import type { Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { keypairOf } from './credentials.ts'
import { accountOf, projectOf } from './accounts.ts'
import { templateOf } from './template.ts'

/*
 * The cluster, requested by the creator with its password: Magnum makes a trust from the creator's token, and an
 * application credential cannot make a trust. The first gate holds when trustee and trust exist; the second when the
 * cluster is complete.
 */

/** `found` is absent for a cluster just requested: Magnum's conductor makes its record after the API has answered. */
type AskedCluster = {
  readonly uuid: string
  readonly found?: Cluster
  /** The id of the create request, which the conductor's log uses. */
  readonly requestIds?: readonly string[]
}

export function clusterOf(tenant: Tenant, project: TenantProject): Resource<AskedCluster, 'creator'> {
  const on = projectOf(tenant, project)
  const template = templateOf(tenant, project)
  const keypair = keypairOf(tenant, project)
  const { cluster: name } = project.names
  const spec = project.spec.cluster
  const node_count = spec?.node_count ?? 1
  return {
    id: `${project.prefix}cluster/cluster`,
    stage: 'cluster',
    kind: 'cluster',
    name,
    identity: { actor: 'creator', project },
    inside: [on.id],
    needs: [template.id, keypair.id],
    async observe({ session, known }) {
      const projectId = known.need(on).id
      const named = (await listClusters(session)).filter((one) => one.name === name)
      const found = await Promise.all(named.map((one) => getCluster(session, one.uuid)))
      return found.filter((one) => one.project_id === projectId).map((one) => ({ uuid: one.uuid, found: one }))
    },
    // after a lost answer no second cluster is requested for this long
    appearsWithin: 10_000,
    compare({ found }, known) {
      if (found === undefined) return { isOurs: true, changes: [] }
      // a missing template is made again, so this cluster cannot be from it
      const isOurTemplate = found.cluster_template_id === known.get(template)?.uuid
      const conflict = found.status.startsWith('DELETE_')
        ? { message: `is being deleted (${found.status})`, remedy: 'wait until it is gone, and apply again' }
        : found.status === 'CREATE_FAILED'
          ? {
              message: `failed: ${found.status_reason ?? 'no reason given'}`,
              remedy: `correct the cause (tenant-onboard diagnose), then delete the failed cluster: openstack coe cluster delete ${found.uuid}`,
            }
          : !isOurTemplate
            ? {
                message: `was made from another template (${found.cluster_template_id})`,
                remedy: `a cluster keeps its template: restore that one, or delete the cluster with all that runs there: openstack coe cluster delete ${found.uuid}, and apply again`,
              }
            : found.master_count !== (spec?.master_count ?? 1)
              ? {
                  message: `has ${found.master_count} masters, and the file says ${spec?.master_count ?? 1}`,
                  remedy: 'the number of masters is fixed when a cluster is made',
                }
              : undefined
      const canResize = found.status.endsWith('_COMPLETE')
      return {
        isOurs: true,
        changes:
          found.node_count === node_count || !canResize
            ? []
            : [{ field: 'node_count', from: found.node_count, to: node_count }],
        ...(conflict === undefined ? {} : { conflict }),
      }
    },
    async create({ session, known }) {
      await requireAbleCreator(name, `${project.prefix}cluster/cluster`, session)
      const { session: recorded, exchanges } = session.recording()
      const uuid = await createCluster(recorded, {
        name,
        cluster_template_id: known.need(template).uuid,
        keypair: known.need(keypair).name,
        master_count: spec?.master_count ?? 1,
        node_count,
        create_timeout: spec?.create_timeout ?? 60,
        ...(spec === undefined || Object.keys(spec.labels).length === 0
          ? {}
          : { labels: spec.labels, merge_labels: true }),
      })
      return { uuid, requestIds: requestIdsOf(exchanges) }
    },
    async update({ session }, { uuid }) {
      await resizeCluster(session, uuid, node_count)
      return { uuid }
    },
  }
}

export const clusterStage: Stage<'cluster'> = {
  name: 'cluster',
  isWaiting: true,
  resources: (tenant) => tenant.projects.filter(hasCluster).map((project) => clusterOf(tenant, project)),
  gates: [
    {
      name: 'accepted',
      async check(context) {
        await Promise.all(wantedOf(context).map((subject) => checkAccepted(context, subject)))
        // Magnum lists a cluster a moment after it has taken the request
        const projects = context.tenant.projects.filter(hasCluster)
        await Promise.all(projects.map((project) => claimOnly(context, clusterOf(context.tenant, project))))
      },
    },
    {
      name: 'complete',
      async check(context) {
        await Promise.all(wantedOf(context).map((subject) => checkComplete(context, subject)))
      },
    },
  ],
}

function wantedOf(context: GateContext): readonly ClusterSubject[] {
  return context.tenant.projects.filter(hasCluster).map((project) => subjectOf(context, project))
}

function hasCluster(project: TenantProject): boolean {
  return project.spec.cluster !== undefined
}

function subjectOf({ tenant, known }: GateContext, project: TenantProject): ClusterSubject {
  const resource = clusterOf(tenant, project)
  const { uuid, found, requestIds = [] } = known.need(resource)
  return {
    project,
    resource,
    name: project.names.cluster,
    uuid,
    requestIds,
    projectId: known.need(projectOf(tenant, project)).id,
    owner: ownerOf(found, { tenant, known, project }),
  }
}

function ownerOf(
  found: Cluster | undefined,
  { tenant, known, project }: Pick<GateContext, 'tenant' | 'known'> & { readonly project: TenantProject },
): ClusterOwner {
  const automation = known.need(accountOf(tenant, 'automation'))
  if (found?.user_id === automation.id)
    return {
      id: automation.id,
      name: tenant.names.automation,
      identity: { actor: 'automation', project, by: 'password' },
    }
  const { id } = known.need(accountOf(tenant, 'creator'))
  return { id, name: tenant.names.creator, identity: { actor: 'creator', project } }
}

/**
 * Checks beforehand what would fail the cluster seconds after Magnum has accepted it. If Magnum may need no trust, a
 * dead rule need not stop it, and Magnum reports it.
 */
async function requireAbleCreator(name: string, step: string, creator: Session<'creator'>): Promise<void> {
  const results = await probeCreator({ creator })
  const refused = results.filter(({ ok, observed }) => !ok && observed !== 'unknown')
  if (refused.length === 0) return
  const habit = trustHabit(await findMaximumMicroversion(creator))
  const [worst] = refused
    .filter(({ id }) => habit === 'always' || id !== creatorTrustId)
    .flatMap(({ finding }) => finding ?? [])
  if (worst === undefined) return
  throw new StepError(step, `cluster \`${name}\` is not requested: ${worst.message}; ${worst.remedy ?? ''}`)
}
