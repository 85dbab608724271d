import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import type { Guard } from './guard.ts'
import { executorLock, workflowVersion } from './task.ts'

/**
 * Gives the tenants of dead workers back to the queue. A worker is dead when its lock can be taken; of several peers that
 * try, one gets it. DBOS itself recovers only what the same executor left, or asks a server of theirs for the rest.
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
