import { InputError, renderProblem } from '../../errors.ts'
import { answerTo } from './policy/engine.ts'
import type { Envelope, Reply } from './policy/protocol.ts'

/* The policy engine in its own thread: a proof takes a second or two, and the page must respond in the meantime. */

addEventListener('message', (event: MessageEvent<Envelope>) => {
  void reply(event.data).then((answer) => {
    postMessage(answer)
  })
})

async function reply(question: Envelope): Promise<Reply> {
  const { id } = question
  try {
    return { id, kind: 'answer', answer: await answerTo(question) }
  } catch (error) {
    if (error instanceof InputError) return { id, kind: 'problems', problems: error.problems.map(renderProblem) }
    return { id, kind: 'bug', message: error instanceof Error ? error.message : String(error) }
  }
}
