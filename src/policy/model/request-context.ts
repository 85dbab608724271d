/** The place of a request, as its caller sees it: itself, its own domain, another one, or no domain. */
import type { CloudFacts } from './cloud-facts.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import type { Persona } from './persona.ts'
import type { Dict } from '../python/value.ts'

/** `none`: no such user or group, no `domain_id` in the body, or the record of a domain, which has no domain itself. */
export const targetPlaces = ['self', 'own', 'other', 'none'] as const
export type TargetPlace = (typeof targetPlaces)[number]

/** The objects at the place, as in Keystone's database. `undefined`: there is none. */
export type RequestContext = {
  readonly place: TargetPlace
  readonly persona: Persona
  readonly facts: CloudFacts
  readonly release: KeystoneRelease
  readonly domain: string | undefined
  readonly user: Dict | undefined
  readonly group: Dict | undefined
  readonly project: Dict | undefined
  /** The content of its own domain, for requests with two places. */
  readonly own: DomainObjects
}

/** One object of each kind in a domain. */
export type DomainObjects = { readonly user: Dict; readonly group: Dict; readonly project: Dict }

export function requestContextOf(
  persona: Persona,
  place: TargetPlace,
  facts: CloudFacts,
  release: KeystoneRelease,
): RequestContext {
  const common = { place, persona, facts, release, own: domainObjectsOf(persona.domain) }
  switch (place) {
    case 'self':
      return {
        ...common,
        domain: persona.domain,
        user: userRecord(persona.user, persona.userDomain),
        group: undefined,
        project: persona.project === undefined ? undefined : projectRecord(persona.project, persona.domain),
      }
    case 'own':
      return { ...common, domain: persona.domain, ...domainObjectsOf(persona.domain) }
    case 'other':
      return { ...common, domain: otherDomain, ...domainObjectsOf(otherDomain) }
    case 'none':
      return { ...common, domain: undefined, user: undefined, group: undefined, project: domainAsProject(otherDomain) }
  }
}

/** A tenant to which no persona belongs. */
export const otherDomain = 'globex'

export function domainObjectsOf(domain: string): DomainObjects {
  return {
    user: userRecord(`${domain}-alice`, domain),
    group: { id: `${domain}-team`, name: 'team', domain_id: domain, description: '' },
    project: projectRecord(`${domain}-dev`, domain),
  }
}

export function domainRecord(id: string): Dict {
  return { id, name: id, enabled: true, description: '', options: {} }
}

/** The role that is meant by a name in the list of operations, where `admin` stands for whatever the cloud calls it. */
export function roleMeant(name: string, { adminRole }: CloudFacts): Dict {
  return roleRecord(name === 'admin' ? adminRole : name)
}

export function roleRecord(name: string, domain: string | null = null): Dict {
  return { id: `${name}-role`, name, domain_id: domain, description: null, options: {} }
}

function userRecord(id: string, domain: string): Dict {
  return { id, name: id, domain_id: domain, enabled: true, options: {} }
}

function projectRecord(id: string, domain: string): Dict {
  const flags = { is_domain: false, enabled: true, description: '', options: {}, tags: [] }
  return { id, name: id, domain_id: domain, parent_id: domain, ...flags }
}

/** Every domain is also a project, without domain or parent, and GET /v3/projects/<domain id> finds it. */
function domainAsProject(id: string): Dict {
  const flags = { is_domain: true, enabled: true, description: '', options: {}, tags: [] }
  return { id, name: id, domain_id: null, parent_id: null, ...flags }
}
