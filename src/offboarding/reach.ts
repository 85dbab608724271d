import { CloudError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { TenantState } from './tenant-state.ts'

/** How far one look reaches: the operator's sessions, the ids to look for, and a way into a project if there is one. */
export type Reach = {
  readonly operator: Session<'operator'>
  /**
   * Whether the lists of the whole cloud are read in any case, to find what deleted projects left: then what the tenant has is
   * taken from them.
   */
  readonly isWhole: boolean
  readonly tenantState: TenantState
  readonly clusters: KnownClusters
  /** The domain of Magnum's trustees. */
  readonly magnumDomain: string
  /** A session inside a project of the tenant; `undefined` if nobody can sign in there now. */
  inside(project: Project): Promise<Session | undefined>
  /** Records that something could not be looked at. */
  unseen(what: Unseen): void
  /** Tells something that was found and that nobody can attribute. */
  remark(finding: Finding): void
}

/** The tenant's clusters, also those that went before, as far as anything names them. */
export type KnownClusters = { readonly names: ReadonlySet<string>; readonly ids: ReadonlySet<string> }

export const noClusters: KnownClusters = { names: new Set(), ids: new Set() }

/** Without a project: the list of all. */
export type Unseen = { readonly kind: string; readonly project?: string; readonly because: string }

/** Asks from within each project. If nobody gets in, or a request is refused, that is recorded and is not an error. */
export async function askInside<T>(
  reach: Reach,
  what: { readonly kind: string },
  ask: (session: Session, project: Project) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const each = await Promise.all(
    reach.tenantState.projects.map(async (project): Promise<readonly T[]> => {
      const unseen = (because: string): readonly T[] => {
        reach.unseen({ kind: what.kind, project: project.name, because })
        return []
      }
      const session = await reach.inside(project)
      if (session === undefined) return unseen('no account of the tenant can sign in there from here')
      try {
        return await ask(session, project)
      } catch (error) {
        if (refusalOf(error) === 403) return unseen(`${session.actor} may not list them`)
        if (error instanceof CloudError && error.kind === 'sign-in') return unseen(`${session.actor} cannot sign in`)
        throw error
      }
    }),
  )
  return each.flat()
}

/** What one project has, of a service that filters by `project_id`. */
export async function ofProject<T extends { readonly project_id: string }>(
  { isWhole }: Pick<Reach, 'isWhole'>,
  project_id: string,
  list: (filter: { readonly project_id?: string }) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return isWhole ? (await list({})).filter((one) => one.project_id === project_id) : list({ project_id })
}

/** Lists what each project of the tenant has, deleted projects included. */
export async function askForEach<T>(
  { tenantState }: Reach,
  ask: (projectId: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await Promise.all([...tenantState.projectIds].map(ask))).flat()
}
