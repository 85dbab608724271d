import { keptText } from '../report/view/time.ts'
import type { ProgressLine, ProgressStart } from '../tenant/progress-file.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Holder, LiveView, RunStage, RunStep, RunView } from './model.ts'

/* Pure: the lines of a run and the holder of the lock, as a view for a person. */

/** `apply, pid 4711, since 2026-05-04T10:00:00.000Z`, the holder's own text. */
export function parseHolder(text: string): Holder {
  const [, command, pid, since] = /^([\w -]+), pid (\d+), since (\S+)$/.exec(text) ?? []
  return command === undefined || since === undefined ? { command: text } : { command, pid: Number(pid), since }
}

export function liveView(lines: readonly ProgressLine[], holder: Holder | undefined): LiveView {
  const [start, ...events] = lines
  const run = start?.kind === 'begun' ? runView(start, events, holder) : undefined
  return { ...(holder === undefined ? {} : { holder }), ...(run === undefined ? {} : { run }) }
}

function runView(start: ProgressStart, events: readonly ProgressLine[], holder: Holder | undefined): RunView {
  const end = events.find((event) => event.kind === 'ended')
  // a holder with another pid is another command, and the run that began here is dead
  const isAlive = holder !== undefined && (holder.pid === undefined || holder.pid === start.pid)
  const outcome = end?.kind === 'ended' ? end.outcome : isAlive ? 'running' : 'interrupted'
  const state = outcome === 'stopped' ? 'interrupted' : outcome
  const because = end?.kind === 'ended' ? end.because : undefined
  const steps = stepsOf(start, events)
  return {
    command: start.command,
    pid: start.pid,
    began: start.at,
    ...(end === undefined ? {} : { ended: end.at }),
    state,
    ...(because === undefined ? {} : { because }),
    stages: start.stages.map((stage, index) => stageOf(stage, start.stages[index - 1], steps, events, state)),
  }
}

function stageOf(
  stage: StageName,
  previous: StageName | undefined,
  all: ReadonlyMap<string, RunStep & { readonly stage: StageName }>,
  events: readonly ProgressLine[],
  run: RunView['state'],
): RunStage {
  const own = events.filter((event) => event.kind === 'stage' && event.stage === stage)
  const last = own.at(-1)
  const began = own.find((event) => event.kind === 'stage' && event.state === 'started')?.at
  const steps = [...all.values()].filter((step) => step.stage === stage).map(({ stage: _, ...step }) => step)
  if (last?.kind !== 'stage') {
    if (run !== 'running') return { stage, state: 'not reached', steps }
    const because = previous === undefined ? 'about to begin' : `waits for ${previous}`
    return { stage, state: 'waiting', because, steps }
  }
  const known = { stage, steps, ...(began === undefined ? {} : { began }) }
  switch (last.state) {
    case 'kept':
      return { ...known, state: 'kept', because: keptText(last.since), ended: last.at }
    case 'done':
    case 'failed':
    case 'stopped':
      return { ...known, state: last.state, ended: last.at }
    case 'started':
      if (run !== 'running') return { ...known, state: 'stopped', because: 'interrupted here' }
      return { ...known, state: 'running', because: atWork(stage, steps, events) }
  }
}

/** The activity of a running stage: its steps, then its gate, which may have to wait. */
function atWork(stage: StageName, steps: readonly RunStep[], events: readonly ProgressLine[]): string {
  const running = steps.filter((step) => step.state === 'running')
  if (running.length > 0) return running.map(({ action, kind, name }) => `${action} ${kind} ${name}`).join(', ')
  const waiting = events.findLast((event) => event.kind === 'waiting' && event.stage === stage)
  if (waiting?.kind === 'waiting') return waiting.because
  return steps.every((step) => step.state === 'done') ? 'the gate is read back from the cloud' : 'between two steps'
}

function stepsOf(
  start: ProgressStart,
  events: readonly ProgressLine[],
): ReadonlyMap<string, RunStep & { readonly stage: StageName }> {
  const happened = (id: string, ...states: readonly string[]): ProgressLine | undefined =>
    events.findLast((event) => event.kind === 'step' && event.step === id && states.includes(event.state))
  const isDone = (id: string): boolean => happened(id, 'done') !== undefined
  const nameOf = (id: string): string => {
    const step = start.steps.find((one) => one.id === id)
    return step === undefined ? id : `${step.kind} ${step.name}`
  }
  return new Map(
    start.steps.map(({ needs, ...step }) => {
      const began = happened(step.id, 'started')?.at
      const end = happened(step.id, 'done', 'failed', 'stopped')
      const state = end?.kind === 'step' && end.state !== 'started' ? end.state : began ? 'running' : 'waiting'
      const waitsFor = state === 'waiting' ? needs.filter((id) => !isDone(id)).map(nameOf) : []
      const times = { ...(began === undefined ? {} : { began }), ...(end === undefined ? {} : { ended: end.at }) }
      return [step.id, { ...step, state, waitsFor, ...times }]
    }),
  )
}
