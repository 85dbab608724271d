import type { UsedCloud } from '../tenant/used-cloud.ts'
import type { CommandContext } from './context.ts'
import { renderCloud } from './views/plan.ts'

/** A yes-or-no question about a cloud, which says again which one: a plan may be longer than the screen. */
export function confirmOn(
  used: UsedCloud,
  question: string,
  io: Pick<CommandContext, 'confirm' | 'columns'>,
): Promise<boolean> {
  return io.confirm(`${renderCloud(io, used)}${question}`)
}
