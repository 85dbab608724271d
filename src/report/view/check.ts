import type { Actor } from '../../tenant/actors.ts'
import type { Check } from '../../tenant/stage.ts'
import { okLabel } from './label.ts'
import type { Label } from './label.ts'
import { valueText } from './value.ts'

/** What a gate claimed and read, in words: the same in a report and in the console. */
export type CheckView = {
  readonly claim: string
  readonly verdict: Label
  /** Absent where there was no more to read than whether it holds. */
  readonly read?: string | undefined
  readonly by: Actor
  /** Who could read it. */
  readonly readers: 'only an operator could' | 'the tenant could too'
  readonly requestIds: readonly string[]
}

export function checkView({ claim, ok, value, actor, reach, requestIds }: Check): CheckView {
  return {
    claim,
    verdict: okLabel(ok),
    read: value === undefined || value === null ? undefined : valueText(value),
    by: actor,
    readers: reach === 'perimeter' ? 'only an operator could' : 'the tenant could too',
    requestIds,
  }
}
