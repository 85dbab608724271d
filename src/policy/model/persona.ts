/**
 * The kinds of callers, as a policy sees them. The credentials have the shape that Keystone gives to oslo.policy:
 * keystone 25.0.0, keystone/common/context.py, RequestContext.to_policy_values, captured from a real one.
 */
import { defaultManagedRoles } from '../build/managed-roles.ts'
import type { CloudFacts } from './cloud-facts.ts'
import type { Dict, Value } from '../python/value.ts'
import { withImplied } from './role-inferences.ts'

export const personaNames = [
  'cloud-admin',
  'system-admin',
  'system-reader',
  'domain-admin',
  'project-admin',
  'service-admin',
  'service',
  'domain-manager',
  'project-manager',
  'domain-reader',
  'member',
  'reader',
  'application-credential',
] as const
export type PersonaName = (typeof personaNames)[number]

/** From the least power to the most, for the witness of a finding. */
export const personasByPower: readonly PersonaName[] = [
  'reader',
  'member',
  'application-credential',
  'project-manager',
  'domain-reader',
  'domain-manager',
  'project-admin',
  'domain-admin',
  'service',
  'system-reader',
  'service-admin',
  'system-admin',
  'cloud-admin',
]

export type Persona = {
  readonly name: PersonaName
  /** For people: `admin on a domain, such as magnum_domain_admin`. */
  readonly title: string
  readonly user: string
  readonly userDomain: string
  /** What it is scoped to. */
  readonly on: 'system' | 'domain' | 'project'
  /** Its own domain: of its scope, or of its user for a system token. */
  readonly domain: string
  /** The project of its scope. */
  readonly project: string | undefined
  /** What is granted to it; its token also has the roles that these imply. */
  readonly held: readonly string[]
  readonly roles: readonly string[]
  readonly creds: Credentials
}

export type Credentials = Readonly<Record<string, Value>>

/** The tenant of the personas without power over the cloud. */
const tenant = 'acme'
const tenantProject = 'acme-prod'

export function personasOf(facts: CloudFacts): readonly Persona[] {
  const holding = (...held: readonly string[]) => ({ held, roles: withImplied(held, facts.inferences) })
  const admin = holding(facts.adminRole)
  const manager = holding('manager')
  const member = holding(...defaultManagedRoles)
  const reader = holding('reader')
  const isAdminProject = !facts.hasAdminProject
  const onProject: TokenScope = { kind: 'project', project: tenantProject, domain: tenant, isAdminProject }
  const onServices: TokenScope = {
    kind: 'project',
    project: facts.servicesProject,
    domain: 'service_domain',
    isAdminProject,
  }
  const accounts: Readonly<Record<PersonaName, Account>> = {
    'cloud-admin': {
      title: 'admin on the admin project',
      user: 'admin',
      userDomain: facts.adminDomain,
      scope: { kind: 'project', project: 'admin', domain: facts.adminDomain, isAdminProject: true },
      ...admin,
    },
    'system-admin': {
      title: 'admin on the system',
      user: 'admin',
      userDomain: facts.adminDomain,
      scope: { kind: 'system' },
      ...admin,
    },
    'system-reader': {
      title: 'reader on the system',
      user: 'auditor',
      userDomain: facts.adminDomain,
      scope: { kind: 'system' },
      ...reader,
    },
    'domain-admin': {
      title: 'admin on one domain, such as magnum_domain_admin',
      user: 'magnum_domain_admin',
      userDomain: facts.magnumDomain,
      scope: { kind: 'domain', domain: facts.magnumDomain },
      ...admin,
    },
    'project-admin': {
      title: "admin on a tenant's project",
      user: 'acme-admin',
      userDomain: tenant,
      scope: onProject,
      ...admin,
    },
    'service-admin': {
      title: "a service's account: admin on the services project",
      user: 'magnum',
      userDomain: 'service_domain',
      scope: onServices,
      ...holding(facts.adminRole, 'service'),
    },
    service: {
      title: "a service's account with the role service only",
      user: 'nova',
      userDomain: 'service_domain',
      scope: onServices,
      ...holding('service'),
    },
    'domain-manager': {
      title: "manager on a tenant's domain",
      user: 'acme-domain-admin',
      userDomain: tenant,
      scope: { kind: 'domain', domain: tenant },
      ...manager,
    },
    'project-manager': {
      title: "manager on a tenant's project",
      user: 'acme-lead',
      userDomain: tenant,
      scope: onProject,
      ...manager,
    },
    'domain-reader': {
      title: "reader on a tenant's domain",
      user: 'acme-auditor',
      userDomain: tenant,
      scope: { kind: 'domain', domain: tenant },
      ...reader,
    },
    member: {
      title: "member on a tenant's project",
      user: 'acme-cluster',
      userDomain: tenant,
      scope: onProject,
      ...member,
    },
    reader: {
      title: "reader on a tenant's project",
      user: 'acme-viewer',
      userDomain: tenant,
      scope: onProject,
      ...reader,
    },
    'application-credential': {
      title: "a member's application credential",
      user: 'acme-svc',
      userDomain: tenant,
      scope: onProject,
      method: 'application_credential',
      ...member,
    },
  }
  return personaNames.map((name) => personaOf(name, accounts[name]))
}

type TokenScope =
  | { readonly kind: 'system' }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'project'; readonly project: string; readonly domain: string; readonly isAdminProject: boolean }

type Account = {
  readonly title: string
  readonly user: string
  readonly userDomain: string
  readonly scope: TokenScope
  readonly held: readonly string[]
  readonly roles: readonly string[]
  readonly method?: 'application_credential'
}

function personaOf(name: PersonaName, account: Account): Persona {
  const { title, user, userDomain, scope, held, roles } = account
  return {
    name,
    title,
    user,
    userDomain,
    on: scope.kind,
    domain: scope.kind === 'system' ? userDomain : scope.domain,
    project: scope.kind === 'project' ? scope.project : undefined,
    held,
    roles,
    creds: credsOf(account),
  }
}

function credsOf(account: Account): Credentials {
  const { user, userDomain, scope, roles } = account
  return {
    user_id: user,
    user_domain_id: userDomain,
    system_scope: scope.kind === 'system' ? 'all' : null,
    domain_id: scope.kind === 'domain' ? scope.domain : null,
    project_id: scope.kind === 'project' ? scope.project : null,
    project_domain_id: scope.kind === 'project' ? scope.domain : null,
    roles,
    is_admin_project: holdsAdminProject(scope),
    service_user_id: null,
    service_user_domain_id: null,
    service_project_id: null,
    service_project_domain_id: null,
    service_roles: [],
    token: tokenOf(account),
  }
}

/** A domain token never has it; a system token does, because keystoneauth treats a missing value as true. */
function holdsAdminProject(scope: TokenScope): boolean {
  switch (scope.kind) {
    case 'system':
      return true
    case 'domain':
      return false
    case 'project':
      return scope.isAdminProject
  }
}

/** The body of GET /v3/auth/tokens. A project token has no `domain` and a domain token no `project` in it. */
function tokenOf({ user, userDomain, scope, roles, method }: Account): Dict {
  const own: Dict = {
    methods: [method ?? 'password'],
    user: { id: user, name: user, domain: { id: userDomain, name: userDomain } },
    roles: roles.map((name) => ({ id: `${name}-role`, name })),
    ...(method === undefined ? {} : { application_credential: { id: `${user}-ac`, name: 'ci', restricted: true } }),
  }
  switch (scope.kind) {
    case 'system':
      return { ...own, system: { all: true } }
    case 'domain':
      return { ...own, domain: { id: scope.domain, name: scope.domain } }
    case 'project': {
      const domain = { id: scope.domain, name: scope.domain }
      return { ...own, is_domain: false, project: { id: scope.project, name: scope.project, domain } }
    }
  }
}
