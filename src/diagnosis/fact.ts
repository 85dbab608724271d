import { requestIdsOf } from '../openstack/exchange.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from '../probes/attempt.ts'
import type { Attempt } from '../probes/attempt.ts'

/** One thing that an experiment saw: in words, with the ids by which the cloud's logs have it. */
export type Fact = { readonly experiment: string; readonly saw: string; readonly requestIds: readonly string[] }

/** What one experiment writes down while it runs. */
export class Notes {
  readonly facts: Fact[] = []
  readonly #experiment: string
  readonly #requestIds: string[] = []

  constructor(experiment: string) {
    this.#experiment = experiment
  }

  /** Asks, and throws what the cloud refuses: for readings without which there is no experiment. */
  async read<T, Who extends string>(session: Session<Who>, ask: (session: Session<Who>) => Promise<T>): Promise<T> {
    const { session: recorded, exchanges } = session.recording()
    try {
      return await ask(recorded)
    } finally {
      this.#requestIds.push(...requestIdsOf(exchanges))
    }
  }

  /** Asks where a refusal is an answer as well. */
  async attempt<T>(session: Session, ask: (session: Session) => Promise<T>): Promise<Attempt<T>> {
    const tried = await attempt(session, ask)
    this.#requestIds.push(...tried.requestIds)
    return tried
  }

  /** With the ids of what was asked since the last note, or with those given. */
  saw(message: string, requestIds: readonly string[] = this.#requestIds.splice(0)): void {
    this.facts.push({ experiment: this.#experiment, saw: message, requestIds: [...new Set(requestIds)] })
  }
}
