import type { StageName } from '../tenant/stage.ts'
import type { Step } from './plan.ts'

/** Events while a plan is applied: for people (the command line, the console), never for logic. */
export type Progress =
  | { readonly kind: 'stage'; readonly stage: StageName; readonly state: 'started' | 'done' | 'failed' | 'stopped' }
  /** Not proved again. `since`: when it was, ISO. */
  | { readonly kind: 'stage'; readonly stage: StageName; readonly state: 'kept'; readonly since: string }
  | { readonly kind: 'step'; readonly step: Step; readonly state: 'started' | 'done' | 'failed' | 'stopped' }
  /** The reason why a step takes long. */
  | { readonly kind: 'waiting'; readonly stage: StageName; readonly because: string }
