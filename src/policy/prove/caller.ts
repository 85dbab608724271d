/**
 * Every credential that Keystone can give to a rule, in four kinds. keystone 22.0.2, keystone/common/context.py,
 * RequestContext.to_policy_values, with the token as keystone/common/render_token.py renders it.
 */
import type { CloudFacts } from '../model/cloud-facts.ts'
import { constant } from './formula.ts'
import type { Term, Variable } from './formula.ts'

/**
 * The scope of a token. There are two kinds of project tokens if the cloud has an admin project; otherwise keystoneauth
 * treats every project as one. An unscoped token has no role.
 */
export type CallerKind = 'system' | 'domain' | 'admin-project' | 'project' | 'unscoped'

/** The ones that a tenant could have come first: of two counterexamples the first is shown. */
export function callerKinds(facts: CloudFacts): readonly CallerKind[] {
  return ['domain', 'project', ...(facts.hasAdminProject ? (['admin-project'] as const) : []), 'system', 'unscoped']
}

export type Caller = {
  readonly kind: CallerKind
  /** The value of a path into the credentials. `missing`: the key does not exist, so the check is false. */
  readonly find: (path: readonly string[]) => Term | 'missing' | 'unknown'
}

function own(name: string): Variable {
  return { kind: 'variable', name: `caller.${name}`, isNullable: false }
}

/** The caller's own values; all are text and never None. */
export const callerUser = own('user')
export const callerUserDomain = own('userDomain')
export const callerDomain = own('domain')
export const callerDomainName = own('domainName')
export const callerProject = own('project')
export const callerProjectDomain = own('projectDomain')

const none = constant('None')

export function callerOf(kind: CallerKind, facts: CloudFacts): Caller {
  const isProject = kind === 'project' || kind === 'admin-project'
  const isDomain = kind === 'domain'
  const credentials = new Map<string, Term>([
    ['user_id', callerUser],
    ['user_domain_id', callerUserDomain],
    ['system_scope', kind === 'system' ? constant('all') : none],
    ...(kind === 'system' ? [['system', constant('all')] as const] : []),
    ['domain_id', isDomain ? callerDomain : none],
    ['project_id', isProject ? callerProject : none],
    ['project_domain_id', isProject ? callerProjectDomain : none],
    ['is_admin_project', constant(holdsAdminProject(kind, facts) ? 'True' : 'False')],
    ['token.user.id', callerUser],
    ['token.user.domain.id', callerUserDomain],
    ...(isDomain
      ? ([
          ['token.domain.id', callerDomain],
          ['token.domain.name', callerDomainName],
        ] as const)
      : []),
    ...(isProject
      ? ([
          ['token.project.id', callerProject],
          ['token.project.domain.id', callerProjectDomain],
        ] as const)
      : []),
    ...(kind === 'system' ? [['token.system.all', constant('True')] as const] : []),
  ])
  return { kind, find: (path) => credentials.get(path.join('.')) ?? elsewhere(path, isProject, isDomain) }
}

/** A domain token never has it. keystoneauth1, access/access.py, is_admin_project: a missing value counts as true. */
function holdsAdminProject(kind: CallerKind, facts: CloudFacts): boolean {
  return kind === 'domain' ? false : kind === 'project' ? !facts.hasAdminProject : true
}

/** Only what certainly does not exist is missing; the rest of a token is not modelled. */
function elsewhere(path: readonly string[], isProject: boolean, isDomain: boolean): 'missing' | 'unknown' {
  const [first = '', second = ''] = path
  if (first === 'token') {
    const isGone = (second === 'domain' && !isDomain) || (second === 'project' && !isProject)
    return isGone ? 'missing' : 'unknown'
  }
  return modelled.has(first) || first.startsWith('service_') || first === 'roles' ? 'unknown' : 'missing'
}

const modelled = new Set([
  'user_id',
  'user_domain_id',
  'system_scope',
  'system',
  'domain_id',
  'project_id',
  'project_domain_id',
  'is_admin_project',
])
