/** Did any persona but the domain manager lose rights through the override? */
import { conclude } from '../probes/claim.ts'
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
export function compareOthers({ before, now, expectations }: Comparison): readonly ProbeResult[] {
  const then = new Map(before.map((one) => [cellOf(one), one]))
  const isMeant = (cell: string): boolean =>
    expectations?.before.get(cell) === 'allow' && expectations.now.get(cell) === 'deny'
  return personaNames
    .filter((persona) => persona !== 'domain-manager')
    .flatMap((persona) => {
      const both = now.filter((one) => one.persona === persona && then.has(cellOf(one)))
      if (both.length === 0) return []
      const lost = both.filter((one) => one.answer === 'deny' && then.get(cellOf(one))?.answer === 'allow')
      const meant = lost.filter((one) => isMeant(cellOf(one)))
      return resultOf(
        persona,
        both.length,
        lost.filter((one) => !meant.includes(one)),
        meant.length,
      )
    })
}

function resultOf(persona: string, compared: number, lost: readonly Observation[], meant: number): ProbeResult {
  const what = [...new Set(lost.map(({ operation, place }) => `${operation} at ${place}`))]
  const detail = `${compared} answers compared with those of before${meant === 0 ? '' : `, ${meant} removed as the override says`}`
  return conclude(
    {
      id: `others/${persona}`,
      family: 'others',
      claim: `${persona} can do what it could before`,
      who: persona,
      whom: 'throwaway domains',
      expected: 'allowed',
      actor: 'operator',
      reach: 'perimeter',
      otherwise: {
        code: 'delivery/lost',
        severity: 'error',
        where: persona,
        message: `${persona} lost what it could do before: ${what.slice(0, 6).join('; ')}${what.length > 6 ? `; and ${what.length - 6} more` : ''}`,
        remedy:
          '`tenant-onboard policy diff` shows whether the rules intend it; `tenant-onboard policy rollback` removes the override',
        owner: 'operator',
      },
    },
    {
      observed: lost.length === 0 ? 'allowed' : 'refused',
      detail,
      requestIds: lost.flatMap(({ requestId }) => requestId ?? []),
    },
  )
}
