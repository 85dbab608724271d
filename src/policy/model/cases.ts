/** Every request of the tools: each persona, each operation, each place where it makes sense. */
import type { CloudFacts } from './cloud-facts.ts'
import type { Keystone } from '../releases/keystone.ts'
import { askOf } from './operation.ts'
import type { Ask, Operation } from './operation.ts'
import { operations } from '../operations/all.ts'
import { personasOf } from './persona.ts'
import type { Persona } from './persona.ts'
import { targetPlaces, requestContextOf } from './request-context.ts'
import type { TargetPlace } from './request-context.ts'

/** What a case is known by before its request is made up, which costs most of it. */
export type CaseKey = { readonly persona: Persona; readonly operation: Operation; readonly place: TargetPlace }

/** Only actions that this Keystone knows, asked or not. `isWanted` leaves out more. */
export function casesOf(
  facts: CloudFacts,
  { release, registered, unasked }: Keystone,
  isWanted: (key: CaseKey) => boolean = () => true,
): readonly Ask[] {
  const actions = new Set([...registered.map(({ name }) => name), ...unasked])
  const known = operations.filter(({ action }) => actions.has(action))
  return personasOf(facts).flatMap((persona) =>
    targetPlaces.flatMap((place) => {
      const context = requestContextOf(persona, place, facts, release)
      return known
        .filter((operation) => isWanted({ persona, operation, place }))
        .flatMap((operation) => askOf(operation, context) ?? [])
    }),
  )
}
