import { StepError, StopError, errorChain } from '../errors.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import type { Actor } from '../tenant/actors.ts'
import { createOnce } from './create-once.ts'
import { idOf } from './inventory.ts'
import { before } from './plan.ts'
import type { Step } from './plan.ts'
import type { ActorContext, ResolvedResources, Resource } from './resource.ts'
import type { Run } from './run.ts'
import { endOf, stopped } from './stop.ts'

/** What one stage has to do. */
export type StageWork = {
  /** In order: a resource comes after everything that it needs. */
  readonly steps: readonly Step[]
  readonly resources: readonly Resource[]
  readonly known: ResolvedResources
}

/** What of a run its steps use. */
export type StepRun = Pick<Run, 'clock' | 'evidence' | 'progress' | 'secrets' | 'sessions'>

/** The steps of one stage as a graph. Nothing starts that depends on a failed step; the rest is finished. */
export async function runSteps({ steps, resources, known }: StageWork, run: StepRun): Promise<void> {
  /** Each ends with its error, if any. */
  const under = new Map<string, Promise<Error | undefined>>()
  for (const step of steps) {
    const resource = resources.find((one) => one.id === step.id)
    if (resource === undefined) throw new Error(`the plan has a step ${step.id} that no stage knows`)
    const needed = before(resource).flatMap((id) => under.get(id) ?? [])
    under.set(step.id, runStep({ step, resource, known, needed }, run))
  }
  const failures = new Set((await Promise.all(under.values())).filter((failure) => failure !== undefined))
  const worst = [...failures].find((failure) => !(failure instanceof StopError)) ?? [...failures][0]
  if (worst === undefined) return
  failures.delete(worst)
  if (failures.size === 0 || !(worst instanceof StepError)) throw worst
  // one error for the exit code, with all messages
  const also = [...failures].map((failure) => errorChain(failure).join(': ')).join('; ')
  throw new StepError(worst.step, `${worst.message}; also: ${also}`, { cause: worst.cause })
}

type StepWork = {
  readonly step: Step
  readonly resource: Resource
  readonly known: ResolvedResources
  /** The steps that come before it. */
  readonly needed: readonly Promise<Error | undefined>[]
}

async function runStep({ step, resource, known, needed }: StepWork, run: StepRun): Promise<Error | undefined> {
  const inTheWay = (await Promise.all(needed)).find((failure) => failure !== undefined)
  if (inTheWay !== undefined) return inTheWay
  if (run.clock.stop.aborted) return stopped()
  run.progress({ kind: 'step', step, state: 'started' })
  try {
    await carryOut({ step, resource, known }, run)
  } catch (error) {
    run.progress({ kind: 'step', step, state: endOf(error, run.clock.stop) })
    return error instanceof Error ? error : new Error(String(error))
  }
  run.progress({ kind: 'step', step, state: 'done' })
  return undefined
}

async function carryOut({ step, resource, known }: Omit<StepWork, 'needed'>, run: StepRun): Promise<void> {
  const { secrets, sessions, evidence } = run
  const session = await sessions.at(
    step.action === 'create' ? (resource.bootstrapCredential ?? resource.identity) : resource.identity,
  )
  const cannot = `cannot ${step.action} ${step.kind} \`${step.name}\``
  if (session === undefined)
    throw new StepError(step.id, cannot, {
      cause: new StopError(`${step.actor} cannot sign in here: its secret is not in the data directory`),
    })
  // it always asks, and the gate need not ask again for what it has read back
  const { session: recorded, exchanges } = sessions.look(session).asking().recording()
  const work: ActorContext<Actor> = { session: recorded, known, secrets }
  let value: unknown
  try {
    if (step.action === 'create') value = await createOnce(resource, work, run.clock)
    else
      value = resource.update === undefined ? known.need(resource) : await resource.update(work, known.need(resource))
  } catch (error) {
    throw error instanceof StepError ? error : new StepError(step.id, cannot, { cause: error })
  }
  known.set(resource.id, value)
  if (resource.invalidatesSessionsOf !== undefined) sessions.renew(resource.invalidatesSessionsOf)
  if (step.action === 'keep') return
  await evidence.append({
    kind: 'made',
    step: step.id,
    actor: step.actor,
    action: step.action,
    object: { kind: step.kind, name: step.name, id: idOf(value) },
    requestIds: requestIdsOf(exchanges),
  })
}
