/** Every request of the tools: each persona, each operation, each place where it makes sense. */
import type { CloudFacts } from './cloud-facts.ts'
import type { Keystone } from '../releases/keystone.ts'
import { askOf } from './operation.ts'
import type { Ask } from './operation.ts'
import { operations } from '../operations/all.ts'
import { personasOf } from './persona.ts'
import { targetPlaces, requestContextOf } from './request-context.ts'

/** Only actions that the release registers: Keystone checks no others. */
export function casesOf(facts: CloudFacts, { release, registered }: Keystone): readonly Ask[] {
  const actions = new Set(registered.map(({ name }) => name))
  const known = operations.filter(({ action }) => actions.has(action))
  return personasOf(facts).flatMap((persona) =>
    targetPlaces.flatMap((place) => {
      const context = requestContextOf(persona, place, facts, release)
      return known.flatMap((operation) => askOf(operation, context) ?? [])
    }),
  )
}
