/** Whether a domain manager can do its work, and no more than that. */
import type { Finding } from '../finding.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import { createProject, listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { Secret } from '../secret.ts'
import { Family } from './checks.ts'
import type { Question } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import { heldAfter } from './held.ts'
import { sendForged } from './injection.ts'
import { throwawayPassword } from './throwaway/run.ts'
import { createThrowawayUser } from './throwaway/domain.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

export type Persona = {
  /** Whether the cloud has the persona at all, be it incomplete. */
  readonly isThere: boolean
  readonly results: readonly ProbeResult[]
  /** An account with the managed roles on a project: made by the manager, or by the operator where the manager could not. */
  readonly account: { readonly user: User; readonly password: Secret; readonly project: Project }
  /** `undefined` when no rule was there that a forged target could have fooled. */
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

  const family = new Family('persona')
  const as = { who: 'a throwaway domain manager', actor: 'manager' } as const
  const asManager = <T>(ask: ((session: Session) => Promise<T>) | undefined): Question<T> =>
    manager === undefined || ask === undefined
      ? { as, known: { kind: 'refused', status: 404, message: 'there is no such role', requestIds: [] } }
      : { as: { ...as, session: manager }, ask }

  const [madeProject, madeUser] = await Promise.all([
    family.check({
      ...works('create-project', 'create a project', 'identity:create_project'),
      ...asManager(makeProject),
    }),
    family.check({ ...works('create-user', 'create a user', 'identity:create_user'), ...asManager(makeUser) }),
  ])
  const [project, user, suspect] = await Promise.all([
    madeProject.value ?? makeProject(operator),
    madeUser.value ?? makeUser(operator),
    // disabled, so that a grant which should have been refused is of no use to anybody
    createThrowawayUser(operator, throwaways, { what: 'suspect', domainId: domain.id, password, enabled: false }),
  ])
  const managed = managedRoles.map((name) => ({ name, role: probeDomain.roles.byName(name) }))
  const { admin, manager: managerRole } = probeDomain.roles
  const held = heldAfter(operator)
  const holds = async (who: User, role: Role | undefined, on?: 'project' | 'domain'): Promise<boolean> =>
    (await held.by({ kind: 'user', id: who.id })).some(
      (one) => one.role.id === role?.id && (on === undefined || one.scope[on] !== undefined),
    )
  const onProject = (who: User, role: Role): Grant => ({
    roleId: role.id,
    to: { kind: 'user', id: who.id },
    on: { kind: 'project', id: project.id },
  })
  const granting = (who: User, role: Role | undefined): Question<void> =>
    asManager(role && ((session) => held.attempt(createGrant(session, onProject(who, role)))))
  const decoyUser = {
    user: suspect,
    role: managed.find(({ role }) => role !== undefined)?.role,
    on: { kind: 'domain', id: domain.id },
  } as const

  const [grants, lists, , , forged] = await Promise.all([
    Promise.all(
      managed.map(({ name, role }) =>
        family.check({ ...mayGrant(name), ...granting(user, role), effect: () => holds(user, role) }),
      ),
    ),
    Promise.all([
      family.check({
        ...works('list-users', 'list users', 'identity:list_users'),
        ...asManager((session) => listUsers(session, { domain_id: domain.id })),
        ...listing(user.id),
      }),
      family.check({
        ...works('list-projects', 'list projects', 'identity:list_projects'),
        ...asManager((session) => listProjects(session, { domain_id: domain.id })),
        ...listing(project.id),
      }),
    ]),
    family.check({
      ...bounded('grant-admin', 'cannot grant admin'),
      ...granting(suspect, admin),
      effect: () => holds(suspect, admin, 'project'),
    }),
    family.check({
      ...bounded('grant-manager', 'cannot grant manager'),
      ...granting(suspect, managerRole),
      effect: () => holds(suspect, managerRole, 'project'),
    }),
    family.check({
      ...bounded('forged-target', 'cannot grant admin by a `target` in the body'),
      ...asManager(admin && ((session) => held.attempt(sendForged(session, admin.id, decoyUser)))),
      effect: () => holds(suspect, admin, 'domain'),
    }),
  ])

  const tried = [madeProject, madeUser, ...grants, ...lists]
  const isAbleToGrant = grants.some((grant) => grant.tried.kind === 'answered')
  const isInjected = forged.result.observed === 'allowed'
  // the trust probes need an account whatever the manager could do
  await Promise.all(
    managed.map(async ({ role }) => {
      if (role !== undefined && !(await holds(user, role))) await createGrant(operator, onProject(user, role))
    }),
  )
  return {
    isThere: tried.some((one) => one.tried.kind === 'answered'),
    results: await family.results(),
    account: { user, password, project },
    isTargetInjectable: isInjected ? true : isAbleToGrant ? false : undefined,
  }
}

function listing(id: string) {
  const isThere = (list: readonly { readonly id: string }[]): boolean => list.some((one) => one.id === id)
  return {
    shows: isThere,
    describe: (list: readonly { readonly id: string }[]): string =>
      `${list.length} listed, ${isThere(list) ? 'with' : 'without'} its own`,
  }
}

/** Where nothing of the persona works, each of its claims fails for one reason, and that is said once. */
export function claimsOf({ isThere, results }: Persona): readonly ProbeResult[] {
  return isThere ? results : results.map((result) => (result.ok ? result : { ...result, finding: personaMissing }))
}

export const personaMissing: Finding = {
  code: 'cloud/persona-missing',
  severity: 'error',
  where: 'role manager',
  message: 'this cloud has no domain manager: with the role `manager` on its domain, an account can do nothing there',
  remedy: 'lay the domain-manager override over this Keystone: `tenant-onboard policy build`, then `policy attach`',
  owner: 'operator',
}

function works(id: string, what: string, rule: string) {
  const isList = id.startsWith('list-')
  return {
    id,
    claim: `a domain manager can ${what} in its domain`,
    whom: 'its own domain',
    rule,
    expected: 'allowed',
    otherwise: {
      code: isList ? 'cloud/persona-cannot-list' : 'cloud/persona-incomplete',
      remedy: isList
        ? 'the native persona lists as `reader`: let `manager` imply `member` and `member` imply `reader` (`openstack implied role create`), or lay an override that names `manager`'
        : 'compare the override with one from `tenant-onboard policy build`; `tenant-onboard policy explain` shows the clause that fails',
    },
  } as const
}

function mayGrant(role: string) {
  return {
    id: `grant-${role}`,
    claim: `a domain manager can grant \`${role}\` in its domain`,
    whom: 'its own domain',
    rule: 'identity:create_grant',
    expected: 'allowed',
    otherwise: {
      code: 'cloud/role-not-grantable',
      remedy: `the native persona grants what \`domain_managed_target_role\` names: add \`${role}\` to it; \`tenant-onboard policy build\` does`,
    },
  } as const
}

function bounded(id: string, what: string) {
  return {
    id,
    claim: `a domain manager ${what}`,
    whom: 'a disabled throwaway user of its own domain',
    rule: 'identity:create_grant',
    reach: 'perimeter',
    expected: 'refused',
    otherwise:
      id === 'forged-target'
        ? {
            code: 'cloud/forged-target',
            remedy: 'this Keystone is below OSSA-2026-015: update it before the persona is handed to anybody',
          }
        : {
            code: 'cloud/escalation',
            remedy:
              'take the role out of what a domain manager may grant: `tenant-onboard policy prove` shows the rule that lets it through',
          },
  } as const
}
