/** Can a domain manager do its work, and no more? */
import { createGrant } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import { createProject, listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import type { Finding } from '../finding.ts'
import { Secret } from '../secret.ts'
import { attempt } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { injectTarget } from './injection.ts'
import { byAnswer, byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'
import { throwawayPassword } from './throwaway/run.ts'
import { createThrowawayUser } from './throwaway/domain.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

export type Persona = {
  /** True if the cloud has the persona at all, even incomplete. */
  readonly isThere: boolean
  readonly results: readonly ProbeResult[]
  /**
   * An account with the managed roles on a project, made by the manager, or by the operator if the manager could not.
   */
  readonly account: { readonly user: User; readonly password: Secret; readonly project: Project }
  /** `undefined` if no rule existed that an injected target could have deceived. */
  readonly isTargetInjectable: boolean | undefined
}

export async function probePersona(probeDomain: ProbeDomain, managedRoles: readonly string[]): Promise<Persona> {
  const { manager, domain, throwaways, options } = probeDomain
  const { operator } = options
  const password = new Secret(throwawayPassword(options.random))
  const makeProject = (session: Session): Promise<Project> =>
    createProject(session, {
      name: throwaways.name('project'),
      domain_id: domain.id,
      description: throwaways.description,
    })
  const makeUser = (session: Session): Promise<User> =>
    createThrowawayUser(session, throwaways, { what: 'user', domainId: domain.id, password })

  const [triedProject, triedUser] = await Promise.all([attemptAs(manager, makeProject), attemptAs(manager, makeUser)])
  const [project, user, suspect] = await Promise.all([
    triedProject.kind === 'answered' ? triedProject.value : makeProject(operator),
    triedUser.kind === 'answered' ? triedUser.value : makeUser(operator),
    // disabled, so that nobody can use a grant that should have been refused
    createThrowawayUser(operator, throwaways, { what: 'suspect', domainId: domain.id, password, enabled: false }),
  ])
  const managed = managedRoles.map((name) => ({ name, role: probeDomain.roles.byName(name) }))
  const onProject = (who: User, role: Role): Grant => ({
    roleId: role.id,
    to: { kind: 'user', id: who.id },
    on: { kind: 'project', id: project.id },
  })
  const { admin, manager: managerRole } = probeDomain.roles
  const decoyRole = managed.find(({ role }) => role !== undefined)?.role
  const decoyUser = { user: suspect, role: decoyRole, on: { kind: 'domain', id: domain.id } } as const
  const [grants, escalations, users, projects] = await Promise.all([
    Promise.all(managed.map(({ role }) => grant(manager, role && onProject(user, role)))),
    Promise.all([
      grant(manager, admin && onProject(suspect, admin)),
      grant(manager, managerRole && onProject(suspect, managerRole)),
      admin && manager ? injectTarget(manager, admin.id, decoyUser) : absent,
    ]),
    attemptAs(manager, (session) => listUsers(session, { domain_id: domain.id })),
    attemptAs(manager, (session) => listProjects(session, { domain_id: domain.id })),
  ])
  const [held, escaped] = await Promise.all([
    listRoleAssignments(operator, { userId: user.id }),
    listRoleAssignments(operator, { userId: suspect.id }),
  ])
  const holds = (role: Role | undefined): boolean => held.some((one) => one.role.id === role?.id)
  const escapedTo = (role: Role | undefined, on: 'project' | 'domain'): boolean =>
    escaped.some((one) => one.role.id === role?.id && one.scope[on] !== undefined)

  const tried = [triedProject, triedUser, ...grants, users, projects]
  const isThere = tried.some(({ kind }) => kind === 'answered')
  const isAbleToGrant = grants.some(({ kind }) => kind === 'answered')
  const isInjected = escapedTo(admin, 'domain')
  const results = [
    conclude(works('create-project', 'create a project', 'identity:create_project'), whetherMade(triedProject)),
    conclude(works('create-user', 'create a user', 'identity:create_user'), whetherMade(triedUser)),
    ...managed.map(({ name, role }, index) => conclude(mayGrant(name), byEffect(grants[index] ?? absent, holds(role)))),
    conclude(works('list-users', 'list users', 'identity:list_users'), whetherListed(users, user.id)),
    conclude(works('list-projects', 'list projects', 'identity:list_projects'), whetherListed(projects, project.id)),
    conclude(bounded('grant-admin', 'cannot grant admin'), byEffect(escalations[0], escapedTo(admin, 'project'))),
    conclude(
      bounded('grant-manager', 'cannot grant manager'),
      byEffect(escalations[1], escapedTo(managerRole, 'project')),
    ),
    conclude(
      bounded('forged-target', 'cannot grant admin by a `target` in the body'),
      byEffect(escalations[2], isInjected),
    ),
  ]
  // the trust probes need an account, whatever the manager could do
  const missing = managed.flatMap(({ role }) => (role === undefined || holds(role) ? [] : [role]))
  await Promise.all(missing.map((role) => createGrant(operator, onProject(user, role))))
  return {
    isThere,
    results,
    account: { user, password, project },
    isTargetInjectable: isInjected ? true : isAbleToGrant ? false : undefined,
  }
}

const absent: Attempt<never> = { kind: 'refused', status: 404, message: 'there is no such role', requestIds: [] }

async function attemptAs<T>(who: Session | undefined, ask: (session: Session) => Promise<T>): Promise<Attempt<T>> {
  return who === undefined ? absent : attempt(who, ask)
}

async function grant(who: Session | undefined, wanted: Grant | undefined): Promise<Attempt<void>> {
  return wanted === undefined ? absent : attemptAs(who, (session) => createGrant(session, wanted))
}

/** The answer has the new object, as Keystone stored it. */
function whetherMade(tried: Attempt<{ readonly id: string }>): Seen {
  return byEffect(tried, tried.kind === 'answered')
}

function whetherListed(tried: Attempt<readonly { readonly id: string }[]>, id: string): Seen {
  const isThere = (list: readonly { readonly id: string }[]): boolean => list.some((one) => one.id === id)
  return byAnswer(tried, isThere, (list) => `${list.length} listed, ${isThere(list) ? 'with' : 'without'} its own`)
}

export const personaMissing: Finding = {
  code: 'cloud/persona-missing',
  severity: 'error',
  where: 'role manager',
  message: 'this cloud has no domain manager: an account with the role `manager` on its domain can do nothing there',
  remedy: 'attach the domain-manager override to this Keystone: `tenant-onboard policy build`, then `policy attach`',
  owner: 'operator',
}

const byManager = {
  who: 'a throwaway domain manager',
  whom: 'its own domain',
  actor: 'manager',
  family: 'persona',
} as const

function works(slug: string, what: string, rule: string): Claim {
  const isList = slug.startsWith('list-')
  return {
    ...byManager,
    id: `persona/${slug}`,
    claim: `a domain manager can ${what} in its domain`,
    expected: 'allowed',
    reach: 'tenant could',
    otherwise: {
      code: isList ? 'cloud/persona-cannot-list' : 'cloud/persona-incomplete',
      severity: 'error',
      where: rule,
      remedy: isList
        ? 'the native persona lists as `reader`: let `manager` imply `member` and `member` imply `reader` (`openstack implied role create`), or attach an override that names `manager`'
        : 'compare the override with one from `tenant-onboard policy build`; `tenant-onboard policy explain` shows the clause that fails',
      owner: 'operator',
    },
  }
}

function mayGrant(role: string): Claim {
  return {
    ...byManager,
    id: `persona/grant-${role}`,
    claim: `a domain manager can grant \`${role}\` in its domain`,
    expected: 'allowed',
    reach: 'tenant could',
    otherwise: {
      code: 'cloud/role-not-grantable',
      severity: 'error',
      where: 'identity:create_grant',
      remedy: `the native persona grants the roles in \`domain_managed_target_role\`: add \`${role}\` to it, as \`tenant-onboard policy build\` does`,
      owner: 'operator',
    },
  }
}

function bounded(slug: string, what: string): Claim {
  return {
    ...byManager,
    id: `persona/${slug}`,
    claim: `a domain manager ${what}`,
    whom: 'a disabled throwaway user of its own domain',
    expected: 'refused',
    reach: 'perimeter',
    otherwise: {
      code: slug === 'forged-target' ? 'cloud/forged-target' : 'cloud/escalation',
      severity: 'error',
      where: 'identity:create_grant',
      remedy:
        slug === 'forged-target'
          ? 'this Keystone is below OSSA-2026-015: update it before you give the persona to anybody'
          : 'remove the role from those that a domain manager may grant: `tenant-onboard policy prove` shows the rule that allows it',
      owner: 'operator',
    },
  }
}
