import { logUpdateStderr } from 'log-update'
import type { Progress } from '../../onboarding/progress.ts'
import { oneLine } from '../../visible.ts'
import { keptText } from '../../report/view/time.ts'
import type { StageName } from '../../tenant/stage.ts'
import type { CommandContext } from '../context.ts'
import { forTerminal, paint } from '../output.ts'
import { stepWords } from './plan.ts'

/**
 * Shows progress on stderr, so that the results can go anywhere: live on a terminal, a plain line for each event elsewhere.
 */
export type ProgressView = {
  readonly show: (event: Progress) => void
  /** Ends the live view, however the run ended. */
  readonly end: () => void
}

export function progressView(io: CommandContext, stages: readonly StageName[]): ProgressView {
  return io.isTerminal && io.hasColor ? liveView(io, stages) : plainView(io)
}

type StageEvent = Extract<Progress, { kind: 'stage' }>

function stateText(event: StageEvent): string {
  return event.state === 'kept' ? keptText(event.since) : event.state
}

function plainView(io: CommandContext): ProgressView {
  let waiting = ''
  return {
    show(event) {
      if (event.kind === 'stage') io.err(`${event.stage}: ${stateText(event)}\n`)
      else if (event.kind === 'waiting') {
        if (event.because !== waiting) io.err(`${event.stage}: ${oneLine(event.because)}\n`)
        waiting = event.because
      } else if (event.state !== 'started')
        io.err(`  ${event.step.action} ${stepWords(event.step)} as ${event.step.actor}: ${event.state}\n`)
    },
    end: () => undefined,
  }
}

const redrawEveryMs = 100
/** The marks of the terminal: dots that turn, a check mark, a cross, a square. */
const spinner = Array.from('\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f')
const marks = { done: '\u2714', failed: '\u2716', stopped: '\u25a0' }

type Line =
  | { readonly state: 'waiting' }
  /** `since`: milliseconds of the clock. `doing`: the latest step, or what is waited for. */
  | { readonly state: 'active'; readonly since: number; readonly changed: number; readonly doing: string }
  | { readonly state: 'over'; readonly mark: string; readonly note: string }

function liveView(io: CommandContext, stages: readonly StageName[]): ProgressView {
  const lines = new Map<StageName, Line>(stages.map((stage) => [stage, { state: 'waiting' }]))
  let frame = 0
  const now = (): number => io.now().getTime()
  const textOf = (stage: StageName, line: Line): string => {
    if (line.state === 'waiting') return paint(io, 'dim', `  ${stage}`)
    if (line.state === 'over') return `${line.mark} ${stage}${line.note === '' ? '' : ` (${line.note})`}`
    const seconds = Math.floor((now() - line.since) / 1000)
    const head = ` ${stage} ${seconds} s`
    // never two lines: the view is drawn over itself, and has as many lines each time
    const doing = (line.doing === '' ? '' : `: ${oneLine(line.doing)}`).slice(
      0,
      Math.max(0, io.columns - head.length - 2),
    )
    return `${paint(io, 'yellow', spinner[frame % spinner.length] ?? '')}${head}${paint(io, 'dim', doing)}`
  }
  const draw = (): void => {
    frame++
    logUpdateStderr(forTerminal([...lines].map(([stage, line]) => textOf(stage, line)).join('\n')))
  }
  // what says that the command stops is written where the view was; the next drawing comes below it
  const giveWay = (): void => {
    logUpdateStderr.clear()
  }
  /** From the first event on: `accept` asks its question after this view was made. */
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    io.stop.addEventListener('abort', giveWay)
    timer = setInterval(draw, redrawEveryMs)
    timer.unref()
  }
  return {
    show(event) {
      if (timer === undefined) begin()
      const stage = event.kind === 'step' ? event.step.stage : event.stage
      const line = lines.get(stage)
      if (line === undefined) return
      const active =
        line.state === 'active' ? line : ({ state: 'active', since: now(), changed: 0, doing: '' } satisfies Line)
      if (event.kind === 'waiting') lines.set(stage, { ...active, doing: event.because })
      else if (event.kind === 'step') {
        const doing = `${event.step.action} ${stepWords(event.step)} as ${event.step.actor}`
        lines.set(stage, { ...active, doing, changed: active.changed + (event.state === 'done' ? 1 : 0) })
      } else if (event.state === 'started') lines.set(stage, active)
      else lines.set(stage, overLine(event, active.changed, io))
    },
    end() {
      if (timer === undefined) return
      clearInterval(timer)
      io.stop.removeEventListener('abort', giveWay)
      for (const [stage, { state }] of lines) {
        if (state !== 'over') lines.set(stage, { state: 'over', mark: paint(io, 'dim', '-'), note: 'not reached' })
      }
      draw()
      logUpdateStderr.done()
    },
  }
}

function overLine(event: StageEvent, changed: number, io: CommandContext): Line {
  if (event.state === 'failed' || event.state === 'stopped') {
    const mark = event.state === 'stopped' ? paint(io, 'yellow', marks.stopped) : paint(io, 'red', marks.failed)
    return { state: 'over', mark, note: stateText(event) }
  }
  const note = event.state === 'kept' ? stateText(event) : changed === 0 ? '' : `${changed} changed`
  return { state: 'over', mark: paint(io, 'green', marks.done), note }
}
