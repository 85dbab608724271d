import { CloudError, StopError, isTransient } from '../../errors.ts'
import { createCluster, getCluster, listClusters, resizeCluster } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { getTrust, listTrusts } from '../../openstack/keystone/trusts.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import type { Tenant, TenantProject } from '../../tenant/tenant.ts'
import type { GateClock, GateContext, Reading } from '../gate.ts'
import type { Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'
import { keypairOf } from './credentials.ts'
import { accountOf, projectOf } from './self-service.ts'
import { templateOf } from './template.ts'

/*
 * The cluster, asked for by the creator with its password: Magnum makes a trust of the creator's token, and no
 * application credential can be the source of one. The first gate holds when trustee and trust stand; the second when
 * the cluster is complete.
 */

/** `found` is absent for a cluster just asked for: Magnum's conductor makes its record after the API has answered. */
type AskedCluster = { readonly uuid: string; readonly found?: Cluster }

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
    seat: { actor: 'creator', project },
    inside: [on.id],
    needs: [template.id, keypair.id],
    async observe({ session, known }) {
      const projectId = known.need(on).id
      const named = (await listClusters(session)).filter((one) => one.name === name)
      const found = await Promise.all(named.map((one) => getCluster(session, one.uuid)))
      return found.filter((one) => one.project_id === projectId).map((one) => ({ uuid: one.uuid, found: one }))
    },
    // after a lost answer this is how long a second cluster is not asked for
    appearsWithin: 10_000,
    judge({ found }, known) {
      if (found === undefined) return { isOurs: true, changes: [] }
      // a template that is missing is made anew, and cannot be the one that this cluster was made from
      const isOurTemplate = found.cluster_template_id === known.get(template)?.uuid
      const conflict = found.status.startsWith('DELETE_')
        ? { message: `is being deleted (${found.status})`, remedy: 'wait until it is gone, and apply again' }
        : found.status === 'CREATE_FAILED'
          ? {
              message: `failed: ${found.status_reason ?? 'no reason given'}`,
              remedy: `mend the cause (tenant-onboard diagnose), then delete the failed cluster: openstack coe cluster delete ${found.uuid}`,
            }
          : !isOurTemplate
            ? {
                message: `was made from another template (${found.cluster_template_id})`,
                remedy: 'delete the cluster by hand if it may go',
              }
            : found.master_count !== (spec?.master_count ?? 1)
              ? {
                  message: `has ${found.master_count} masters, and ${spec?.master_count ?? 1} are asked for`,
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
      const uuid = await createCluster(session, {
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
      return { uuid }
    },
    async update({ session }, { uuid }) {
      await resizeCluster(session, uuid, node_count)
      return { uuid }
    },
  }
}

export const clusterStage: Stage = {
  name: 'cluster',
  resources: (tenant) => tenant.projects.filter(hasCluster).map((project) => clusterOf(tenant, project)),
  gates: [
    {
      name: 'accepted',
      async check(context) {
        await Promise.all(context.tenant.projects.filter(hasCluster).map((project) => checkAccepted(context, project)))
      },
    },
    {
      name: 'complete',
      async check(context) {
        await Promise.all(context.tenant.projects.filter(hasCluster).map((project) => checkComplete(context, project)))
      },
    },
  ],
}

function hasCluster(project: TenantProject): boolean {
  return project.spec.cluster !== undefined
}

/** How long Magnum may take to make trustee and trust, which it does before anything slow. */
const acceptanceMs = 120_000

async function checkAccepted({ tenant, known, read, clock }: GateContext, project: TenantProject): Promise<void> {
  const seat = { actor: 'creator', project } as const
  const { uuid } = known.need(clusterOf(tenant, project))
  const name = project.names.cluster
  const projectId = known.need(projectOf(tenant, project)).id
  // Magnum names the trustee after cluster and project: magnum/common/keystone.py, create_trustee
  const trusteeName = `${uuid}_${projectId}`
  const domain_id = known.perimeter.magnumDomain().id

  let cluster = await until(clock, acceptanceMs, `for Magnum to record ${name}`, async () => {
    const found = await read(seat, (session) => findCluster(session, uuid))
    return found.value === undefined ? undefined : { ...found, value: found.value }
  })
  const trustees = await until(clock, acceptanceMs, `for trustee and trust of ${name}`, async () => {
    const found = await read({ actor: 'operator' }, (session) => listUsers(session, { domain_id, name: trusteeName }))
    if (found.value.length > 0) return found
    cluster = await read(seat, (session) => getCluster(session, uuid))
    return cluster.value.status.endsWith('_FAILED') ? found : undefined
  })
  const [trustee] = trustees.value
  trustees
    .about(clusterOf(tenant, project))
    .claim(`the trustee of ${name} stands in the Magnum domain`, trustee !== undefined, {
      id: trustee?.id ?? null,
      name: trusteeName,
    })

  const trustor_user_id = known.need(accountOf(tenant, 'creator')).id
  const trusts = await until(clock, acceptanceMs, `for the trust of ${name}`, async () => {
    const found = await read(seat, (session) => trustsTo(session, trustor_user_id, trustee?.id))
    if (found.value.length > 0) return found
    cluster = await read(seat, (session) => getCluster(session, uuid))
    return cluster.value.status.endsWith('_FAILED') || trustee === undefined ? found : undefined
  })
  const token = await read(seat, (session) => session.token())
  const held = token.value.roles.map((role) => role.name).sort()
  const [trust] = trusts.value
  const delegated = trust?.roles?.map((role) => role.name).sort() ?? []
  trusts
    .about(clusterOf(tenant, project))
    .claim(
      `the trust of ${name} is from ${tenant.names.creator} and carries exactly its roles`,
      trusts.value.length === 1 &&
        trust?.trustor_user_id === trustor_user_id &&
        JSON.stringify(delegated) === JSON.stringify(held),
      { id: trust?.id ?? null, trustor: trust?.trustor_user_id ?? null, roles: delegated },
    )
  cluster = await read(seat, (session) => getCluster(session, uuid))
  claimStatus(clusterOf(tenant, project), cluster, `cluster ${name} is accepted`, (status) =>
    /^(CREATE|UPDATE)_(IN_PROGRESS|COMPLETE)$/.test(status),
  )
}

async function findCluster(session: Session, uuid: string): Promise<Cluster | undefined> {
  try {
    return await getCluster(session, uuid)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

async function trustsTo(session: Session, trustor_user_id: string, trustee: string | undefined) {
  const all = await listTrusts(session, { trustor_user_id })
  return Promise.all(
    all.filter((trust) => trust.trustee_user_id === trustee).map((trust) => getTrust(session, trust.id)),
  )
}

async function checkComplete({ tenant, known, read, clock }: GateContext, project: TenantProject): Promise<void> {
  const seat = { actor: 'creator', project } as const
  const { uuid } = known.need(clusterOf(tenant, project))
  const name = project.names.cluster
  const limit = ((project.spec.cluster?.create_timeout ?? 60) + 5) * 60_000
  const cluster = await until(clock, limit, `for cluster ${name}`, async () => {
    const found = await read(seat, (session) => getCluster(session, uuid))
    clock.note(
      `cluster ${name} is ${found.value.status}${found.value.status_reason === null ? '' : `: ${found.value.status_reason}`}`,
    )
    return found.value.status.endsWith('_IN_PROGRESS') ? undefined : found
  })
  const resource = clusterOf(tenant, project)
  claimStatus(resource, cluster, `cluster ${name} is complete`, (status) => /^(CREATE|UPDATE)_COMPLETE$/.test(status))
  if (!cluster.value.status.endsWith('_COMPLETE')) return
  const { api_address, node_addresses, master_addresses, node_count, master_count, health_status } = cluster.value
  cluster
    .about(resource)
    .claim(
      `cluster ${name} has all its machines and an address`,
      node_addresses.length >= node_count && master_addresses.length >= master_count && api_address !== null,
      {
        api_address,
        master_addresses,
        node_addresses,
        health_status: health_status ?? null,
      },
    )
}

function claimStatus(
  about: { readonly id: string },
  cluster: Reading<Cluster>,
  claim: string,
  isRight: (status: string) => boolean,
): void {
  const { uuid, status, status_reason, stack_id } = cluster.value
  cluster.about(about).claim(claim, isRight(status), { id: uuid, status, status_reason, stack_id })
}

/** Asks until there is an answer, ever more slowly. While a cluster is deleted Magnum may answer 400; that passes. */
async function until<T>(
  clock: GateClock,
  limitMs: number,
  what: string,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const started = clock.now().getTime()
  for (let pause = 250; ; pause = Math.min(pause * 1.5, 15_000)) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      if (!isTransient(error) && !(error instanceof CloudError && error.status === 400)) throw error
      clock.note(error instanceof Error ? error.message : String(error))
    }
    if (clock.now().getTime() - started > limitMs)
      throw new StopError(`waited ${limitMs / 60_000} minutes ${what}; the same command goes on waiting`)
    await clock.sleep(pause)
  }
}
