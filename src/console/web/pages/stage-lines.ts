import { stageLabel } from '../../../report/view/label.ts'
import { stageNames } from '../../../tenant/stage.ts'
import type { StageName } from '../../../tenant/stage.ts'
import type { LiveView, RunStage, StageView, TenantView } from '../../model.ts'
import type { Status } from '../mark.tsx'
import { runSigns } from '../status-icons.ts'

/* Pure: the evidence of a stage and its activity in a run, as one line. */

export type StageLine = {
  readonly stage: StageName
  readonly status: Status
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
    const isBroken =
      run !== undefined && run.state !== 'running' && (inRun?.state === 'failed' || inRun?.state === 'stopped')
    if (inRun !== undefined && (isOn || (isBroken && evidence?.state !== 'failed'))) {
      const because = inRun.because ?? (isBroken ? run.because : undefined) ?? ''
      return { ...known, status: { text: inRun.state, tone: runSigns[inRun.state] }, because, isLive: true }
    }
    if (evidence === undefined) return { ...known, status: stageLabel('never run'), because: '', isLive: false }
    return { ...known, status: evidence.label, because: evidence.because ?? '', isLive: false }
  })
}

/** The chosen stage; else the active one, the failed one, or the first. */
export function chosenStage(lines: readonly StageLine[], wish: StageName | undefined): StageLine {
  const chosen =
    lines.find(({ stage }) => stage === wish) ??
    lines.find(({ status }) => status.tone === 'running') ??
    lines.find(({ status }) => status.tone === 'bad') ??
    lines.findLast(({ evidence }) => evidence?.at !== undefined) ??
    lines[0]
  if (chosen === undefined) throw new Error('there is no stage at all')
  return chosen
}
