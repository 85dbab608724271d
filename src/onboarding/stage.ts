import { stageNames, stagesAskedBy } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GateContext } from './gate.ts'
import type { Resource } from './resource.ts'

/** All but preflight, which reads what the operator provides before anything is planned. */
export type PlannedStageName = Exclude<StageName, 'preflight'>

/** A named part of onboarding: its resources, and the gates that must hold after it. */
export type Stage<Name extends StageName = StageName> = {
  readonly name: Name
  /** In order: a resource comes after everything that it needs. */
  resources(tenant: Tenant): readonly Resource[]
  readonly gates: readonly [Gate, ...Gate[]]
  /** Its gate changes the cloud for a moment (throwaway objects), so it is not repeated while its evidence is fresh. */
  readonly isProbing?: boolean
  /** Its gate waits for something to come true, so nobody looks ahead of it. */
  readonly isWaiting?: boolean
  /** Of a probing stage: whether its proof says nothing any more when this has changed. */
  readonly restsOn?: (changed: Pick<Resource, 'stage' | 'kind'>) => boolean
}

export type Gate = {
  readonly name: 'accepted' | 'complete'
  /** Claims what it read. Throws only if it could not ask. */
  check(context: GateContext): Promise<void>
}

/**
 * Those that the tenant file asks for: the gate of another one would read nothing. Up to the earliest of the limits; one that is
 * absent limits nothing.
 */
export function stagesThrough(
  stages: readonly Stage[],
  { spec }: Pick<Tenant, 'spec'>,
  ...limits: readonly (StageName | undefined)[]
): readonly Stage[] {
  const placeOf = (name: StageName): number => stageNames.indexOf(name)
  const last = Math.min(...limits.filter((limit) => limit !== undefined).map(placeOf))
  const asked = stagesAskedBy(spec)
  return stages.filter(({ name }) => asked.has(name) && placeOf(name) <= last)
}
