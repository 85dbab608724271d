import { CloudError, StepError, StopError, isTransient } from '../errors.ts'
import { stopIfAsked } from '../onboarding/stop.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { chooseActor } from './actors.ts'
import type { Choice } from './actors.ts'
import type { Kind, Owned } from './ownership.ts'
import type { OffboardRun } from './run.ts'

/** Requests one deletion, as its maker or else as the operator. Returns a refusal that may pass. */
export async function remove(kind: Kind, owned: Owned, run: OffboardRun): Promise<CloudError | undefined> {
  stopIfAsked(run.stop)
  const choice = chooseActor(owned, kind, run.tenant, run.tenantState, run.actors)
  const own = choice.identity === undefined ? undefined : await run.sessions.at(choice.identity)
  let by: Choice = own === undefined ? { ...choice, actor: 'operator' } : choice
  try {
    if (own !== undefined) {
      try {
        await note(run, kind, owned, by, own)
        return undefined
      } catch (error) {
        // for anyone but the operator a 404 may only mean that it is not visible
        const isTheirs =
          error instanceof CloudError && error.kind !== 'sign-in' && ![401, 403, 404].includes(error.status ?? 0)
        if (isTheirs || !(error instanceof CloudError)) throw error
        by = { actor: 'operator', because: `${choice.actor} may not: ${error.reason}` }
      }
    }
    await note(run, kind, owned, by, await operatorFor(kind, owned, run))
    return undefined
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    if (error instanceof CloudError && [400, 403, 409].includes(refusalOf(error) ?? 0)) return error
    if (error instanceof CloudError && isTransient(error)) return error
    throw error instanceof CloudError
      ? new StepError(owned.id, `cannot delete ${kind.kind} \`${owned.name}\``, { cause: error })
      : error
  }
}

async function note(run: OffboardRun, kind: Kind, owned: Owned, by: Choice, as: Session): Promise<void> {
  const { session, exchanges } = as.recording()
  await owned.remove(session)
  const { actor, because } = by
  await run.evidence.append({
    kind: 'removed',
    stage: kind.stage,
    actor,
    action: 'delete',
    object: { kind: kind.kind, name: owned.name, id: owned.id },
    ...(because === undefined ? {} : { because }),
    requestIds: requestIdsOf(exchanges),
  })
  run.progress({ kind: 'removed', action: 'delete', what: { kind: kind.kind, name: owned.name }, by })
}

/** From inside the project if that matters. From outside Magnum may forget a cluster and leave all that it made. */
async function operatorFor(kind: Kind, { projectId }: Owned, run: OffboardRun): Promise<Session> {
  const project = run.tenantState.projects.find(({ id }) => id === projectId)
  if (kind.within !== 'project' || project === undefined) return run.operator
  const entered = await run.entrance.at(project)
  if (entered === undefined) throw new StopError(`the operator has no way into project \`${project.name}\``)
  return entered
}
