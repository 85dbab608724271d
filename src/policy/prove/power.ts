/** Power over the cloud, its sources, and the domain of a request. */
import { callerDomain, callerUser } from './caller.ts'
import type { Question } from './claim.ts'
import { and, constant, equal, no, not, or, role, yes } from './formula.ts'
import type { Formula, Term } from './formula.ts'
import { ruleFormula } from './translate.ts'
import type { World } from './world.ts'

/** Admin of the cloud, as defined by the base. */
export function isCloudAdmin(world: World, { family, facts, base }: Question): Formula {
  switch (family) {
    case 'charm':
      return ruleFormula(base, 'cloud_admin', world) ?? no
    case 'native':
      return role(facts.adminRole)
    case 'default':
      // without an override an admin of one domain is one too, which the claims find
      return world.caller.kind === 'domain' ? no : role(facts.adminRole)
  }
}

/** An admin of one domain or project and of nothing more. */
export function isConfinedAdmin(world: World, question: Question): Formula {
  return and(role(question.facts.adminRole), not(isCloudAdmin(world, question)))
}

/** Neither admin of anything nor a service, like a tenant's users. */
export function isPlain({ facts }: Question): Formula {
  return and(not(role(facts.adminRole)), not(role('service')))
}

export function isNamed(world: World, key: string, names: readonly string[]): Formula {
  const term = world.real(key)
  return term === undefined ? no : or(...names.map((name) => equal(term, constant(name))))
}

/** Both are present and differ. */
export function differ(left: Term | undefined, right: Term): Formula {
  if (left === undefined) return no
  if (left.kind === 'constant' && right.kind === 'constant') return left.text === right.text ? no : yes
  return { kind: 'unequal', left, right }
}

const placeKeys = ['target.project.domain_id', 'target.domain.id'] as const
const partyKeys = ['target.user.domain_id', 'target.group.domain_id'] as const

/** The domain of a grant or a membership, or else of the object in the request. */
export function placesOf(world: World): readonly Term[] {
  const places = termsOf(world, placeKeys)
  if (places.length > 0) return places
  const group = termsOf(world, ['target.group.domain_id'])
  return group.length > 0 ? group : termsOf(world, ['target.user.domain_id'])
}

/** Of everything in the request. */
export function domainsOf(world: World): readonly Term[] {
  return termsOf(world, [...placeKeys, ...partyKeys])
}

function termsOf(world: World, keys: readonly string[]): readonly Term[] {
  return keys.flatMap((key) => world.real(key) ?? [])
}

/** For a caller with a domain: something in the request is in another one, or in none. */
export function isElsewhere(domains: readonly Term[]): Formula {
  return or(...domains.map((domain) => differ(domain, callerDomain)))
}

/** The request is about another user's account. */
export function isAboutOthers(world: World): Formula {
  const user = world.real('target.user.id')
  return user === undefined ? yes : not(equal(user, callerUser))
}

export function isNone(term: Term | undefined): Formula {
  return term === undefined ? no : equal(term, constant('None'))
}
