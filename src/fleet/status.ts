import { InputError } from '../errors.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { createLimiter } from '../openstack/limiter.ts'
import { readPolicyMark } from '../tenant/policy-mark.ts'
import { stagesAskedBy } from '../tenant/stage.ts'
import { isSettled, statusOf } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import { digestsOf } from '../tenant/tenant.ts'
import { homeOfMember, tenantOfMember } from './fleet.ts'
import type { Member } from './fleet.ts'
import type { Subject } from './outcome.ts'

/** The state of one tenant as a whole, from its evidence; `stage` is the first that is not validated. */
export type MemberStatus = Subject & {
  readonly state:
    'validated' | 'stale' | 'failed' | 'unfinished' | 'never run' | 'held by the tenant' | 'broken evidence'
  readonly stage?: StageStatus['stage']
  readonly because?: string
}

/** Files open at once. */
const atOnce = 16

/**
 * Offline, for every tenant. `authUrlOf` is `undefined` for a cloud that is not configured here: then the last record
 * names it.
 */
export async function fleetStatus(
  members: readonly Member[],
  root: string,
  authUrlOf: (cloud: string) => Promise<string | undefined>,
): Promise<readonly MemberStatus[]> {
  const limit = createLimiter(atOnce)
  return Promise.all(members.map((member) => limit(() => memberStatus(member, root, authUrlOf))))
}

async function memberStatus(
  member: Member,
  root: string,
  authUrlOf: (cloud: string) => Promise<string | undefined>,
): Promise<MemberStatus> {
  const { spec, file } = member
  const subject = { tenant: spec.tenant, cloud: spec.cloud, file }
  try {
    const home = homeOfMember(root, member)
    const records = await readEvidence(home.evidence)
    const last = records.findLast((record) => record.kind === 'gate')
    const authUrl = await authUrlOf(spec.cloud)
    const today = digestsOf(tenantOfMember(member), authUrl ?? '', await readPolicyMark(home))
    const cloud = authUrl === undefined && last?.kind === 'gate' ? last.digests.cloud : today.cloud
    return { ...subject, ...rollUp(statusOf(records, { ...today, cloud }, stagesAskedBy(spec))) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { ...subject, state: 'broken evidence', because: error.message }
  }
}

function rollUp(stages: readonly StageStatus[]): Omit<MemberStatus, keyof Subject> {
  const wanting = stages.find((one) => !isSettled(one))
  if (wanting === undefined) {
    const isHeld = stages.some(({ state }) => state === 'held by the tenant')
    return { state: isHeld ? 'held by the tenant' : 'validated' }
  }
  const { stage, state, because } = wanting
  const why = because === undefined ? {} : { because }
  if (state === 'failed' || state === 'stale') return { state, stage, ...why }
  const isUntouched = stages.every((one) => one.state === 'never run' || one.state === 'not asked')
  return { state: isUntouched ? 'never run' : 'unfinished', stage, ...why }
}
