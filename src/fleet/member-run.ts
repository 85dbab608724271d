import { StopError } from '../errors.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { onboard } from '../onboarding/onboard.ts'
import { changesOf } from '../onboarding/plan.ts'
import { prepare } from '../onboarding/prepare.ts'
import type { Progress } from '../onboarding/progress.ts'
import { hasErrors } from '../finding.ts'
import { custodyOf } from '../tenant/custody.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { secretStore } from '../tenant/secret-store.ts'
import { sessionsOf } from '../tenant/sessions.ts'
import type { StageName } from '../tenant/stage.ts'
import { digestsOf } from '../tenant/tenant.ts'
import type { Allotment } from './allot.ts'
import type { FleetCloud } from './cloud.ts'
import { homeOfMember, tenantOfMember } from './fleet.ts'
import type { Member } from './fleet.ts'
import { failed, held, isOutage, outcomeOf, refused, stopped } from './outcome.ts'
import type { TenantOutcome, Subject } from './outcome.ts'

/** How to work on each tenant of a fleet. */
export type MemberOptions = {
  readonly root: string
  readonly command: string
  readonly pid: number
  readonly adopt: boolean
  readonly wait: boolean
  readonly until?: StageName | undefined
  readonly stop: AbortSignal
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly reached: (subject: Subject, stage: StageName) => void
}

export type MemberRun = {
  readonly outcome: TenantOutcome
  /** The cloud could not be reached, so the next tenant would probably fail too. */
  readonly isOutage: boolean
}

/** One tenant, by the function that `apply` calls. Never throws: an error is its outcome. */
export function onboardMember(
  member: Member,
  allotment: Allotment,
  cloud: FleetCloud,
  options: MemberOptions,
): Promise<MemberRun> {
  return attempt(member, allotment, options, async (subject, exchanges, effort) => {
    const onboarded = await onboard({
      ...options,
      ...identities(member, cloud, exchanges, options),
      ca: cloud.ca,
      endpoint: cloud.endpoint,
      external: cloud.external,
      readings: cloud.readings,
      prove: cloud.prove,
      allotted: allotment.cidrs,
      exchanges,
      goesOn: true,
      approve: () => Promise.resolve(true),
      watch: () => ({
        show: (event: Progress) => {
          if (event.kind === 'stage' && event.state === 'started') options.reached(subject, event.stage)
        },
        end: () => Promise.resolve(),
      }),
      file: member.path,
    })
    return outcomeOf(subject, onboarded, effort())
  })
}

/** The plan of one tenant. Changes nothing, and leaves nothing in its data directory. */
export function planMember(
  member: Member,
  allotment: Allotment,
  cloud: FleetCloud,
  options: MemberOptions,
): Promise<MemberRun> {
  return attempt(member, allotment, options, async (subject, exchanges, effort) => {
    const { tenant, home, operator, sessions, secrets, digests } = identities(member, cloud, exchanges, options)
    const { preflight, planned } = await prepare(tenant, operator, sessions, secrets, digests, {
      endpoint: cloud.endpoint,
      readings: cloud.readings,
      allotted: allotment.cidrs,
      now: options.now,
      adopt: options.adopt,
      home,
    })
    const findings = [...preflight.findings, ...(planned?.plan.findings ?? [])]
    if (planned === undefined || hasErrors(findings)) return refused(subject, findings, effort())
    const { plan } = planned
    const changes = changesOf(plan).length
    const result = changes === 0 && plan.deferred.length === 0 ? 'unchanged' : 'planned'
    const { cidrs } = allotment
    return { ...subject, result, exitCode: 0, changes, digest: plan.digest, cidrs, ...effort(), findings: [] }
  })
}

type MemberWork = (
  subject: Subject,
  exchanges: Exchange[],
  effort: () => Pick<TenantOutcome, 'requests' | 'seconds'>,
) => Promise<TenantOutcome>

async function attempt(
  member: Member,
  allotment: Allotment,
  { root, now, stop }: MemberOptions,
  work: MemberWork,
): Promise<MemberRun> {
  const { file, spec } = member
  const subject = { tenant: spec.tenant, cloud: spec.cloud, file }
  if (hasErrors(allotment.findings)) return { outcome: refused(subject, allotment.findings), isOutage: false }
  const started = now().getTime()
  const exchanges: Exchange[] = []
  const effort = (): Pick<TenantOutcome, 'requests' | 'seconds'> => ({
    requests: exchanges.length,
    seconds: Math.round((now().getTime() - started) / 100) / 10,
  })
  try {
    const custody = custodyOf(await readEvidence(homeOfMember(root, member).evidence))
    if (custody.kind === 'handed over') return { outcome: held(subject, custody.at), isOutage: false }
    return { outcome: await work(subject, exchanges, effort), isOutage: false }
  } catch (error) {
    if (stop.aborted && error instanceof StopError)
      return { outcome: stopped(subject, error.message, effort()), isOutage: false }
    return { outcome: failed(subject, error, effort()), isOutage: isOutage(error) }
  }
}

/**
 * Sessions for one tenant, all recorded in one place. The operator's token belongs to the cloud, the record does not.
 */
function identities(member: Member, cloud: FleetCloud, exchanges: Exchange[], { root }: MemberOptions) {
  const tenant = tenantOfMember(member)
  const home = homeOfMember(root, member)
  const secrets = secretStore(home.secrets)
  const { session: operator } = cloud.operator.recording(exchanges)
  const open = cloud.openFor(exchanges)
  const sessions = sessionsOf(tenant, secrets, open, operator)
  return { tenant, home, secrets, operator, open, sessions, digests: digestsOf(tenant, cloud.endpoint.authUrl) }
}
