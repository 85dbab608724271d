import { errorChain } from '../errors.ts'
import type { TenantContext } from '../tenant/context.ts'
import { openProgressFile } from '../tenant/progress-file.ts'
import type { ProgressStep } from '../tenant/progress-file.ts'
import type { StageResult } from './apply.ts'
import { before, changesOf } from './plan.ts'
import type { Plan, Planned } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Resource } from './resource.ts'
import type { Caller } from './run.ts'
import { resourcesOf } from './stages.ts'
import { endOf } from './stop.ts'

/** Writes the progress into the tenant's data directory, where the console follows it. */
export type ProgressLog = {
  readonly show: (event: Progress) => void
  /** Runs it, and records how it ended. */
  readonly follow: (run: () => Promise<readonly StageResult[]>) => Promise<readonly StageResult[]>
}

export async function openProgressLog(
  { plan, stages }: Planned,
  { tenant, home, file, clock }: Pick<TenantContext, 'tenant' | 'home' | 'file' | 'clock'>,
  { command, pid }: Pick<Caller, 'command' | 'pid'>,
): Promise<ProgressLog> {
  const at = (): string => clock.now().toISOString()
  const log = await openProgressFile(home.progress)
  const steps = stepsOf(plan, resourcesOf(tenant))
  log.add({ kind: 'begun', at: at(), command, pid, file, stages: stages.map(({ name }) => name), steps })
  let waiting = ''
  const end = (failed: string | undefined): void => {
    if (failed === undefined) log.add({ kind: 'ended', at: at(), outcome: 'done' })
    else log.add({ kind: 'ended', at: at(), outcome: 'failed', because: failed })
  }
  return {
    show(event) {
      if (event.kind === 'step') {
        log.add({ kind: 'step', at: at(), step: event.step.id, state: event.state })
      } else if (event.kind === 'stage') {
        const since = event.state === 'kept' ? { since: event.since } : {}
        log.add({ kind: 'stage', at: at(), stage: event.stage, state: event.state, ...since })
      } else if (event.because !== waiting) {
        // a gate reports at every look what it waits for
        waiting = event.because
        log.add({ kind: 'waiting', at: at(), stage: event.stage, because: event.because })
      }
    },
    async follow(run) {
      try {
        const results = await run()
        const failed = results.find(({ ok }) => !ok)
        end(failed && `the gate of ${failed.stage} does not hold`)
        return results
      } catch (error) {
        const because = errorChain(error).join(': ')
        if (endOf(error, clock.stop) === 'stopped') log.add({ kind: 'ended', at: at(), outcome: 'stopped', because })
        else end(because)
        throw error
      } finally {
        await log.close()
      }
    },
  }
}

/** Only the steps that change something, and what each of them waits for. */
function stepsOf(plan: Plan, resources: readonly Resource[]): ProgressStep[] {
  const changes = changesOf(plan)
  const ids = new Set(changes.map(({ id }) => id))
  return changes.map(({ id, stage, action, actor, kind, name, because }) => {
    const resource = resources.find((one) => one.id === id)
    const needs = resource === undefined ? [] : before(resource).filter((needed) => ids.has(needed))
    return { id, stage, action, actor, kind, name, because, needs }
  })
}
