/**
 * What roles imply. The rows are in Keystone's database and not in its code: `keystone-manage bootstrap` makes them, an
 * operator may add or remove some, and an upgrade without bootstrap makes none. So they are a fact about a cloud.
 */
import { isSince } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'

/** Each row: whoever holds the prior role also holds the implied one. */
export type RoleInferences = readonly (readonly [prior: string, implied: string])[]

/** From the answer of `GET /v3/role_inferences`, which has a list for each prior role. */
export function inferenceRows(
  answer: readonly {
    readonly prior_role: { readonly name: string }
    readonly implies: readonly { readonly name: string }[]
  }[],
): RoleInferences {
  return answer.flatMap(({ prior_role, implies }) => implies.map(({ name }) => [prior_role.name, name] as const))
}

/**
 * What bootstrap of this release makes. keystone/cmd/bootstrap.py, _bootstrap_reader_role, _bootstrap_member_role, and
 * from 24.0.0 (2023.2) on _bootstrap_manager_role.
 */
export function bootstrapInferences(release: KeystoneRelease, adminRole: string): RoleInferences {
  return isSince(release, '2023.2')
    ? [
        [adminRole, 'manager'],
        ['manager', 'member'],
        ['member', 'reader'],
      ]
    : [
        [adminRole, 'member'],
        ['member', 'reader'],
      ]
}

/** The roles of a token with these grants: the granted ones first. Names in any case, as rules compare them. */
export function withImplied(granted: readonly string[], inferences: RoleInferences): readonly string[] {
  const roles = new Set(granted)
  // a set that grows is iterated to its end
  for (const role of roles) for (const [prior, implied] of inferences) if (isSame(prior, role)) roles.add(implied)
  return [...roles]
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** The grants that give these roles: those that no other one implies. */
export function withoutImplied(roles: readonly string[], inferences: RoleInferences): readonly string[] {
  return roles.filter(
    (role) =>
      !roles.some(
        (other) => other !== role && withImplied([other], inferences).some((implied) => isSame(implied, role)),
      ),
  )
}

/** Whoever holds one of these roles holds one of `names`, by itself or by what it implies. */
export function rolesThatImply(names: readonly string[], inferences: RoleInferences): readonly string[] {
  const priors = inferences.map(([prior]) => prior)
  return [...new Set([...names, ...priors])].filter((role) =>
    withImplied([role], inferences).some((implied) => names.some((name) => isSame(name, implied))),
  )
}

export function renderInferences(inferences: RoleInferences): string {
  return inferences.length === 0 ? 'none' : inferences.map(([prior, implied]) => `${prior} > ${implied}`).join(', ')
}
