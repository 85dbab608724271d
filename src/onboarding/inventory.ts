import { CloudError } from '../errors.ts'
import { askAhead } from '../openstack/ask-ahead.ts'
import type { Actor } from '../tenant/actors.ts'
import type { TenantContext } from '../tenant/context.ts'
import { signIn } from '../tenant/sessions.ts'
import type { Identity } from '../tenant/sessions.ts'
import { ResolvedResources } from './resource.ts'
import type { Resource } from './resource.ts'
import { SharedResources } from './shared-resources.ts'

/** What was seen of one resource. */
export type Observation =
  | { readonly kind: 'absent' }
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'several'; readonly ids: readonly string[]; readonly twins?: TwinsSeen }
  | Hidden

/** The actor cannot sign in here, so it is unknown whether the resource exists. */
export type Hidden = {
  readonly kind: 'hidden'
  /** Its own, or the one of what it stands in. */
  readonly actor: Actor
  /** The words of the refusal; absent: the secret is not in the data directory. */
  readonly refused?: string
}

/** Of several with one name: what uses each, in the order of the ids. */
export type TwinsSeen = {
  readonly usedBy: readonly (readonly string[])[]
  readonly deleteCommand: string
}

export type Inventory = {
  /** By the id of the resource. */
  readonly observations: ReadonlyMap<string, Observation>
  /** What was found, and what an operator provides. */
  readonly known: ResolvedResources
}

type InventoryOptions = {
  /** May still be read meanwhile. */
  readonly shared: SharedResources | Promise<SharedResources>
  /** Ids of what the evidence says that we made. */
  readonly recorded: ReadonlySet<string>
}

/**
 * Looks at every resource as its own actor. Nothing is asked twice, and what stands in something absent is
 * absent without being asked. No look needs what the operator provides: that may still be read meanwhile.
 */
export async function takeInventory(
  resources: readonly Resource[],
  { sessions, secrets }: Pick<TenantContext, 'sessions' | 'secrets'>,
  { shared, recorded }: InventoryOptions,
): Promise<Inventory> {
  const known = new ResolvedResources(new SharedResources({ roles: [], cidrs: {} }), recorded)
  const observed = new Map<string, Promise<Observation>>()

  const look = async (resource: Resource): Promise<Observation> => {
    for (const container of resource.inside) {
      const observation = await observed.get(container)
      if (observation === undefined)
        throw new Error(`${resource.id} is inside ${container}, which must be listed before it`)
      if (observation.kind === 'hidden') return observation
      if (observation.kind !== 'found') return { kind: 'absent' }
    }
    const own = await lookFrom(resource, resource.identity)
    return own.kind === 'hidden' && resource.bootstrapCredential !== undefined
      ? lookFrom(resource, resource.bootstrapCredential)
      : own
  }
  const lookFrom = async (resource: Resource, identity: Identity): Promise<Observation> => {
    const session = await sessions.at(identity)
    if (session === undefined) return { kind: 'hidden', actor: identity.actor }
    const snapshot = sessions.look(session)
    try {
      const found = await resource.observe({ session: snapshot, known, secrets })
      if (found.length > 1) {
        const several = { kind: 'several', ids: found.map(idOf) } as const
        if (resource.twins === undefined) return several
        const { twins } = resource
        const usedBy = await Promise.all(found.map((one) => twins.usersOf({ session: snapshot, known, secrets }, one)))
        return { ...several, twins: { usedBy, deleteCommand: twins.deleteCommand } }
      }
      if (found.length === 0) return { kind: 'absent' }
      known.set(resource.id, found[0])
      return { kind: 'found', value: found[0] }
    } catch (error) {
      if (!(error instanceof CloudError) || error.kind !== 'sign-in') throw error
      return { kind: 'hidden', actor: identity.actor, refused: error.reason }
    }
  }
  for (const resource of resources) observed.set(resource.id, look(resource))
  // the accounts sign in as soon as their domain is seen, and not when the first of their resources is looked for
  const [outermost] = resources
  if (outermost !== undefined)
    askAhead(
      Promise.resolve(observed.get(outermost.id)).then((seen) =>
        seen?.kind === 'found' ? Promise.all(resources.map(({ identity }) => signIn(sessions, identity))) : [],
      ),
    )
  const settled = await Promise.all([...observed].map(async ([id, observation]) => [id, await observation] as const))
  return { observations: new Map(settled), known: known.with(await shared) }
}

/** Services call it `id` or `uuid`; a keypair has only its name. */
export function idOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  if ('id' in value && typeof value.id === 'string') return value.id
  if ('uuid' in value && typeof value.uuid === 'string') return value.uuid
  return 'name' in value && typeof value.name === 'string' ? value.name : ''
}
