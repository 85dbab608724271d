import { StopError } from '../errors.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { onboard } from '../onboarding/onboard.ts'
import { changesOf } from '../onboarding/plan.ts'
import { prepare } from '../onboarding/prepare.ts'
import type { Progress } from '../onboarding/progress.ts'
import { isBlocked } from '../finding.ts'
import type { OperatorContext, RunOptions } from '../onboarding/run.ts'
import { contextOf } from '../tenant/context.ts'
import type { Clock } from '../tenant/context.ts'
import { operatorCustody } from '../tenant/custody.ts'
import type { OperatorCustody } from '../tenant/custody.ts'
import { expectedKeystone } from '../tenant/keystone.ts'
import { readPolicyMark } from '../tenant/policy-mark.ts'
import { secretStore } from '../tenant/secret-store.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Allotment } from './allot.ts'
import type { FleetCloud } from './cloud.ts'
import { homeOfMember, tenantOfMember } from './fleet.ts'
import type { Member } from './fleet.ts'
import { failed, held, isOutage, outcomeOf, refused, stopped } from './outcome.ts'
import type { Effort, Subject, TenantOutcome } from './outcome.ts'

/** How to work on each tenant of a fleet. */
export type MemberOptions = {
  readonly root: string
  readonly command: string
  readonly pid: number
  readonly run: RunOptions
  readonly clock: Clock
  readonly reached: (subject: Subject, stage: StageName) => void
}

/** A tenant whose turn has come, with the prefixes that it got, and its cloud. */
export type MemberWork = {
  readonly member: Member
  readonly allotment: Allotment
  readonly cloud: FleetCloud
}

export type MemberRun = {
  readonly outcome: TenantOutcome
  /** The cloud could not be reached, so the next tenant would probably fail too. */
  readonly isOutage: boolean
}

/** One tenant, by the function that `apply` calls. Never throws: an error is its outcome. */
export function onboardMember(work: MemberWork, options: MemberOptions): Promise<MemberRun> {
  return attempt(work, options, async ({ subject, context, effort }) => {
    const onboarded = await onboard(context, {
      command: options.command,
      pid: options.pid,
      goesOn: true,
      approve: () => Promise.resolve(true),
      watch: () => ({
        show: (event: Progress) => {
          if (event.kind === 'stage' && event.state === 'started') options.reached(subject, event.stage)
        },
        end: () => undefined,
      }),
    })
    return outcomeOf(subject, onboarded, effort())
  })
}

/** The plan of one tenant. Changes nothing, and leaves nothing in its data directory. */
export function planMember(work: MemberWork, options: MemberOptions): Promise<MemberRun> {
  return attempt(work, options, async ({ subject, context, effort }) => {
    const { findings, planned } = await prepare(context)
    if (planned === undefined || isBlocked(findings)) return refused(subject, findings, effort())
    const { plan } = planned
    const changes = changesOf(plan).length
    const result = changes === 0 && plan.deferred.length === 0 ? 'unchanged' : 'planned'
    const { cidrs } = work.allotment
    return { ...subject, result, exitCode: 0, changes, digest: plan.digest, cidrs, ...effort(), findings: [] }
  })
}

type Attempt = {
  readonly subject: Subject
  readonly context: OperatorContext
  readonly effort: () => Effort
}

async function attempt(
  work: MemberWork,
  options: MemberOptions,
  go: (attempt: Attempt) => Promise<TenantOutcome>,
): Promise<MemberRun> {
  const { file, spec } = work.member
  const { now, stop } = options.clock
  const subject = { tenant: spec.tenant, cloud: spec.cloud, file }
  if (isBlocked(work.allotment.findings)) return { outcome: refused(subject, work.allotment.findings), isOutage: false }
  const started = now().getTime()
  const exchanges: Exchange[] = []
  const effort = (): Effort => ({
    requests: exchanges.length,
    seconds: Math.round((now().getTime() - started) / 100) / 10,
  })
  try {
    const custody = await operatorCustody(homeOfMember(options.root, work.member))
    if (custody.kind === 'handed over') return { outcome: held(subject, custody.at), isOutage: false }
    const context = await contextOfMember(work, options, { custody, exchanges })
    return { outcome: await go({ subject, context, effort }), isOutage: false }
  } catch (error) {
    if (stop.aborted && error instanceof StopError)
      return { outcome: stopped(subject, error.message, effort()), isOutage: false }
    return { outcome: failed(subject, error, effort()), isOutage: isOutage(error) }
  }
}

/** All that is asked is recorded in one place. The operator's token is the cloud's, the record is not. */
async function contextOfMember(
  { member, allotment, cloud }: MemberWork,
  options: MemberOptions,
  { custody, exchanges }: { readonly custody: OperatorCustody; readonly exchanges: Exchange[] },
): Promise<OperatorContext> {
  const home = homeOfMember(options.root, member)
  const policy = await readPolicyMark(home)
  const loaded = { file: member.path, tenant: tenantOfMember(member), home, secrets: secretStore(home.secrets), policy }
  const { openFor, ...shared } = cloud
  const { session: operator } = shared.operator.recording(exchanges)
  const keystone = await expectedKeystone(home.folders, cloud.endpoint)
  // the session is the cloud's, and may be signed in: of this tenant it was not asked yet
  await keystone.check(await operator.token())
  const own = { operator, open: openFor(exchanges), keystone, exchanges, allotted: allotment.cidrs }
  return { ...contextOf(loaded, { ...shared, ...own }, options.clock), custody, options: options.run }
}
