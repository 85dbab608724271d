import { CloudError } from '../errors.ts'
import type { Actor } from '../tenant/actors.ts'
import type { Seat, Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Kind, Owned } from './ownership.ts'
import type { Tenancy } from './tenant-state.ts'

/** The accounts of the tenant that can still sign in from here, by project. None of a tenant that holds its own secrets. */
export type Hands = readonly Hand[]
export type Hand = { readonly actor: 'creator' | 'automation'; readonly projectId: string; readonly seat: Seat }

export async function tryHands(tenant: Tenant, tenancy: Tenancy, sessions: Sessions): Promise<Hands> {
  const wanted = tenant.projects.flatMap((project) => {
    const standing = tenancy.projects.find(({ name }) => name === project.names.project)
    if (standing === undefined) return []
    return (['creator', 'automation'] as const).map((actor) => ({
      actor,
      projectId: standing.id,
      seat: { actor, project },
    }))
  })
  const tried = await Promise.all(wanted.map(async (hand) => ((await canSignIn(hand, sessions)) ? [hand] : [])))
  return tried.flat()
}

async function canSignIn({ seat, projectId }: Hand, sessions: Sessions): Promise<boolean> {
  try {
    const session = await sessions.at(seat)
    // an application credential that was made for another project says so only here
    return session !== undefined && (await session.token()).projectId === projectId
  } catch (error) {
    if (error instanceof CloudError && (error.kind === 'sign-in' || error.kind === 'answer')) return false
    throw error
  }
}

/** Who deletes it. */
export type Choice = { readonly actor: Actor; readonly seat?: Seat; readonly because?: string }

/** Pure: the account that made it while it can sign in, else the operator, and why. */
export function choose(owned: Owned, kind: Kind, tenant: Tenant, tenancy: Tenancy, hands: Hands): Choice {
  const maker = makerOf(owned, kind, tenant, tenancy)
  if (maker === undefined) return { actor: 'operator' }
  if (maker === 'another') return { actor: 'operator', because: 'made by another account' }
  const hand = hands.find(
    ({ actor, projectId }) => actor === maker && (owned.projectId === undefined || owned.projectId === projectId),
  )
  if (hand === undefined) return { actor: 'operator', because: `${maker} cannot sign in here` }
  // an application credential does not take itself away
  if (kind.kind === 'application credential' && maker === 'automation')
    return { actor: maker, seat: { ...hand.seat, by: 'password' } }
  return { actor: maker, seat: hand.seat }
}

function makerOf(
  { userId }: Owned,
  kind: Kind,
  { names }: Tenant,
  { users }: Tenancy,
): 'creator' | 'automation' | 'another' | undefined {
  if (userId === undefined) return kind.maker
  const name = users.find(({ id }) => id === userId)?.name
  if (name === names.creator) return 'creator'
  return name === names.automation ? 'automation' : 'another'
}
