import type { Session } from '../openstack/session.ts'
import type { Actor } from '../tenant/actors.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Identity } from '../tenant/sessions.ts'
import type { StageName } from '../tenant/stage.ts'
import type { SharedResources } from './shared-resources.ts'

/**
 * One thing that a tenant consists of: how to find it, how to tell whether it is right, how to make it. A stage is a
 * list of these and a gate. `T` is what a look-up returns, as the service says it.
 *
 * The functions are methods on purpose: a list holds resources of many `T` and actors, and only what `observe` of
 * the same resource returned is ever handed to the others.
 */
export type Resource<T = unknown, A extends Actor = Actor> = {
  /** `network/router`; stable between runs, unique in a tenant. */
  readonly id: string
  readonly stage: StageName
  /** `router`, for people. */
  readonly kind: string
  readonly name: string
  readonly identity: Identity<A>
  /** The same actor by another credential: creates it, and looks where `identity` cannot sign in because it is not made yet. */
  readonly bootstrapCredential?: Identity<A>
  /** Whose tokens say less than the truth once this is changed: its roles, its password. */
  readonly invalidatesSessionsOf?: Actor
  /** Somebody else's to make: looked for, never planned; what stands in it waits until it is there. */
  readonly isExternal?: true
  /** Ids of what this stands in: while one of them is absent, so is this, and nobody need be asked. */
  readonly inside: readonly string[]
  /** Ids of what must be done before this is. */
  readonly needs: readonly string[]
  /** Reads the cloud; all that carry the name, since names are not unique everywhere. */
  observe(look: ActorContext<A>): Promise<readonly T[]>
  /** How long after its create, at most, it may be before a look-up sees it; absent: at once. Milliseconds. */
  readonly appearsWithin?: number
  /** Pure: what is found against what is asked for. */
  compare(found: T, known: ResolvedResources): Comparison
  create(work: ActorContext<A>): Promise<T>
  /** Brings what differs to what is asked; also makes ours what is adopted. */
  update?(work: ActorContext<A>, found: T): Promise<T>
}

/** What a resource may use: its own actor's session and no other. */
export type ActorContext<A extends Actor> = {
  readonly session: Session<A>
  readonly known: ResolvedResources
  readonly secrets: SecretStore
}

export type Comparison = {
  /** Our marker, or standing in a project of ours. What is not ours needs `--adopt`. */
  readonly isOurs: boolean
  readonly changes: readonly Change[]
  /** Why it cannot be brought to what is asked for: apply stops rather than deletes. */
  readonly conflict?: { readonly message: string; readonly remedy: string }
}

export type Change = { readonly field: string; readonly from: unknown; readonly to: unknown }

/** What stands by now: the perimeter, and every resource that was found or made. */
export class ResolvedResources {
  readonly shared: SharedResources
  readonly #values: Map<string, unknown>

  constructor(shared: SharedResources, values: Iterable<readonly [string, unknown]> = []) {
    this.shared = shared
    this.#values = new Map(values)
  }

  get<T>(resource: Resource<T, never> | Resource<T>): T | undefined {
    // INVARIANT: `set` stores under a resource's id only what that resource's observe or create returned
    return this.#values.get(resource.id) as T | undefined
  }

  /** What a resource stands in, before it is looked for; what it needs, before it is made. */
  need<T>(resource: Resource<T, never> | Resource<T>): T {
    const value = this.get(resource)
    if (value === undefined) throw new Error(`${resource.id} is needed before it stands`)
    return value
  }

  has(id: string): boolean {
    return this.#values.has(id)
  }

  set(id: string, value: unknown): void {
    this.#values.set(id, value)
  }
}

/** The fields that differ, for `judge`. Values are compared as JSON. */
export function differing(
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): Change[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && JSON.stringify(found[field]) !== JSON.stringify(to))
    .map(([field, to]) => ({ field, from: found[field] ?? null, to }))
}
