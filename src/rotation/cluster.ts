/**
 * A new credential for a cluster, by the account that makes clusters: Magnum has its driver make it in that account's name,
 * and the cluster is then this account's. So a cluster outlives the user who made it, if that is done before the user goes.
 */
import { InputError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { listApplicationCredentials } from '../openstack/keystone/application-credentials.ts'
import type { ApplicationCredential } from '../openstack/keystone/application-credentials.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import { getCluster, listClustersInDetail } from '../openstack/magnum/clusters.ts'
import type { Cluster } from '../openstack/magnum/clusters.ts'
import { credentialMicroversion, exchangeClusterCredential } from '../openstack/magnum/credentials.ts'
import { clusterOfCredential } from '../openstack/magnum/made-names.ts'
import { findMaximumMicroversion } from '../openstack/magnum/release.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { driverOf } from '../openstack/magnum/driver.ts'
import type { TenantContext } from '../tenant/context.ts'
import { openRunEvidence } from '../tenant/run-evidence.ts'
import { makeHome } from '../tenant/home.ts'
import { withLock } from '../tenant/lock.ts'
import type { LockHolder } from '../tenant/lock.ts'
import { signsIn } from '../tenant/sessions.ts'

type RotateClusterOptions = TenantContext &
  LockHolder & {
    /** By name, as the file has it. */
    readonly cluster: string
    /** Called with what will happen, before anything is changed; `false` stops the run. */
    readonly approve: (lines: readonly string[]) => Promise<boolean>
  }

export type RotatedCluster =
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'rotated'
      readonly cluster: string
      readonly uuid: string
      /** Name of the new credential. */
      readonly credential: string
      /** Names of those before; none if the cluster was another account's. */
      readonly before: readonly string[]
      /** The account that owned it, if it was another one: its id. */
      readonly formerOwner: string | undefined
    }

/** Under the lock of the tenant. Throws `InputError` for a cluster that the file does not name, or that is not there. */
export function rotateCluster(options: RotateClusterOptions): Promise<RotatedCluster> {
  const { home } = options
  return withLock(home.path, options, async () => {
    await makeHome(home)
    return rotateOne(options)
  })
}

async function rotateOne(options: RotateClusterOptions): Promise<RotatedCluster> {
  const { tenant, cluster: name, sessions } = options
  const project = tenant.projects.find(({ names, spec }) => names.cluster === name && spec.cluster !== undefined)
  if (project === undefined) throw new InputError(`the tenant file asks for no cluster \`${name}\``)
  const creator = await sessions.at({ actor: 'creator', project })
  if (creator === undefined || !(await signsIn(creator)))
    return refused(name, {
      code: 'rotate/no-creator',
      message: `${tenant.names.creator} has to ask for it, and cannot sign in here`,
      remedy:
        "run it where its password is: in the data directory of `apply`, or on the tenant's machine after `accept`",
      owner: 'tenant',
    })
  const found = (await listClustersInDetail(creator)).filter((one) => one.name === name)
  const [cluster, twin] = found
  if (cluster === undefined) throw new InputError(`there is no cluster \`${name}\` in ${project.names.project}`)
  if (twin !== undefined)
    throw new InputError(`there are ${found.length} clusters \`${name}\` in ${project.names.project}`)
  const refusal = await refusalBefore(creator, cluster)
  if (refusal !== undefined) return refused(name, refusal)

  const token = await creator.token()
  const before = await credentialsOf(creator, token.userId, cluster)
  const formerOwner = cluster.user_id === token.userId ? undefined : cluster.user_id
  if (!(await options.approve(linesOf(cluster, tenant.names.creator, before, formerOwner)))) return { kind: 'declined' }

  const { session, exchanges } = creator.recording()
  try {
    await exchangeClusterCredential(session, cluster.uuid)
  } catch (error) {
    if (refusalOf(error) !== 400) throw error
    return refused(name, {
      code: 'rotate/driver-too-old',
      message: `Magnum's driver cannot exchange it: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'update magnum-capi-helm to 1.4.0 or later',
      owner: 'operator',
    })
  }
  // what was said is read back
  const [after, now] = await Promise.all([
    getCluster(creator, cluster.uuid),
    credentialsOf(creator, token.userId, cluster),
  ])
  const known = new Set(before.map(({ id }) => id))
  const fresh = now.filter(({ id }) => !known.has(id))
  const left = now.filter(({ id }) => known.has(id))
  const [made] = fresh
  const findings = judge({ after, userId: token.userId, fresh, left })
  if (made === undefined || findings.length > 0) return { kind: 'refused', findings }
  const evidence = await openRunEvidence(options, options.command)
  const requestIds = requestIdsOf(exchanges)
  await evidence.append({
    kind: 'rotated',
    account: 'cluster',
    cluster: name,
    by: 'creator',
    old: 'refused',
    requestIds,
  })
  return {
    kind: 'rotated',
    cluster: name,
    uuid: cluster.uuid,
    credential: made.name,
    before: before.map((one) => one.name),
    formerOwner,
  }
}

type Refusal = Pick<Finding, 'code' | 'message' | 'remedy' | 'owner'>

function refused(name: string, finding: Refusal): RotatedCluster {
  return { kind: 'refused', findings: [{ severity: 'error', where: `cluster ${name}`, ...finding }] }
}

async function refusalBefore(creator: Session, { stack_id, status }: Cluster): Promise<Refusal | undefined> {
  if (stack_id !== null && driverOf(stack_id) === 'heat')
    return {
      code: 'rotate/no-cluster-credential',
      message: "Heat's driver made it: it works by its trust and has no credential to exchange",
      remedy: 'nothing: a new password of the account leaves the trust valid',
      owner: 'tenant',
    }
  const microversion = await findMaximumMicroversion(creator)
  if (microversion === undefined || microversion < credentialMicroversion)
    return {
      code: 'rotate/magnum-too-old',
      message: `Magnum has no API for it: that came with microversion 1.${credentialMicroversion} (2025.2), and this one ${microversion === undefined ? 'tells none' : `has 1.${microversion}`}`,
      remedy: 'update Magnum; until then only a new cluster has a new credential',
      owner: 'operator',
    }
  if (!/^((CREATE|UPDATE)_COMPLETE|UPDATE_IN_PROGRESS|UPDATE_FAILED)$/.test(status))
    return {
      code: 'rotate/cluster-not-ready',
      message: `it is ${status}, and Magnum exchanges the credential of a complete cluster only`,
      remedy: 'wait until it is complete; `diagnose` says what it waits for',
      owner: 'tenant',
    }
  return undefined
}

async function credentialsOf(
  creator: Session,
  userId: string,
  { uuid }: Pick<Cluster, 'uuid'>,
): Promise<readonly ApplicationCredential[]> {
  // a memory of its own: it is read before and after
  const all = await listApplicationCredentials(creator.snapshot(), userId)
  return all.filter(({ name }) => clusterOfCredential(name) === uuid)
}

function linesOf(
  { name, uuid, user_id }: Cluster,
  creator: string,
  before: readonly ApplicationCredential[],
  formerOwner: string | undefined,
): readonly string[] {
  return [
    `cluster ${name} ${uuid} gets a new application credential of ${creator}, and Magnum removes the one before`,
    ...before.map((one) => `  ${one.name} ${one.id}`),
    ...(formerOwner === undefined
      ? []
      : [
          `it becomes the cluster of ${creator}: until now it is of user ${user_id}, whose credential only that user or an operator sees`,
        ]),
    'its nodes and what runs on them are not touched; the cloud controller takes the new one from its Secret',
  ]
}

type Seen = {
  readonly after: Cluster
  readonly userId: string
  readonly fresh: readonly ApplicationCredential[]
  readonly left: readonly ApplicationCredential[]
}

function judge({ after, userId, fresh, left }: Seen): readonly Finding[] {
  const common = { where: `cluster ${after.name}`, owner: 'operator' } as const
  const [made] = fresh
  if (made === undefined || after.user_id !== userId)
    return [
      {
        ...common,
        code: 'rotate/cluster-not-exchanged',
        severity: 'error',
        message: `Magnum took the request, and ${made === undefined ? 'no new credential is there' : `the cluster is of user ${after.user_id}`}: ${after.status_reason ?? 'it gives no reason'}`,
        remedy: 'read the log of magnum-conductor, and run it again',
      },
    ]
  if (made.unrestricted || made.roles.some(({ name }) => isAdminRole(name)))
    return [
      {
        ...common,
        code: 'rotate/cluster-credential-wide',
        severity: 'error',
        message: `the new credential ${made.name} is ${made.unrestricted ? 'unrestricted' : "an admin's"}`,
        remedy: `find out what the driver was changed to, and exchange it again; then: openstack application credential delete ${made.id}`,
      },
    ]
  return left.map((one) => ({
    ...common,
    code: 'rotate/cluster-credential-stays',
    severity: 'error',
    message: `the new credential works, and Magnum could not remove the one before (${one.name}): it still signs in${after.status_reason === null ? '' : `. ${after.status_reason}`}`,
    remedy: `openstack application credential delete ${one.id}; and let Keystone's rules admit Magnum's account (diagnosis/child-credential-stays)`,
  }))
}
