import type { Session } from '../openstack/session.ts'
import type { Actor } from '../tenant/actors.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import type { Identity } from '../tenant/sessions.ts'
import type { StageName } from '../tenant/stage.ts'
import type { SharedResources } from './shared-resources.ts'

/**
 * One thing that a tenant consists of: how to find it, how to compare it, how to make it. A stage is a list of these
 * and a gate. `T` is the result of a look-up, as the service returns it.
 *
 * The functions are methods on purpose: a list holds resources of many `T` and actors. The other methods only receive
 * what `observe` of the same resource returned.
 */
export type Resource<T = unknown, A extends Actor = Actor> = {
  /** `network/router`; stable between runs, unique in a tenant. */
  readonly id: string
  readonly stage: StageName
  /** `router`, for people. */
  readonly kind: string
  readonly name: string
  readonly identity: Identity<A>
  /**
   * The same actor with another credential. It creates the resource, and looks for it where `identity` cannot sign in
   * yet.
   */
  readonly bootstrapCredential?: Identity<A>
  /** The identities whose tokens are out of date after this change: their roles, their password. */
  readonly invalidatesSessionsOf?: Actor
  /** Made by another party: looked for, never planned. Resources inside it wait until it exists. */
  readonly isExternal?: true
  /** Ids of its containers. While one of them is absent, so is this, and no request is sent. */
  readonly inside: readonly string[]
  /** Ids of the resources that come before this one. */
  readonly needs: readonly string[]
  /** Reads the cloud. Returns all with this name, because names are not unique everywhere. */
  observe(look: ActorContext<A>): Promise<readonly T[]>
  /** Milliseconds until a look-up sees a new one, at most. Absent: at once. */
  readonly appearsWithin?: number
  /** For several of one name: what tells the one in use from the other. */
  readonly twins?: Twins<T, A>
  /** A second create means the same as one: an assignment, a quota. It may be sent again without waiting. */
  readonly isIdempotent?: true
  /** Pure: compares the observed resource with the specification. */
  compare(found: T, known: ResolvedResources): Comparison
  create(work: ActorContext<A>): Promise<T>
  /** Updates what differs; also adds our marker to an adopted resource. */
  update?(work: ActorContext<A>, found: T): Promise<T>
}

export type Twins<T, A extends Actor> = {
  /** What stands on it, as `subnet acme-subnet`; empty if nothing does. */
  usersOf(look: ActorContext<A>, found: T): Promise<readonly string[]>
  /** The command that deletes one, without its id. */
  readonly deleteCommand: string
}

/** What a resource may use: a session of its own actor and no other. */
export type ActorContext<A extends Actor> = {
  readonly session: Session<A>
  readonly known: ResolvedResources
  readonly secrets: SecretStore
}

export type Comparison = {
  /** True if it has our marker, is in the evidence, or is in a project of ours. Otherwise it needs `--adopt`. */
  readonly isOurs: boolean
  readonly changes: readonly Change[]
  /** True if what it refers to is not known: nobody can say yet whether it is as asked. Another plan decides. */
  readonly isUndecided?: true
  /** It cannot be used, because somebody disabled it. It stays so unless the user asks for it by name. */
  readonly disabled?: 'by a freeze' | 'by hand'
  /** Why it cannot be updated. Apply stops; it does not delete. */
  readonly conflict?: { readonly message: string; readonly remedy: string }
}

export type Change = { readonly field: string; readonly from: unknown; readonly to: unknown }

/** What exists so far: the shared resources, and every resource that was found or made. */
export class ResolvedResources {
  readonly shared: SharedResources
  /** Ids of what the evidence says that we made or took over. */
  readonly recorded: ReadonlySet<string>
  readonly #values = new Map<string, unknown>()

  constructor(shared: SharedResources, recorded: ReadonlySet<string> = new Set()) {
    this.shared = shared
    this.recorded = recorded
  }

  /** The same, with what an operator provides. */
  with(shared: SharedResources): ResolvedResources {
    const known = new ResolvedResources(shared, this.recorded)
    for (const [id, value] of this.#values) known.set(id, value)
    return known
  }

  get<T>(resource: Resource<T, never> | Resource<T>): T | undefined {
    // INVARIANT: `set` stores under a resource's id only what that resource's observe or create returned
    return this.#values.get(resource.id) as T | undefined
  }

  /** Containers, before the look-up; requirements, before the create. */
  need<T>(resource: Resource<T, never> | Resource<T>): T {
    const value = this.get(resource)
    if (value === undefined) throw new Error(`${resource.id} is needed before it exists`)
    return value
  }

  has(id: string): boolean {
    return this.#values.has(id)
  }

  set(id: string, value: unknown): void {
    this.#values.set(id, value)
  }
}

/** The fields that differ, for `compare`. Values are compared as JSON. */
export function differing(
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): Change[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && JSON.stringify(found[field]) !== JSON.stringify(to))
    .map(([field, to]) => ({ field, from: found[field] ?? null, to }))
}
