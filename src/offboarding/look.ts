import { errorChain } from '../errors.ts'
import { askAhead } from '../openstack/ask-ahead.ts'
import { hasService } from '../openstack/has-service.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { Kind, Owned } from './ownership.ts'
import type { Reach } from './reach.ts'
import type { OffboardRun } from './run.ts'

/** The sessions that read for a stage: the operator inside the project if possible, else an account of the tenant. */
export function reachOf(run: OffboardRun, operator: Session<'operator'>, isWhole = false): Reach {
  return {
    operator,
    isWhole,
    tenantState: run.tenantState,
    magnumDomain: run.magnumDomain,
    clusters: run.clusters,
    inside: async (project) => {
      const entered = await run.entrance.at(project)
      if (entered !== undefined) return entered
      const usable = run.actors.find(({ projectId }) => projectId === project.id)
      return usable === undefined ? undefined : run.sessions.at(usable.identity)
    },
    unseen: (what) => {
      if (!run.unseen.some(({ kind, project }) => kind === what.kind && project === what.project)) run.unseen.push(what)
    },
    remark: (finding) => {
      if (!run.remarks.some(({ message }) => message === finding.message)) run.remarks.push(finding)
    },
  }
}

/**
 * Looks at kinds, into the memory of the session. Nobody enters a project for it, and Keystone's own lists do not last: a role is
 * granted in between, or their users are gone.
 */
export function lookAhead(going: readonly Kind[], reach: Reach): void {
  const quiet: Reach = { ...reach, unseen: () => undefined, remark: () => undefined }
  for (const kind of going)
    // clusters are deleted from inside, and listed from outside
    if ((kind.within === undefined || kind.kind === 'cluster') && kind.service !== 'identity')
      askAhead(hasService(reach.operator, kind.service).then((has) => (has ? kind.list(quiet) : [])))
}

/**
 * What a kind has of the tenant. A list that the cloud refuses to its operator does not end the command: it is recorded, and
 * what is in it is not shown.
 */
export async function listSeen(kind: Kind, reach: Reach): Promise<readonly Owned[]> {
  try {
    return await kind.list(reach)
  } catch (error) {
    if (refusalOf(error) !== 403) throw error
    reach.unseen({ kind: kind.kind, because: errorChain(error).join(': ') })
    return []
  }
}
