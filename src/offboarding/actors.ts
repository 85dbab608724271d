import { CloudError } from '../errors.ts'
import type { Actor } from '../tenant/actors.ts'
import { signIn } from '../tenant/sessions.ts'
import type { Identity, Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Kind, Owned } from './ownership.ts'
import type { TenantState } from './tenant-state.ts'

/**
 * The accounts of the tenant that can still sign in from here, by project. None if the tenant holds its own secrets.
 */
export type UsableActors = readonly UsableActor[]
export type UsableActor = {
  readonly actor: 'creator' | 'automation'
  readonly projectId: string
  readonly identity: Identity
}

/** Makers of a tenant's things. */
export const makers = ['creator', 'automation'] as const

export async function findUsableActors(
  tenant: Tenant,
  tenantState: TenantState,
  sessions: Sessions,
): Promise<UsableActors> {
  const wanted = tenant.projects.flatMap((project) => {
    const standing = tenantState.projects.find(({ name }) => name === project.names.project)
    if (standing === undefined) return []
    return makers.map((actor) => ({
      actor,
      projectId: standing.id,
      identity: { actor, project },
    }))
  })
  const tried = await Promise.all(wanted.map(async (usable) => ((await canSignIn(usable, sessions)) ? [usable] : [])))
  return tried.flat()
}

async function canSignIn({ identity, projectId }: UsableActor, sessions: Sessions): Promise<boolean> {
  try {
    const session = await signIn(sessions, identity)
    // only the token shows that an application credential belongs to another project
    return session !== undefined && (await session.token()).projectId === projectId
  } catch (error) {
    if (error instanceof CloudError && (error.kind === 'sign-in' || error.kind === 'answer')) return false
    throw error
  }
}

/** The account that deletes it. */
export type Choice = { readonly actor: Actor; readonly identity?: Identity; readonly because?: string }

/** Pure: its maker if that account can sign in, else the operator, and why. */
export function chooseActor(
  owned: Owned,
  kind: Kind,
  tenant: Tenant,
  tenantState: TenantState,
  actors: UsableActors,
): Choice {
  if (owned.onlyOperator !== undefined) return { actor: 'operator', because: owned.onlyOperator }
  const maker = makerOf(owned, kind, tenant, tenantState)
  if (maker === undefined) return { actor: 'operator' }
  if (maker === 'another') return { actor: 'operator', because: 'made by another account' }
  const usable = actors.find(
    ({ actor, projectId }) => actor === maker && (owned.projectId === undefined || owned.projectId === projectId),
  )
  if (usable === undefined) return { actor: 'operator', because: `${maker} cannot sign in here` }
  // an application credential cannot delete itself
  if (kind.kind === 'application credential' && maker === 'automation')
    return { actor: maker, identity: { ...usable.identity, by: 'password' } }
  return { actor: maker, identity: usable.identity }
}

function makerOf(
  { userId }: Owned,
  kind: Kind,
  { names }: Tenant,
  { users }: TenantState,
): 'creator' | 'automation' | 'another' | undefined {
  if (userId === undefined) return kind.maker
  const name = users.find(({ id }) => id === userId)?.name
  if (name === names.creator) return 'creator'
  return name === names.automation ? 'automation' : 'another'
}
