import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { DLogger } from '@dbos-inc/dbos-sdk'
import { StopError } from '../../errors.ts'
import { Guard } from './guard.ts'
import { quiet } from './quiet.ts'
import { reap } from './reaper.ts'
import { ensureSchema } from './schema.ts'
import { executorLock, queueOf, tenantLock, workflowName, workflowVersion } from './task.ts'
import type { Task } from './task.ts'
import { failed } from '../outcome.ts'
import type { TenantOutcome } from '../outcome.ts'

export type WorkerOptions = {
  readonly address: string
  readonly homeId: string
  readonly pid: number
  /** The usual apply; ends early, with `stopped`, on its signal. */
  readonly onboard: (task: Task, stop: AbortSignal) => Promise<TenantOutcome>
  readonly stop: AbortSignal
  readonly say: (text: string) => void
  readonly isDebugged: boolean
  /** The lock is lost: ends the process before another step. */
  readonly abandon: (error: Error) => void
}

const beatMs = 1_000

/**
 * Works on tenants from the queue until it is stopped. A thin caller: DBOS records which worker has which tenant, and
 * `apply` finds out what is left to do. So a tenant of a dead worker is simply applied again.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { address, stop, say } = options
  await ensureSchema(address)
  const executor = `${hostname()}:${options.pid}:${randomUUID()}`
  const guard = await Guard.open(address, beatMs)
  void guard.lost.then(options.abandon)
  await guard.lock(executorLock(executor))
  const tasks = new Tasks(guard, options)
  DBOS.registerWorkflow(
    (task: Task) => DBOS.runStep(() => tasks.work(task, DBOS.workflowID ?? ''), { name: 'onboard' }),
    { name: workflowName },
  )
  DBOS.setConfig({
    name: 'tenant-onboard',
    systemDatabaseUrl: address,
    applicationVersion: workflowVersion,
    executorID: executor,
    listenQueues: [queueOf(options.homeId)],
    runMigrations: false,
    logger: loggerOf(options),
  })
  await DBOS.launch()
  say(`worker ${executor} waits for tenants of data directory ${options.homeId}`)
  try {
    while (!stop.aborted) {
      for (const dead of await reap(guard, executor)) say(`worker ${dead} is dead; its tenants are taken over`)
      await tasks.endCancelled()
      await pause(beatMs, stop)
    }
    say('finishing the current steps; the rest goes to another worker')
    await tasks.settled()
  } finally {
    await DBOS.shutdown()
    await guard.end()
  }
}

/** The tenants under way here. */
class Tasks {
  readonly #guard: Guard
  readonly #options: WorkerOptions
  readonly #running = new Map<string, { readonly cancel: AbortController; readonly done: Promise<unknown> }>()

  constructor(guard: Guard, options: WorkerOptions) {
    this.#guard = guard
    this.#options = options
  }

  work(task: Task, id: string): Promise<TenantOutcome> {
    const cancel = new AbortController()
    const done = this.#work(task, cancel)
    this.#running.set(id, { cancel, done })
    return done
      .finally(() => this.#running.delete(id))
      .then((outcome) => {
        // handed back, not ended: it keeps this worker's name, and the next one takes it over
        if (outcome.result === 'stopped' && this.#options.stop.aborted && !cancel.signal.aborted)
          return new Promise(() => undefined)
        return outcome
      })
  }

  async #work(task: Task, cancel: AbortController): Promise<TenantOutcome> {
    const { say, stop, onboard } = this.#options
    const lock = tenantLock(task.cloud, task.tenant)
    const name = `${task.cloud}/${task.tenant}`
    if (!(await this.#guard.tryLock(lock))) return failed(task, new StopError(`another worker works on ${name}`))
    try {
      const outcome = await onboard(task, AbortSignal.any([stop, cancel.signal]))
      say(`${name}: ${outcome.result}${outcome.because === undefined ? '' : `: ${outcome.because}`}`)
      return outcome
    } finally {
      await this.#guard.unlock(lock)
    }
  }

  /** Stops those whose workflow was cancelled. */
  async endCancelled(): Promise<void> {
    const workflowIDs = [...this.#running.keys()]
    if (workflowIDs.length === 0) return
    const found = await DBOS.listWorkflows({ workflowIDs, status: 'CANCELLED', loadInput: false, loadOutput: false })
    for (const { workflowID } of found) this.#running.get(workflowID)?.cancel.abort()
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done))
  }
}

/** DBOS logs a lot; this prints what a person needs. Entries are about workflows, which have no secret. */
function loggerOf({ say, isDebugged }: WorkerOptions): DLogger {
  const tell = (entry: unknown): void => {
    say(`DBOS: ${entry instanceof Error ? entry.message : String(entry)}`)
  }
  return { ...quiet, ...(isDebugged ? { info: tell, warn: tell } : {}), error: tell }
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    stop.addEventListener('abort', end)
    if (stop.aborted) end()
  })
}
