import type { RunStage, RunStep, TenantState } from '../model.ts'
import type { Sign } from './mark.tsx'

/* Which sign stands for which word that only the console says, in one place. What reports say too has its labels there. */

export const runSigns: Readonly<Record<RunStage['state'], Sign>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'good',
  failed: 'bad',
  stopped: 'warn',
  kept: 'kept',
  'not reached': 'still',
}

export const stepSigns: Readonly<Record<RunStep['state'], Sign>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'good',
  failed: 'bad',
  stopped: 'warn',
}

/** The most urgent first. */
export const tenantSigns: Readonly<Record<TenantState, Sign>> = {
  'at work': 'running',
  failed: 'bad',
  interrupted: 'bad',
  unreadable: 'bad',
  'not checked': 'waiting',
  stale: 'warn',
  unfinished: 'waiting',
  'never run': 'still',
  validated: 'good',
  'held by the tenant': 'kept',
  offboarded: 'still',
}
