import { hasRoleName } from '../../openstack/keystone/role-names.ts'
import type { Attempt } from '../../probes/attempt.ts'
import { messageOf } from '../../probes/attempt.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { accountRoles, managerRole } from '../../tenant/actors.ts'
import type { Identity } from '../../tenant/sessions.ts'
import { experiment, Inapplicable, need } from '../experiment.ts'
import { objects } from './objects.ts'

export type Holding = {
  readonly user: User
  readonly where: string
  readonly missing: readonly string[]
  /** `--project X` or `--domain X`, for the command line. */
  readonly on: string
}

/** The effective roles of each account, groups and implied roles included, compared with what it needs. */
export const holdings = experiment<readonly Holding[]>(
  'holdings',
  'does each account hold its roles?',
  async (on, notes) => {
    const { domain, manager, creator, automation, projects } = await need(on, objects)
    const held = async (user: User | undefined, at: At, wanted: readonly string[]): Promise<readonly Holding[]> => {
      if (user === undefined) return []
      const found = await notes.read(on.subject.operator, (session) =>
        listRoleAssignments(session, { userId: user.id, ...at.filter, isEffective: true, includesNames: true }),
      )
      const names = found.map(({ role }) => role.name ?? role.id)
      notes.saw(`${user.name} holds ${names.join(', ') || 'nothing'} on ${at.where}`)
      return [{ user, where: at.where, on: at.on, missing: wanted.filter((name) => !hasRoleName(names, name)) }]
    }
    const onDomain = { where: `domain ${domain.name}`, on: `--domain ${domain.name}`, filter: { domainId: domain.id } }
    const lists = [held(manager, onDomain, [managerRole])]
    for (const { found } of projects) {
      const onProject = { where: `project ${found.name}`, on: `--project ${found.id}`, filter: { projectId: found.id } }
      lists.push(held(creator, onProject, accountRoles), held(automation, onProject, accountRoles))
    }
    return (await Promise.all(lists)).flat()
  },
)

type At = {
  readonly where: string
  readonly on: string
  readonly filter: { readonly projectId?: string; readonly domainId?: string }
}

export type SignIn = {
  readonly identity: Identity
  readonly name: string
  readonly user: User | undefined
  readonly tried: Attempt<unknown>
}

/** Only those whose secret is in this data directory. */
export const signIns = experiment<readonly SignIn[]>(
  'sign-ins',
  'does each account whose secret is here sign in?',
  async (on, notes) => {
    const { tenant, sessions } = on.subject
    const { manager, creator, automation, projects } = await need(on, objects)
    const identities: { readonly identity: Identity; readonly name: string; readonly user: User | undefined }[] = [
      { identity: { actor: 'manager' }, name: tenant.names.manager, user: manager },
    ]
    for (const { asked } of projects) {
      identities.push({ identity: { actor: 'creator', project: asked }, name: tenant.names.creator, user: creator })
      identities.push({
        identity: { actor: 'automation', project: asked },
        name: tenant.names.automation,
        user: automation,
      })
    }
    const tries = await Promise.all(
      identities.map(async (one): Promise<readonly SignIn[]> => {
        const session = await sessions.at(one.identity)
        if (session === undefined) return []
        const tried = await notes.attempt(session, (own) => own.token())
        const by = one.identity.actor === 'automation' ? ' by application credential' : ''
        notes.saw(
          `${one.name}${by} ${tried.kind === 'answered' ? 'signs in' : `does not sign in: ${messageOf(tried)}`}`,
          tried.requestIds,
        )
        return [{ ...one, tried }]
      }),
    )
    const found = tries.flat()
    if (found.length === 0) throw new Inapplicable('no secret of the tenant is in this data directory')
    return found
  },
)
