import { stageNames } from '../../../tenant/stage.ts'
import type { StageName } from '../../../tenant/stage.ts'
import type { LiveView, RunStage, StageView, TenantView } from '../../model.ts'
import type { Sign } from '../mark.tsx'
import { runSigns, stageSigns } from '../status-icons.ts'

/* Pure: the evidence of a stage and its activity in a run, as one line. */

export type StageLine = {
  readonly stage: StageName
  readonly sign: Sign
  readonly word: string
  /** The reason, or the activity. */
  readonly because: string
  readonly evidence: StageView | undefined
  /** In the latest run. */
  readonly run: RunStage | undefined
  /** The latest run is active, or left this stage unfinished. */
  readonly isLive: boolean
}

export function stageLines({ stages }: TenantView, { run }: LiveView): readonly StageLine[] {
  return stageNames.map((stage) => {
    const evidence = stages.find((one) => one.stage === stage)
    const inRun = run?.stages.find((one) => one.stage === stage)
    const known = { stage, evidence, run: inRun }
    const isOn = run?.state === 'running' && inRun !== undefined
    // an interrupted or failed stage leaves no evidence, only the run's own record
    const isBroken = run !== undefined && run.state !== 'running' && inRun?.state === 'failed'
    if (inRun !== undefined && (isOn || (isBroken && evidence?.state !== 'failed'))) {
      const because = inRun.because ?? (isBroken ? run.because : undefined) ?? ''
      return { ...known, sign: runSigns[inRun.state], word: inRun.state, because, isLive: true }
    }
    if (evidence === undefined) return { ...known, sign: 'none', word: 'never run', because: '', isLive: false }
    const word = evidence.gate === 'accepted' && evidence.state === 'validated' ? 'accepted' : evidence.state
    return { ...known, sign: stageSigns[evidence.state], word, because: evidence.because ?? '', isLive: false }
  })
}

/** The chosen stage; else the active one, the failed one, or the first. */
export function chosenStage(lines: readonly StageLine[], wish: StageName | undefined): StageLine {
  const chosen =
    lines.find(({ stage }) => stage === wish) ??
    lines.find(({ sign }) => sign === 'run') ??
    lines.find(({ sign }) => sign === 'bad') ??
    lines.findLast(({ evidence }) => evidence?.at !== undefined) ??
    lines[0]
  if (chosen === undefined) throw new Error('there is no stage at all')
  return chosen
}
