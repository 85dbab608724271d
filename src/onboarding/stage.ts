import type { StageName } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GateContext } from './gate.ts'
import type { Resource } from './resource.ts'

/** A named part of onboarding: its resources, and the gates that must hold after it. */
export type Stage = {
  readonly name: StageName
  /** In order: a resource comes after everything that it needs. */
  resources(tenant: Tenant): readonly Resource[]
  readonly gates: readonly [Gate, ...Gate[]]
  /** Its gate changes the cloud for a moment (throwaway objects), so it is not repeated while its evidence is fresh. */
  readonly isProbing?: boolean
}

export type Gate = {
  readonly name: 'accepted' | 'complete'
  /** Claims what it read. Throws only if it could not ask. */
  check(context: GateContext): Promise<void>
}
