import type { StageStatus } from '../../tenant/status.ts'
import type { RunStage, RunStep, TenantState } from '../model.ts'
import type { Sign } from './mark.tsx'

/* The icon of each state, in one place. */

export const stageSigns: Readonly<Record<StageStatus['state'], Sign>> = {
  validated: 'ok',
  stale: 'warn',
  failed: 'bad',
  'never run': 'none',
  'held by the tenant': 'kept',
}

export const runSigns: Readonly<Record<RunStage['state'], Sign>> = {
  waiting: 'wait',
  running: 'run',
  done: 'ok',
  failed: 'bad',
  kept: 'kept',
  'not reached': 'none',
}

export const stepSigns: Readonly<Record<RunStep['state'], Sign>> = {
  waiting: 'wait',
  running: 'run',
  done: 'ok',
  failed: 'bad',
}

/** The most urgent first. */
export const tenantSigns: Readonly<Record<TenantState, Sign>> = {
  'at work': 'run',
  failed: 'bad',
  interrupted: 'bad',
  unreadable: 'bad',
  stale: 'warn',
  unfinished: 'wait',
  'never run': 'none',
  validated: 'ok',
  'held by the tenant': 'kept',
  offboarded: 'none',
}
