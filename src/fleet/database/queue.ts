import { createHash } from 'node:crypto'
import { DBOSClient } from '@dbos-inc/dbos-sdk'
import type { WorkflowStatus } from '@dbos-inc/dbos-sdk'
import { StopError } from '../../errors.ts'
import { createLimiter } from '../../openstack/limiter.ts'
import type { Limits } from '../schedule.ts'
import { failed, stopped } from '../outcome.ts'
import type { TenantOutcome } from '../outcome.ts'
import { quiet } from './quiet.ts'
import { ensureSchema } from './schema.ts'
import { queueOf, workflowName, workflowVersion } from './task.ts'
import type { Task } from './task.ts'

/** Enqueued now, or already in the queue. */
export type Enqueued = { readonly id: string; readonly task: Task }

const isOver = ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] as const
const isAlive = ['PENDING', 'ENQUEUED', 'DELAYED'] as const

/** Concurrent requests to the database, and tenants per request. */
const atOnce = 8
const pageSize = 500

/** The queue of a data directory, for the process that enqueues tenants and waits for them. Works on none. */
export class Queue {
  readonly #client: DBOSClient
  readonly #name: string

  private constructor(client: DBOSClient, homeId: string) {
    this.#client = client
    this.#name = queueOf(homeId)
  }

  static async open(address: string, homeId: string): Promise<Queue> {
    await ensureSchema(address)
    const client = await DBOSClient.create({
      systemDatabaseUrl: address,
      applicationName: 'tenant-onboard',
      logger: quiet,
    })
    return new Queue(client, homeId)
  }

  /** Applies to all workers together, from now on, and to every fleet of this data directory. */
  async limit({ overall, perCloud }: Limits, perWorker: number | undefined): Promise<void> {
    await this.#client.registerQueue(this.#name, {
      globalConcurrency: overall,
      partitionConcurrency: Math.min(perCloud, overall),
      ...(perWorker === undefined ? {} : { workerConcurrency: Math.min(perWorker, overall) }),
      minPollingIntervalMs: 200,
      onConflict: 'always_update',
    })
  }

  /** A tenant that is in the queue already is not enqueued again: its own turn is waited for. */
  async add(fleet: string, tasks: readonly Task[], now: Date): Promise<readonly Enqueued[]> {
    const run = `${prefixOf(fleet)}${now.toISOString()}`
    const limit = createLimiter(atOnce)
    return Promise.all(
      tasks.map((task) =>
        limit(async () => {
          const name = `${task.cloud}/${task.tenant}`
          const handle = await this.#client.enqueue<(task: Task) => Promise<TenantOutcome>>(
            {
              queueName: this.#name,
              queuePartitionKey: task.cloud,
              workflowName,
              workflowID: `${run}/${name}`,
              appVersion: workflowVersion,
              deduplicationID: name,
              duplicationPolicy: 'return-existing',
            },
            task,
          )
          return { id: handle.workflowID, task }
        }),
      ),
    )
  }

  /** Reports each as it ends. Ends when all have, or on `stop`: the workers continue. */
  async follow(enqueued: readonly Enqueued[], watch: FollowWatch): Promise<void> {
    const open = new Map(enqueued.map(({ id, task }) => [id, task]))
    const begun = new Set<string>()
    while (open.size > 0 && !watch.stop.aborted) {
      for (const ids of pages([...open.keys()])) {
        const found = await this.#client.listWorkflows({ workflowIDs: ids, loadInput: false })
        for (const status of found) {
          const task = open.get(status.workflowID)
          if (task === undefined) continue
          if (status.status !== 'ENQUEUED' && !begun.has(status.workflowID)) {
            begun.add(status.workflowID)
            watch.begun(task)
          }
          if (!isOver.some((over) => over === status.status)) continue
          open.delete(status.workflowID)
          watch.ended(outcomeOf(task, status))
        }
      }
      await watch.pause()
    }
  }

  /** How many of a fleet are waiting or under way, enqueued by any process. */
  async alive(fleet: string): Promise<readonly { readonly id: string; readonly isRunning: boolean }[]> {
    const found = await this.#client.listWorkflows({
      workflow_id_prefix: prefixOf(fleet),
      status: [...isAlive],
      loadInput: false,
      loadOutput: false,
    })
    return found.map(({ workflowID, status }) => ({ id: workflowID, isRunning: status === 'PENDING' }))
  }

  /** Waiting ones do not start, those under way end after the current step. */
  async cancel(fleet: string): Promise<number> {
    const alive = await this.alive(fleet)
    for (const ids of pages(alive.map(({ id }) => id))) await this.#client.cancelWorkflows([...ids])
    return alive.length
  }

  close(): Promise<void> {
    return this.#client.destroy()
  }
}

export type FollowWatch = {
  readonly begun: (task: Task) => void
  readonly ended: (outcome: TenantOutcome) => void
  readonly stop: AbortSignal
  readonly pause: () => Promise<void>
}

function outcomeOf(task: Task, { status, output, error }: WorkflowStatus): TenantOutcome {
  const { tenant, cloud, file } = task
  const subject = { tenant, cloud, file }
  if (status === 'CANCELLED') return stopped(subject, 'cancelled')
  if (status === 'SUCCESS' && isOutcome(output)) return output
  const message = error instanceof Error ? error.message : `its workflow ended as ${status}`
  return failed(subject, new StopError(message))
}

/** Only workers of our version take what we enqueue. */
function isOutcome(value: unknown): value is TenantOutcome {
  return typeof value === 'object' && value !== null && 'result' in value && 'exitCode' in value
}

/** Of all runs of a folder. */
function prefixOf(folder: string): string {
  return `fleet ${createHash('sha256').update(folder).digest('hex').slice(0, 16)} `
}

function* pages<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += pageSize) yield items.slice(at, at + pageSize)
}
