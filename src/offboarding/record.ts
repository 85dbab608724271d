import { StepError } from '../errors.ts'
import { IgnoredQuotaError } from '../openstack/quota-setting.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'
import type { Entry } from '../tenant/evidence.ts'
import { stopIfAsked } from '../onboarding/stop.ts'
import type { OffboardRun } from './run.ts'

export type Removed = Omit<Extract<Entry, { readonly kind: 'removed' }>, 'kind' | 'requestIds'>

/** Waits for all, then fails with the first failure, so that nothing is left running. */
export async function settle(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/**
 * Does one thing as the operator and records it with its request ids. `false` means that there was nothing to do, and
 * is not recorded.
 */
export async function record(
  run: OffboardRun,
  what: Removed,
  act: (session: Session<'operator'>) => Promise<unknown>,
): Promise<void> {
  stopIfAsked(run.stop)
  const { session, exchanges } = run.operator.recording()
  const { action, object, stage } = what
  try {
    if ((await act(session)) === false) return
  } catch (error) {
    if (error instanceof IgnoredQuotaError) throw error
    throw new StepError(stage, `cannot ${action} ${object.kind} \`${object.name}\``, { cause: error })
  }
  await run.evidence.append({ kind: 'removed', ...what, requestIds: requestIdsOf(exchanges) })
  run.progress({ kind: 'removed', action, what: object, by: { actor: 'operator' } })
}
