import type { LiveView, RunView } from '../../model.ts'
import { State } from '../mark.tsx'
import type { Status } from '../mark.tsx'
import { Took, When } from '../time.tsx'

const ends: Readonly<Record<Exclude<RunView['state'], 'running'>, Status>> = {
  done: { text: 'is done', tone: 'good' },
  failed: { text: 'failed', tone: 'bad' },
  interrupted: { text: 'was interrupted', tone: 'bad' },
}

/** The command that works on the tenant, or how the latest run ended. Always a box of the same height. */
export function RunNote({ live: { holder, run } }: { readonly live: LiveView }) {
  if (run?.state === 'running') {
    const steps = run.stages.flatMap((stage) => stage.steps)
    const done = steps.filter(({ state }) => state === 'done').length
    return (
      <section class="run-note" aria-label="Run">
        <p role="status">
          <State status={{ text: `${run.command} is running`, tone: 'running' }} />
        </p>
        <p class="quiet">
          pid {run.pid}, for <Took from={run.began} />
        </p>
        <Bar done={done} total={steps.length} />
      </section>
    )
  }
  if (holder !== undefined) {
    return (
      <section class="run-note" aria-label="Run">
        <p role="status">
          <State status={{ text: `${holder.command} is running`, tone: 'running' }} />
        </p>
        <p class="quiet">
          {holder.pid === undefined ? '' : `pid ${holder.pid}, `}
          {holder.command === 'apply' ? 'it reads the cloud before it plans' : 'it records its result when it is done'}
        </p>
      </section>
    )
  }
  if (run === undefined) {
    return (
      <section class="run-note" aria-label="Run">
        <p class="quiet">No command works on this tenant, and no run was recorded.</p>
      </section>
    )
  }
  const end = ends[run.state]
  return (
    <section class="run-note" aria-label="Run">
      <p role="status">
        <State status={{ text: `the latest ${run.command} ${end.text}`, tone: end.tone }} />
      </p>
      <p class="quiet">
        <When at={run.began} hasSeconds />
        {run.ended === undefined ? '' : ', it took '}
        {run.ended === undefined ? '' : <Took from={run.began} to={run.ended} />}
      </p>
      {run.state === 'interrupted' ? (
        <p class="because">It was killed or its machine stopped. Run the same command again to continue.</p>
      ) : (
        <p class="because">{run.because ?? ''}</p>
      )}
    </section>
  )
}

function Bar({ done, total }: { readonly done: number; readonly total: number }) {
  if (total === 0) return <p class="quiet">nothing has to be changed; the gates are read again</p>
  return (
    <p class="steps-bar">
      <progress value={done} max={total} aria-label="Steps done" />
      <span>
        {done} of {total} steps
      </span>
    </p>
  )
}
