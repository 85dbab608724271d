import { CloudError, errorChain } from '../errors.ts'
import type { Case } from './case.ts'
import { Notes } from './fact.ts'
import type { Observation, Unseen } from './outcome.ts'

/**
 * A question to the cloud that leaves nothing behind. It runs once for each case, however many hypotheses use it. It
 * runs the experiments that it needs by asking for them, so independent ones run at the same time.
 */
export type Experiment<T> = (on: Case) => Promise<Observation<T>>

/** There is nothing to look at, and that is not an error. */
export class Inapplicable extends Error {
  override readonly name = 'Inapplicable'
}

/** Another experiment would have to succeed first, or no account here can look. */
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
  return { kind: 'unseen', because: 'no answer within the time of a diagnosis', facts: [...notes.facts] }
}

/** The value of a required experiment; without it, the dependent one cannot run either. */
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
