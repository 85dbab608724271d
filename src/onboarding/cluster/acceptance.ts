/** The first gate: Magnum has accepted the cluster, and its trust carries exactly the creator's roles. */
import { isAdminRole } from '../../openstack/keystone/role-names.ts'
import type { Cluster } from '../../openstack/magnum/clusters.ts'
import type { GateContext, Reading } from '../gate.ts'
import { conductorOf, tellingWords } from './conductor.ts'
import type { ConductorMessage } from '../../logs/cluster-entries.ts'
import { stackFailures } from './standing.ts'
import type { ClusterSubject } from './subject.ts'
import { until } from './until.ts'
import { watchCluster } from './watch.ts'
import type { Look } from './watch.ts'

/** How long Magnum may take to make trustee and trust, which it does before anything slow. */
const acceptanceMs = 120_000

export async function checkAccepted(context: GateContext, subject: ClusterSubject): Promise<void> {
  const { read, clock } = context
  const { name, resource, owner } = subject
  const conductor = conductorOf(context, subject)
  const watch = await watchCluster(context, subject, { seesTrust: true })
  const look = await until(clock, { limitMs: acceptanceMs, what: `for trustee and trust of ${name}` }, async () => {
    const seen = await watch.look()
    return isSettled(seen) ? seen : undefined
  })
  const hasFailed = look.cluster?.status.endsWith('_FAILED') === true
  claimTrustee(subject, look)
  const token = await read(owner.identity, (session) => session.token())
  const held = token.value.roles.map((role) => role.name).sort()
  claimTrust(subject, look, held)
  claimCluster(subject, look, `cluster ${name} is accepted`, {
    isRight: (status) => /^(CREATE|UPDATE)_(IN_PROGRESS|COMPLETE)$/.test(status),
    message: hasFailed ? await conductor.message(true) : [],
  })
  token.about(resource).claim(`the creator of ${name} carries no admin`, !held.some(isAdminRole), held)
}

/** Nothing more will change: the cluster failed, the trust exists, or the driver continued without one. */
function isSettled({ cluster, trusts }: Look): boolean {
  if (cluster === undefined) return false
  // the trust comes before the driver, so a stack without a trust means that none is made
  return cluster.status.endsWith('_FAILED') || trusts.length > 0 || cluster.stack_id !== null
}

function claimTrustee({ name, uuid, projectId, resource }: ClusterSubject, { trustees, habit }: Look): void {
  if (trustees === undefined) return
  const [trustee] = trustees.value
  const value = { id: trustee?.id ?? null, name: `${uuid}_${projectId}` }
  const claims = trustees.about(resource)
  if (trustee === undefined && habit !== 'always')
    claims.claim(`${name} is made without a trustee, as its driver needs none`, true, value)
  else claims.claim(`the trustee of ${name} is in the Magnum domain`, trustee !== undefined, value)
}

function claimTrust(subject: ClusterSubject, look: Look, held: readonly string[]): void {
  const { name, owner, projectId, resource } = subject
  const { habit, trusts, trustReading, trustees, reading } = look
  const exact = trusts.filter(
    (trust) =>
      trust.trustor_user_id === owner.id &&
      trust.project_id === projectId &&
      JSON.stringify(rolesOf(trust)) === JSON.stringify(held),
  )
  const [trust] = exact.length === 0 ? trusts : exact
  const value = {
    id: trust?.id ?? null,
    trustor: trust?.trustor_user_id ?? null,
    roles: trust === undefined ? [] : rolesOf(trust),
  }
  if (trusts.length === 0 && habit !== 'always') {
    reading.about(resource).claim(`${name} is made without a trust`, true, { ...value, magnum: habit })
    return
  }
  // without a trustee the list has the trusts of other clusters too, and those of Heat
  const isOnly = trustees === undefined || trusts.length === 1
  const claims = trustReading ?? reading
  claims
    .about(resource)
    .claim(
      `the trust of ${name} is from ${owner.name} and carries exactly its roles`,
      isOnly && exact.length > 0,
      value,
    )
}

function rolesOf(trust: Look['trusts'][number]): readonly string[] {
  return trust.roles?.map((role) => role.name).sort() ?? []
}

export type StatusClaim = {
  readonly isRight: (status: string) => boolean
  readonly message: readonly ConductorMessage[]
}

/** The status, and the reasons if it is wrong. */
export function claimCluster(
  subject: ClusterSubject,
  look: Look,
  claim: string,
  { isRight, message }: StatusClaim,
): void {
  const reading: Reading<Cluster | undefined> = look.reading
  const status = look.cluster?.status ?? 'not recorded'
  const isFine = isRight(status)
  const failures = isFine ? [] : stackFailures(look.resources ?? [])
  reading.about(subject.resource).claim(claim, isFine, {
    id: subject.uuid,
    status,
    status_reason: look.cluster?.status_reason ?? null,
    stack_id: look.cluster?.stack_id ?? null,
    ...(failures.length === 0 ? {} : { stack: failures }),
    ...(message.length === 0 ? {} : { conductor: tellingWords(message) }),
  })
}
