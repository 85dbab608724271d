import type { CheckView } from '../../../report/view/check.ts'
import type { MadeView, RunStep } from '../../model.ts'
import { Findings } from '../findings.tsx'
import { Mark, State } from '../mark.tsx'
import { RequestIds } from '../request-ids.tsx'
import { stepSigns } from '../status-icons.ts'
import { Took, When } from '../time.tsx'
import type { StageLine } from './stage-lines.ts'

/** Everything about one stage: what the run does, what its gate read, what was made. */
export function StageDetail({ line }: { readonly line: StageLine }) {
  const { stage, status, because, evidence, run } = line
  const steps = run?.steps ?? []
  const checks = evidence?.checks ?? []
  const findings = evidence?.findings ?? []
  // what the steps above made is shown with them
  const made = (evidence?.made ?? []).filter((one) => !steps.some((step) => madeBy(step, [one]) !== undefined))
  const isEmpty = steps.length + checks.length + findings.length + made.length === 0
  return (
    <section class="stage-detail" aria-label={`Stage ${stage}`}>
      <header>
        <h2>{stage}</h2>
        <State status={status} />
      </header>
      {because === '' ? undefined : <p class="because">{because}</p>}
      {isEmpty ? <p class="quiet">{emptyText(status.text)}</p> : undefined}
      {steps.length === 0 ? undefined : (
        <>
          <h3>Steps of the latest run</h3>
          <ul class="steps">
            {steps.map((step) => (
              <Step key={step.id} step={step} made={madeBy(step, evidence?.made ?? [])} />
            ))}
          </ul>
        </>
      )}
      {findings.length === 0 ? undefined : (
        <>
          <h3>Findings</h3>
          <Findings findings={findings} />
        </>
      )}
      {checks.length === 0 ? undefined : (
        <>
          <h3>
            What its gate read{' '}
            {evidence?.at === undefined ? undefined : (
              <small>
                <When at={evidence.at} hasSeconds />
              </small>
            )}
          </h3>
          <ul class="checks">
            {checks.map((check, index) => (
              <CheckLine key={index} check={check} />
            ))}
          </ul>
        </>
      )}
      {made.length === 0 ? undefined : (
        <>
          <h3>What was made</h3>
          <ul class="made">
            {made.map((one) => (
              <Made key={`${one.step} ${one.at}`} made={one} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function emptyText(word: string): string {
  if (word === 'running' || word === 'waiting') return 'This stage has no steps of its own here, only its gate.'
  return 'There is no evidence of this stage yet.'
}

/** What a step of the shown run made; what an earlier run made is older than this run's start. */
function madeBy({ id, began }: RunStep, made: readonly MadeView[]): MadeView | undefined {
  return made.findLast(({ step, at }) => step === id && began !== undefined && at >= began)
}

/** Always two lines high. */
function Step({ step, made }: { readonly step: RunStep; readonly made: MadeView | undefined }) {
  const { action, actor, kind, name, state, because, waitsFor, began, ended } = step
  return (
    <li>
      <Mark sign={stepSigns[state]} label={state} />
      <span class="what">
        {action} {kind} <b>{name}</b>
      </span>
      <span class="actor">as {actor}</span>
      {made === undefined || made.requestIds.length === 0 ? (
        <span class="reason">{waitsFor.length > 0 ? `waits for ${waitsFor.join(', ')}` : because}</span>
      ) : (
        <span class="reason">
          <RequestIds ids={made.requestIds} />
        </span>
      )}
      <span class="stage-time">{began === undefined ? '' : <Took from={began} to={ended} />}</span>
    </li>
  )
}

function CheckLine({ check }: { readonly check: CheckView }) {
  const { claim, verdict, read, by, readers, requestIds } = check
  return (
    <li class={verdict.tone === 'bad' ? 'is-bad' : ''}>
      <Mark sign={verdict.tone} label={verdict.text} />
      <span class="what">{claim}</span>
      <span class="actor">
        read by {by}; {readers}
      </span>
      {read === undefined ? undefined : <code class="value">{read}</code>}
      <RequestIds ids={requestIds} />
    </li>
  )
}

function Made({ made }: { readonly made: MadeView }) {
  const { done, actor, kind, name, id, at, requestIds } = made
  return (
    <li>
      <Mark sign="good" />
      <span class="what">
        {done} {kind} <b>{name}</b>
      </span>
      <span class="actor">
        by {actor}, <When at={at} hasSeconds />
      </span>
      {id === undefined || id === '' ? undefined : <code class="value">{id}</code>}
      <RequestIds ids={requestIds} />
    </li>
  )
}
