import { CloudError, errorChain } from '../errors.ts'
import type { Case } from './case.ts'
import { Notes } from './fact.ts'
import type { Observation, Unseen } from './outcome.ts'

/**
 * A question to the cloud that leaves nothing behind. However many hypotheses ask it, it runs once for each case, and what
 * it stands on is run by asking for it; so whatever does not depend on each other runs at the same time.
 */
export type Experiment<T> = (on: Case) => Promise<Observation<T>>

/** There is nothing to look at, and that is no fault. */
export class Inapplicable extends Error {
  override readonly name = 'Inapplicable'
}

/** Something else would have had to be seen before, or somebody is missing who could look. */
export class Unasked extends Error {
  override readonly name = 'Unasked'
}

export function experiment<T>(id: string, asks: string, run: (on: Case, notes: Notes) => Promise<T>): Experiment<T> {
  const runs = new WeakMap<Case, Promise<Observation<T>>>()
  return (on) => {
    const known = runs.get(on)
    if (known !== undefined) return known
    const started = carryOut(on, id, asks, run)
    runs.set(on, started)
    return started
  }
}

async function carryOut<T>(
  on: Case,
  id: string,
  asks: string,
  run: (on: Case, notes: Notes) => Promise<T>,
): Promise<Observation<T>> {
  const started = on.subject.now().getTime()
  const notes = new Notes(id)
  const running = settle(run(on, notes), notes)
  on.track(running)
  const outcome = await Promise.race([running, on.deadline.then(() => late(notes))])
  on.report({
    id,
    asks,
    outcome: outcome.kind,
    ...(outcome.kind === 'seen' ? {} : { because: outcome.because }),
    facts: outcome.facts,
    milliseconds: on.subject.now().getTime() - started,
  })
  return outcome
}

async function settle<T>(running: Promise<T>, notes: Notes): Promise<Observation<T>> {
  try {
    return { kind: 'seen', value: await running, facts: notes.facts }
  } catch (error) {
    if (error instanceof Inapplicable) return { kind: 'inapplicable', because: error.message, facts: notes.facts }
    if (error instanceof Unasked) return { kind: 'unseen', because: error.message, facts: notes.facts }
    if (!(error instanceof CloudError)) throw error
    const because = errorChain(error).join(': ')
    notes.saw(because, error.requestId === undefined ? [] : [error.requestId])
    return { kind: 'unseen', because, facts: notes.facts }
  }
}

function late(notes: Notes): Unseen {
  return { kind: 'unseen', because: 'no answer in the time that a diagnosis has', facts: [...notes.facts] }
}

/** The value of what an experiment or a hypothesis stands on; without it, that one cannot be done either. */
export async function need<T>(on: Case, other: Experiment<T>): Promise<T> {
  const outcome = await other(on)
  switch (outcome.kind) {
    case 'seen':
      return outcome.value
    case 'unseen':
      throw new Unasked(outcome.because)
    case 'inapplicable':
      throw new Inapplicable(outcome.because)
  }
}
