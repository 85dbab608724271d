/** Did any persona but the domain manager lose rights through the override? */
import { requestIdsOf } from '../openstack/exchange.ts'
import { Family } from '../probes/checks.ts'
import type { ProbeResult } from '../probes/claim.ts'
import { personaNames } from '../policy/model/persona.ts'
import { cellOf } from './observe.ts'
import type { Observation } from './observe.ts'
import type { PolicyExpectation } from './expectations.ts'

export type Comparison = {
  readonly before: readonly Observation[]
  readonly now: readonly Observation[]
  /** The rules of then and of now, if known: a loss that they explain was intended. */
  readonly expectations?: { readonly before: PolicyExpectation; readonly now: PolicyExpectation } | undefined
}

/** One result for each persona that was there both times. */
export async function compareOthers({ before, now, expectations }: Comparison): Promise<readonly ProbeResult[]> {
  const then = new Map(before.map((one) => [cellOf(one), one]))
  const isMeant = (cell: string): boolean =>
    expectations?.before.get(cell) === 'allow' && expectations.now.get(cell) === 'deny'
  const family = new Family('others')
  for (const persona of personaNames) {
    const both = now.filter((one) => one.persona === persona && then.has(cellOf(one)))
    if (persona === 'domain-manager' || both.length === 0) continue
    const fewer = both.filter((one) => one.answer === 'deny' && then.get(cellOf(one))?.answer === 'allow')
    const lost = fewer.filter((one) => !isMeant(cellOf(one)))
    const meant = fewer.length - lost.length
    const detail = `${both.length} answers compared with those of before${meant === 0 ? '' : `, ${meant} taken away as the override says`}`
    await family.check({
      id: persona,
      claim: `${persona} can do what it could before`,
      as: { who: persona, actor: 'operator' },
      whom: 'throwaway domains',
      rule: persona,
      expected: 'allowed',
      known: { kind: 'answered', value: lost, requestIds: requestIdsOf(lost) },
      see: () => ({ observed: lost.length === 0 ? 'allowed' : 'refused', detail }),
      otherwise: {
        code: 'delivery/lost',
        message: `${persona} lost what it could do before: ${summaryOf(lost)}`,
        remedy:
          'the head of the file lists what it takes away on purpose; `tenant-onboard policy rollback` removes the override',
      },
    })
  }
  return family.results()
}

function summaryOf(lost: readonly Observation[]): string {
  const what = [...new Set(lost.map(({ operation, place }) => `${operation} at ${place}`))]
  return `${what.slice(0, 6).join('; ')}${what.length > 6 ? `; and ${what.length - 6} more` : ''}`
}
