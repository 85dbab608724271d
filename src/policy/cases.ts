/** Every request that the tools try: each persona, each operation, each place where it makes sense. */
import type { Cast } from './cast.ts'
import type { Dialect } from './dialect.ts'
import { askOf } from './operation.ts'
import type { Ask } from './operation.ts'
import { operations } from './operations/all.ts'
import { personasOf } from './persona.ts'
import { places, sceneOf } from './scene.ts'

export function casesOf(cast: Cast, dialect: Dialect): readonly Ask[] {
  return personasOf(cast).flatMap((persona) =>
    places.flatMap((place) => {
      const scene = sceneOf(persona, place, cast, dialect)
      return operations.flatMap((operation) => askOf(operation, scene) ?? [])
    }),
  )
}
