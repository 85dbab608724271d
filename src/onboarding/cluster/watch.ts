/** Watches a cluster while a gate waits for it. Reads everything that shows its progress, and nothing twice. */
import { CloudError } from '../../errors.ts'
import { findStack, listStackResources } from '../../openstack/heat.ts'
import { getTrust, listTrusts } from '../../openstack/keystone/trusts.ts'
import type { Trust } from '../../openstack/keystone/trusts.ts'
import { listUsers } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { getClusterCa } from '../../openstack/magnum/certificates.ts'
import { getCluster } from '../../openstack/magnum/clusters.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import { findMaximumMicroversion } from '../../openstack/magnum/release.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import { driverOf } from '../../openstack/magnum/driver.ts'
import { trustHabit } from '../creator-rule.ts'
import type { TrustHabit } from '../creator-rule.ts'
import type { GateContext, Reading } from '../gate.ts'
import { describeStanding } from './standing.ts'
import type { ClusterState } from './standing.ts'
import type { ClusterSubject } from './subject.ts'

export type Look = ClusterState & {
  readonly reading: Reading<Cluster | undefined>
  /** Absent without an operator. */
  readonly trustees?: Reading<readonly User[]>
  readonly trustReading?: Reading<readonly Trust[]>
}

export type ClusterWatch = { readonly look: () => Promise<Look> }

/** `seesTrust`: also look for trustee and trust. An accepted cluster has them. */
export async function watchCluster(
  context: GateContext,
  subject: ClusterSubject,
  options: { readonly seesTrust: boolean },
): Promise<ClusterWatch> {
  const { read, clock, sessions, known } = context
  const { owner, uuid, projectId, name } = subject
  const { identity } = owner
  const hasOperator = options.seesTrust && (await sessions.at({ actor: 'operator' })) !== undefined
  // results stay; the caller repeats a failed look, so nothing is requested outside of one
  let habit: TrustHabit | undefined
  let trustees: Reading<readonly User[]> | undefined
  let trustReading: Reading<readonly Trust[]> | undefined
  let hasCertificates: boolean | undefined

  const lookForTrust = async (): Promise<void> => {
    if (hasOperator && (trustees?.value ?? []).length === 0) {
      const domain_id = known.shared.magnumDomain().id
      // magnum/conductor/handlers/common/trust_manager.py, create_trustee_and_trust
      const trusteeName = `${uuid}_${projectId}`
      trustees = await read({ actor: 'operator' }, (session) => listUsers(session, { domain_id, name: trusteeName }))
    }
    const [trustee] = trustees?.value ?? []
    if ((trustReading?.value ?? []).length > 0 || (hasOperator && trustee === undefined)) return
    trustReading = await read(identity, (session) => trustsFrom(session, owner.id, trustee?.id))
  }
  return {
    async look() {
      const reading = await read(identity, (session) => findCluster(session, uuid))
      const cluster = reading.value
      if (options.seesTrust && habit !== 'never' && cluster !== undefined) await lookForTrust()
      // an existing trust answers whether one is made
      const hasTrust = (trustReading?.value ?? []).length > 0
      if (cluster !== undefined && !hasTrust)
        habit ??= trustHabit((await read(identity, findMaximumMicroversion)).value)
      // this gate does not wait for what comes after the trust, but a failure is reported with everything that exists
      const isOver = hasTrust && cluster?.status.endsWith('_FAILED') !== true
      const stackId = isOver ? undefined : (cluster?.stack_id ?? undefined)
      if (stackId !== undefined)
        hasCertificates ??= await informs(read(identity, (session) => getClusterCa(session, uuid))).then(
          (ca) => ca !== undefined,
        )
      const heat =
        stackId !== undefined && driverOf(stackId) === 'heat'
          ? await informs(read(identity, (session) => lookAtStack(session, stackId)))
          : undefined
      const standing: ClusterState = {
        cluster,
        hasTrustee: trustees === undefined ? undefined : trustees.value.length > 0,
        trusts: trustReading?.value ?? [],
        habit: habit ?? 'always',
        looksForTrust: options.seesTrust,
        hasCertificates,
        ...heat?.value,
      }
      clock.note(describeStanding(name, standing))
      return {
        ...standing,
        reading,
        ...(trustees === undefined ? {} : { trustees }),
        ...(trustReading === undefined ? {} : { trustReading }),
      }
    },
  }
}

async function findCluster(session: Session, uuid: string): Promise<Cluster | undefined> {
  try {
    return await getCluster(session, uuid)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

/** With the roles of each, which lists omit. Without a trustee: all trusts that the creator has made. */
async function trustsFrom(
  session: Session,
  trustor_user_id: string,
  trustee: string | undefined,
): Promise<readonly Trust[]> {
  const all = await listTrusts(session, { trustor_user_id })
  const wanted = all.filter((trust) => trustee === undefined || trust.trustee_user_id === trustee)
  return Promise.all(wanted.map((trust) => getTrust(session, trust.id)))
}

async function lookAtStack(session: Session, id: string): Promise<Pick<ClusterState, 'stack' | 'resources'>> {
  const stack = await findStack(session, id)
  if (stack === undefined) return {}
  const resources = await informs(listStackResources(session, stack))
  return { stack, ...(resources === undefined ? {} : { resources }) }
}

/** For progress messages only: if a cloud does not show it, it is left out. */
async function informs<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CloudError) return undefined
    throw error
  }
}
