import { requestIdsOf } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from '../probes/attempt.ts'
import type { Attempt } from '../probes/attempt.ts'

/** One thing that an experiment saw: a sentence, with the request ids for the cloud's logs. */
export type Fact = { readonly experiment: string; readonly saw: string; readonly requestIds: readonly string[] }

/** The record of one running experiment. */
export class Notes {
  readonly facts: Fact[] = []
  readonly #experiment: string
  readonly #requestIds: string[] = []

  constructor(experiment: string) {
    this.#experiment = experiment
  }

  /** Asks, and throws a refusal: for required readings. */
  async read<T, Who extends string>(session: Session<Who>, ask: (session: Session<Who>) => Promise<T>): Promise<T> {
    const { session: recorded, exchanges } = session.recording()
    try {
      return await ask(recorded)
    } finally {
      this.#requestIds.push(...requestIdsOf(exchanges))
    }
  }

  /** Asks, and returns a refusal as an answer. */
  async attempt<T>(session: Session, ask: (session: Session) => Promise<T>): Promise<Attempt<T>> {
    const tried = await attempt(session, ask)
    this.#requestIds.push(...tried.requestIds)
    return tried
  }

  /** With the ids of the requests since the last note, or with the given ids. */
  saw(message: string, requestIds: readonly string[] = this.#requestIds.splice(0)): void {
    this.facts.push({ experiment: this.#experiment, saw: message, requestIds: [...new Set(requestIds)] })
  }
}
