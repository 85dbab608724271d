/**
 * Several Keystones behind one address: one of them may still have the old rules. The same harmless questions are
 * repeated, each on a new connection, until all answers of a round agree.
 */
import { cellOf, observeAll, questionsOf } from './observe.ts'
import type { Observation } from './observe.ts'
import type { PolicyExpectation } from './expectations.ts'
import type { PersonaSessions } from './persona-sessions.ts'

export type Units = {
  readonly verdict: 'agreed' | 'mixed'
  /** In the last round; a load balancer distributes them. */
  readonly connections: number
  readonly rounds: number
  /** Cells with different answers, and how often each. */
  readonly split: readonly { readonly cell: string; readonly allow: number; readonly deny: number }[]
}

export type UnitsOptions = {
  readonly sessions: PersonaSessions
  readonly cells: ReadonlySet<string>
  readonly connections: number
  /** Until when a disagreement may pass by itself. */
  readonly deadline: Date
  /** The override's answer to these cells: also waited for, because hooks may not have run yet. */
  readonly wanted?: PolicyExpectation | undefined
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly stop: AbortSignal
}

export async function askUnits(options: UnitsOptions): Promise<Units> {
  const { sessions, cells, connections, deadline, wanted, now, sleep, stop } = options
  const asks = await questionsOf(cells)
  for (let rounds = 1; ; rounds++) {
    const perConnection = Array.from({ length: connections }, () => observeAll(sessions, asks))
    const observations = (await Promise.all(perConnection)).flat()
    const split = disagreements(observations)
    const isDone =
      split.length === 0 &&
      (wanted === undefined || observations.every((observation) => isAsWritten(observation, wanted)))
    if (isDone || now() >= deadline || stop.aborted)
      return { verdict: split.length === 0 ? 'agreed' : 'mixed', connections, rounds, split }
    await sleep(2000)
  }
}

function disagreements(observations: readonly Observation[]): Units['split'] {
  const counts = new Map<string, { allow: number; deny: number }>()
  for (const observation of observations) {
    if (observation.answer === 'unknown') continue
    const cell = cellOf(observation)
    const count = counts.get(cell) ?? { allow: 0, deny: 0 }
    count[observation.answer] += 1
    counts.set(cell, count)
  }
  return [...counts].flatMap(([cell, count]) => (count.allow > 0 && count.deny > 0 ? [{ cell, ...count }] : []))
}

function isAsWritten(observation: Observation, wanted: PolicyExpectation): boolean {
  const written = wanted.get(cellOf(observation))
  return observation.answer === 'unknown' || written === undefined || written === observation.answer
}

/** What every override with a domain manager decides, and some of what this one changes, one cell for each action. */
export function sampleOf(changed: ReadonlySet<string>): ReadonlySet<string> {
  const sample = new Set([
    'domain-manager identity:list_users at own',
    'domain-manager identity:create_grant load-balancer_member to a user on a project at own',
    'domain-manager identity:create_grant admin to a user on a project at own',
    'member identity:create_trust at self',
  ])
  const actions = new Set<string>()
  for (const cell of changed) {
    const action = /identity:\w+/.exec(cell)?.[0] ?? cell
    if (actions.has(action) || actions.size === 4) continue
    actions.add(action)
    sample.add(cell)
  }
  return sample
}
