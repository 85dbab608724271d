import { Listr } from 'listr2'
import type { ListrTaskWrapper } from 'listr2'
import type { Progress } from '../../onboarding/progress.ts'
import type { StageName } from '../../tenant/stage.ts'
import { keptText } from '../../report/view/time.ts'
import type { CommandContext } from '../context.ts'
import { stepWords } from './plan.ts'

/** Shows progress on stderr: live on a terminal, a plain line for each event elsewhere. */
export type ProgressView = {
  readonly show: (event: Progress) => void
  /** Ends the live view, however the run ended. */
  readonly end: () => Promise<void>
}

export function progressView(io: CommandContext, stages: readonly StageName[]): ProgressView {
  // on stderr, so that the results can go anywhere
  return io.isTerminal && (io.env['NO_COLOR'] ?? '') === '' ? liveView(stages) : plainView(io)
}

function plainView(io: CommandContext): ProgressView {
  let waiting = ''
  return {
    show(event) {
      if (event.kind === 'stage')
        io.err(`${event.stage}: ${event.state === 'kept' ? keptText(event.since) : event.state}\n`)
      else if (event.kind === 'waiting') {
        if (event.because !== waiting) io.err(`${event.stage}: ${event.because}\n`)
        waiting = event.because
      } else if (event.state !== 'started')
        io.err(`  ${event.step.action} ${stepWords(event.step)} as ${event.step.actor}: ${event.state}\n`)
    },
    end: () => Promise.resolve(),
  }
}

type Task = ListrTaskWrapper<unknown, never, never>
type Slot = { readonly done: Deferred; task?: Task; steps: number }

function liveView(stages: readonly StageName[]): ProgressView {
  const slots = new Map<StageName, Slot>(stages.map((stage) => [stage, { done: deferred(), steps: 0 }]))
  const list = new Listr(
    stages.map((stage) => ({
      title: stage,
      task: (_: unknown, task: unknown) => {
        const slot = slots.get(stage)
        // listr2 types the wrapper by renderer; only `title`, `output` and `skip` are used
        if (slot !== undefined) slot.task = task as Task
        return slot?.done.promise
      },
    })),
    { concurrent: true, exitOnError: false, rendererOptions: { collapseErrors: false, showErrorMessage: false } },
  )
  const running = list.run().catch(() => undefined)
  return {
    show(event) {
      const slot = slots.get(event.kind === 'step' ? event.step.stage : event.stage)
      if (slot === undefined) return
      const { task, done } = slot
      if (event.kind === 'waiting') {
        if (task !== undefined) task.output = event.because
      } else if (event.kind === 'step') {
        if (event.state === 'done') slot.steps++
        if (task !== undefined) task.output = `${event.step.action} ${stepWords(event.step)} as ${event.step.actor}`
      } else if (event.state === 'failed') {
        done.reject(new Error(event.stage))
      } else if (event.state !== 'started') {
        if (task !== undefined)
          task.title = `${event.stage}${event.state === 'kept' ? ` (${keptText(event.since)})` : slot.steps === 0 ? '' : ` (${slot.steps} changed)`}`
        done.resolve()
      }
    },
    async end() {
      for (const slot of slots.values()) {
        slot.task?.skip('not reached')
        slot.done.resolve()
      }
      await running
    },
  }
}

// Promise.withResolvers is not in Node 20
type Deferred = {
  readonly promise: Promise<undefined>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function deferred(): Deferred {
  let resolve: () => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<undefined>((yes, no) => {
    resolve = () => {
      yes(undefined)
    }
    reject = no
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
