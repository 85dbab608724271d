import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import type { Guard } from './guard.ts'
import { executorLock, workflowVersion } from './task.ts'

/**
 * Returns the tenants of dead workers to the queue. A worker is dead if its lock is free; of several peers that try,
 * one gets it. DBOS itself recovers only work of the same executor, or needs its own server for the rest.
 */
export async function reap(guard: Guard, own: string): Promise<readonly string[]> {
  const dead: string[] = []
  for (const executor of await guard.executorsAtWork(workflowVersion)) {
    if (executor === own || !(await guard.tryLock(executorLock(executor)))) continue
    try {
      await DBOSExecutor.globalInstance?.recoverPendingWorkflows([executor])
      dead.push(executor)
    } finally {
      await guard.unlock(executorLock(executor))
    }
  }
  return dead
}
