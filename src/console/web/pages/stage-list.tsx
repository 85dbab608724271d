import type { StageName } from '../../../tenant/stage.ts'
import { Mark } from '../mark.tsx'
import { Took, When } from '../time.tsx'
import type { StageLine } from './stage-lines.ts'

type Props = {
  readonly lines: readonly StageLine[]
  readonly chosen: StageName
  readonly choose: (stage: StageName) => void
}

/** The stages in order. Every line keeps its height, so that nothing moves during a run. */
export function StageList({ lines, chosen, choose }: Props) {
  return (
    <ol class="stage-list" aria-label="Stages">
      {lines.map((line, index) => (
        <li key={line.stage}>
          <button
            type="button"
            class="stage"
            aria-pressed={line.stage === chosen}
            onClick={() => {
              choose(line.stage)
            }}
          >
            <span class="stage-sign">
              <Mark sign={line.status.tone} />
            </span>
            <span class="stage-name">
              <span class="ordinal">{index + 1}</span> {line.stage}
            </span>
            <span class="stage-word">{line.status.text}</span>
            <span class="stage-because">{line.because}</span>
            <span class="stage-time">
              <Time line={line} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}

function Time({ line: { isLive, run, evidence } }: { readonly line: StageLine }) {
  if (isLive && run?.began !== undefined) return <Took from={run.began} to={run.ended} />
  if (isLive) return undefined
  return evidence?.at === undefined ? undefined : <When at={evidence.at} />
}
