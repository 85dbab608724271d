import type { Envelope, QuestionName, Questions, Reply } from './protocol.ts'

/** The policy cannot be read: its problems, one per line. */
export class PolicyProblem extends Error {
  override readonly name = 'PolicyProblem'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }

/** One engine in one worker. It answers in order; `restart` abandons the current question. */
export class PolicyClient {
  #worker: Worker | undefined
  #count = 0
  readonly #waiting = new Map<number, Waiting>()

  async ask<Name extends QuestionName>(
    name: Name,
    asked: Questions[Name]['asked'],
  ): Promise<Questions[Name]['answer']> {
    const id = ++this.#count
    const worker = (this.#worker ??= this.#start())
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    })
    worker.postMessage({ id, name, asked } satisfies Omit<Envelope, 'name' | 'asked'> & { name: Name; asked: unknown })
    // INVARIANT: the worker is of the same build, and answers each question as in `Questions`
    return (await answer) as Questions[Name]['answer']
  }

  /** For a question that makes all earlier ones obsolete. Those are never answered. */
  restart(): void {
    if (this.#waiting.size > 0) this.end()
  }

  /** No more questions will come. */
  end(): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#waiting.clear()
  }

  #start(): Worker {
    const worker = new Worker('/assets/policy-worker.js', { type: 'module' })
    worker.addEventListener('message', (event: MessageEvent<Reply>) => {
      const reply = event.data
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      switch (reply.kind) {
        case 'answer':
          waiting?.resolve(reply.answer)
          return
        case 'problems':
          waiting?.reject(new PolicyProblem(reply.problems))
          return
        case 'bug':
          waiting?.reject(new Error(reply.message))
          return
      }
    })
    worker.addEventListener('error', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('the policy engine could not be started'))
      this.#waiting.clear()
    })
    return worker
  }
}
