import type { Session } from '../openstack/session.ts'
import type { Reach } from './reach.ts'
import type { OffboardRun } from './run.ts'

/** The sessions that read for a stage: the operator inside the project if possible, else an account of the tenant. */
export function reachOf(run: OffboardRun, operator: Session<'operator'>): Reach {
  return {
    operator,
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
