/*
 * keystone 25.0.0, keystone/api/projects.py, domains.py and os_inherit.py: an inherited grant has the same action and
 * target as a direct one. keystone/api/system.py for grants on the system.
 */
import { defaultManagedRoles } from '../build/managed-roles.ts'
import type { Draft, Operation } from '../model/operation.ts'
import type { Dict } from '../python/value.ts'
import { domainRecord, roleMeant, roleRecord } from '../model/request-context.ts'
import type { RequestContext } from '../model/request-context.ts'
import { idOf } from './record.ts'

/** `admin` means the cloud's own name of the role. */
const roles = [...defaultManagedRoles, 'reader', 'manager', 'admin'] as const
type GrantedRole = (typeof roles)[number]

/** The shortest way to the whole cloud. */
const toItself = 'to itself on the admin domain'

export const grantOperations: readonly Operation[] = [
  ...roles.flatMap((role) => grantsOf('identity:create_grant', 'PUT', role)),
  ...roles.flatMap((role) => grantsOf('identity:revoke_grant', 'DELETE', role)),
  ...grantsOf('identity:check_grant', 'HEAD', 'member'),
  ...grantsOf('identity:list_grants', 'GET', undefined),
  ...systemGrants('create_system_grant_for', 'PUT'),
  ...systemGrants('revoke_system_grant_for', 'DELETE'),
  injectedGrant(),
]

function grantsOf(action: string, method: string, role: GrantedRole | undefined): readonly Operation[] {
  const what = role === undefined ? '' : ` ${role}`
  const make = (variant: string, pick: (context: RequestContext) => Parties | undefined): Operation => ({
    id: `${action}${what} ${variant}`,
    action,
    draft: (context) => {
      const parties = context.place === 'self' && variant !== toItself ? undefined : pick(context)
      return parties && grantDraft(method, parties, role && roleMeant(role, context.facts))
    },
  })
  return [
    make('to a user on a project', ({ user, project, own }) => project && { on: project, user: user ?? own.user }),
    make('to a group on a project', ({ group, project, own }) => project && { on: project, group: group ?? own.group }),
    make('to a user on a domain', ({ user, domain }) =>
      user && domain !== undefined ? { onDomain: domain, user } : undefined,
    ),
    make('to a group on a domain', ({ group, domain }) =>
      group && domain !== undefined ? { onDomain: domain, group } : undefined,
    ),
    make('to a user from elsewhere on an own project', (context) => elsewhere(context, { on: context.own.project })),
    make('to an own user on a project elsewhere', ({ place, project, own }) =>
      place === 'other' && project ? { on: project, user: own.user } : undefined,
    ),
    make(toItself, ({ place, persona, facts, user }) =>
      place === 'self' && user && persona.domain !== facts.adminDomain
        ? { onDomain: facts.adminDomain, user }
        : undefined,
    ),
  ]
}

function elsewhere({ place, user }: RequestContext, on: { readonly on: Dict }): Parties | undefined {
  return place === 'other' && user ? { ...on, user } : undefined
}

type Parties = {
  readonly on?: Dict
  readonly onDomain?: string
  readonly user?: Dict
  readonly group?: Dict
}

function grantDraft(method: string, { on, onDomain, user, group }: Parties, role: Dict | undefined): Draft {
  const where = onDomain === undefined ? '/v3/projects/{project_id}' : '/v3/domains/{domain_id}'
  const whom = user === undefined ? '/groups/{group_id}' : '/users/{user_id}'
  return {
    request: `${method} ${where}${whom}/roles${role === undefined ? '' : '/{role_id}'}`,
    ids: {
      ...(onDomain === undefined ? {} : { domain_id: onDomain }),
      ...(on === undefined ? {} : { project_id: idOf(on) }),
      ...(user === undefined ? {} : { user_id: idOf(user) }),
      ...(group === undefined ? {} : { group_id: idOf(group) }),
      ...(role === undefined ? {} : { role_id: idOf(role) }),
    },
    target: {
      ...(role === undefined ? {} : { role }),
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
      ...(onDomain === undefined ? {} : { domain: domainRecord(onDomain) }),
      ...(on === undefined ? {} : { project: on }),
    },
  }
}

function systemGrants(verb: string, method: string): readonly Operation[] {
  return (['user', 'group'] as const).map((kind) => ({
    id: `identity:${verb}_${kind} admin`,
    action: `identity:${verb}_${kind}`,
    draft: (context) => {
      const record = context[kind]
      if (record === undefined) return undefined
      const role = roleRecord(context.facts.adminRole)
      return {
        request: `${method} /v3/system/${kind}s/{${kind}_id}/roles/{role_id}`,
        ids: { [`${kind}_id`]: idOf(record), role_id: idOf(role) },
        target: { role, [kind]: record },
      }
    },
  }))
}

/** CVE-2026-42999: below the fix, the rules see a `target` in the body. */
function injectedGrant(): Operation {
  const action = 'identity:create_grant'
  return {
    id: `${action} admin with a target in the body`,
    action,
    draft: (context) => {
      const { place, persona, own } = context
      const { user, project } = context
      if (place !== 'other' || user === undefined || project === undefined) return undefined
      const claimed = { user: own.user, project: own.project, role: roleRecord('member') }
      return {
        ...grantDraft('PUT', { on: project, user }, roleRecord(context.facts.adminRole)),
        body: { target: { ...claimed, domain: domainRecord(persona.domain) } },
      }
    },
  }
}
