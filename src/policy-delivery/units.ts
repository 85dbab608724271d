/**
 * Several Keystones behind one address: one of them may still have the rules of before. The same harmless questions are
 * asked again and again, each on a connection of its own, until a whole round gives the same answers.
 */
import { cellOf, observeAll, questionsOf } from './observe.ts'
import type { Observation } from './observe.ts'
import type { Paper } from './expectations.ts'
import type { People } from './persona-sessions.ts'

export type Units = {
  readonly verdict: 'agreed' | 'mixed'
  /** In the last round; a balancer hands them out. */
  readonly connections: number
  readonly rounds: number
  /** Cells that were answered in more than one way, and how often each. */
  readonly split: readonly { readonly cell: string; readonly allow: number; readonly deny: number }[]
}

export type UnitsOptions = {
  readonly people: People
  readonly cells: ReadonlySet<string>
  readonly connections: number
  /** Until when a disagreement may pass by itself. */
  readonly deadline: Date
  /** What the override says of these cells: waited for too, since hooks may not have run yet. */
  readonly wanted?: Paper | undefined
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly stop: AbortSignal
}

export async function askUnits(options: UnitsOptions): Promise<Units> {
  const { people, cells, connections, deadline, wanted, now, sleep, stop } = options
  const asks = await questionsOf(cells)
  for (let rounds = 1; ; rounds++) {
    const perConnection = Array.from({ length: connections }, () => observeAll(people, asks))
    const votes = (await Promise.all(perConnection)).flat()
    const split = disagreements(votes)
    const isDone = split.length === 0 && (wanted === undefined || votes.every((vote) => isAsWritten(vote, wanted)))
    if (isDone || now() >= deadline || stop.aborted)
      return { verdict: split.length === 0 ? 'agreed' : 'mixed', connections, rounds, split }
    await sleep(2000)
  }
}

function disagreements(votes: readonly Observation[]): Units['split'] {
  const counts = new Map<string, { allow: number; deny: number }>()
  for (const vote of votes) {
    if (vote.answer === 'unknown') continue
    const cell = cellOf(vote)
    const count = counts.get(cell) ?? { allow: 0, deny: 0 }
    count[vote.answer] += 1
    counts.set(cell, count)
  }
  return [...counts].flatMap(([cell, count]) => (count.allow > 0 && count.deny > 0 ? [{ cell, ...count }] : []))
}

function isAsWritten(vote: Observation, wanted: Paper): boolean {
  const written = wanted.get(cellOf(vote))
  return vote.answer === 'unknown' || written === undefined || written === vote.answer
}

/** What every override with a domain manager decides, and some of what this one changes, one cell for each action. */
export function ballotOf(changed: ReadonlySet<string>): ReadonlySet<string> {
  const ballot = new Set([
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
    ballot.add(cell)
  }
  return ballot
}
