/** Can a domain manager do its work, and no more? */
import type { Finding } from '../finding.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import type { Grant } from '../openstack/keystone/grants.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { listUsers } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { Family } from './checks.ts'
import type { Checked, Question } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import { heldAfter } from './held.ts'
import { sendForged } from './injection.ts'
import type { Login } from './throwaway/accounts.ts'
import type { ProbeDomain } from './throwaway/domain.ts'

export type Persona = {
  /** True if the cloud has the persona at all, even incomplete. */
  readonly isThere: boolean
  readonly results: readonly ProbeResult[]
  readonly account: PersonaAccount
  /** `undefined` if no rule existed that an injected target could have deceived. */
  readonly isTargetInjectable: boolean | undefined
}

/** With the managed roles on a project: made by the manager, or by the operator where the manager could not. */
export type PersonaAccount = Login & { readonly project: Project }

type Managed = readonly { readonly name: string; readonly role: Role | undefined }[]

export async function probePersona(probeDomain: ProbeDomain, managedRoles: readonly string[]): Promise<Persona> {
  const { domain, accounts, options, roles } = probeDomain
  const family = new Family('persona')
  const asManager = askAs(probeDomain.manager)
  const [madeProject, madeLogin] = await Promise.all([
    family.check({
      ...works('create-project', 'create a project', 'identity:create_project'),
      ...asManager((session) => accounts.project(domain.id, 'project', session)),
    }),
    family.check({
      ...works('create-user', 'create a user', 'identity:create_user'),
      ...asManager((session) => accounts.user(domain.id, 'user', session)),
    }),
  ])
  const [project, login, suspect] = await Promise.all([
    madeProject.value ?? accounts.project(domain.id, 'project'),
    madeLogin.value ?? accounts.user(domain.id, 'user'),
    accounts.disabledUser(domain.id, 'suspect'),
  ])
  const managed = managedRoles.map((name) => ({ name, role: roles.byName(name) }))
  const granted = await probeGrants(family, probeDomain, { managed, project, user: login.user, suspect })
  // the trust probes need an account, whatever the manager could do
  await Promise.all(granted.missing.map((role) => createGrant(options.operator, onProject(project, login.user, role))))
  return {
    isThere: [madeProject, madeLogin].some(({ tried }) => tried.kind === 'answered') || granted.isAnswered,
    results: await family.results(),
    account: { ...login, project },
    isTargetInjectable: granted.isTargetInjectable,
  }
}

/** Where there is no such manager, or no such role to grant, there is nothing to ask. */
function askAs(manager: Session | undefined) {
  const as = { who: 'a throwaway domain manager', actor: 'manager' } as const
  const known = { kind: 'refused', status: 404, message: 'there is no such role', requestIds: [] } as const
  return <T>(ask: ((session: Session) => Promise<T>) | undefined): Question<T> =>
    manager === undefined || ask === undefined ? { as, known } : { as: { ...as, session: manager }, ask }
}

type Granted = {
  /** Managed roles that the account still lacks. */
  readonly missing: readonly Role[]
  readonly isAnswered: boolean
  readonly isTargetInjectable: boolean | undefined
}

/** Grants, lists and escalations at once; what they left is read when all of them are over. */
async function probeGrants(
  family: Family,
  { manager, domain, options, roles }: ProbeDomain,
  on: { readonly managed: Managed; readonly project: Project; readonly user: User; readonly suspect: User },
): Promise<Granted> {
  const { managed, project, user, suspect } = on
  const asManager = askAs(manager)
  const held = heldAfter(options.operator)
  const holds = async (who: User, role: Role | undefined, scope?: 'project' | 'domain'): Promise<boolean> =>
    (await held.by({ kind: 'user', id: who.id })).some(
      (one) => one.role.id === role?.id && (scope === undefined || one.scope[scope] !== undefined),
    )
  const granting = (who: User, role: Role | undefined): Question<void> =>
    asManager(role && ((session) => held.attempt(createGrant(session, onProject(project, who, role)))))
  const { admin } = roles
  const decoyUser = {
    user: suspect,
    role: managed.find(({ role }) => role !== undefined)?.role,
    on: { kind: 'domain', id: domain.id },
  } as const
  const grants = managed.map(({ name, role }) =>
    family.check({ ...mayGrant(name, role?.name), ...granting(user, role), effect: () => holds(user, role) }),
  )
  const lists = [
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
  ]
  const escalations = [
    family.check({
      ...bounded('grant-admin', 'cannot grant admin'),
      ...granting(suspect, admin),
      effect: () => holds(suspect, admin, 'project'),
    }),
    family.check({
      ...bounded('grant-manager', 'cannot grant manager'),
      ...granting(suspect, roles.manager),
      effect: () => holds(suspect, roles.manager, 'project'),
    }),
  ]
  const forged = family.check({
    ...bounded('forged-target', 'cannot grant admin by a `target` in the body'),
    ...asManager(admin && ((session) => held.attempt(sendForged(session, admin.id, decoyUser)))),
    effect: () => holds(suspect, admin, 'domain'),
  })
  const [granted, listed, injected] = await Promise.all([
    Promise.all(grants),
    Promise.all(lists),
    forged,
    Promise.all(escalations),
  ])
  const isAnswered = ({ tried }: Checked<unknown>): boolean => tried.kind === 'answered'
  const isHeld = await Promise.all(managed.map(({ role }) => holds(user, role)))
  return {
    missing: managed.flatMap(({ role }, index) => (role === undefined || isHeld[index] === true ? [] : [role])),
    isAnswered: [...granted, ...listed].some(isAnswered),
    isTargetInjectable: injected.result.observed === 'allowed' ? true : granted.some(isAnswered) ? false : undefined,
  }
}

function onProject(project: Project, who: User, role: Role): Grant {
  return { roleId: role.id, to: { kind: 'user', id: who.id }, on: { kind: 'project', id: project.id } }
}

function listing(id: string) {
  const isThere = (list: readonly { readonly id: string }[]): boolean => list.some((one) => one.id === id)
  return {
    shows: isThere,
    describe: (list: readonly { readonly id: string }[]): string =>
      `${list.length} listed, ${isThere(list) ? 'with' : 'without'} its own`,
  }
}

/** If nothing of the persona works, all its refusals have one reason, which is reported once. What got no answer has none. */
export function claimsOf({ isThere, results }: Persona): readonly ProbeResult[] {
  if (isThere) return results
  return results.map((result) =>
    result.ok || result.observed === 'unknown' ? result : { ...result, finding: personaMissing },
  )
}

export const personaMissing: Finding = {
  code: 'cloud/persona-missing',
  severity: 'error',
  where: 'role manager',
  message: 'this cloud has no domain manager: an account with the role `manager` on its domain can do nothing there',
  remedy: 'attach the domain-manager override to this Keystone: `tenant-onboard policy build`, then `policy attach`',
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
        ? 'the native persona lists as `reader`: let `manager` imply `member` and `member` imply `reader` (`openstack implied role create`), or attach an override that names `manager`'
        : 'compare the override with the one that `tenant-onboard policy build` makes',
    },
  } as const
}

/** `written`: the role as this cloud writes it. Rules compare the name of a granted role with case, and that of a held role without. */
function mayGrant(role: string, written = role) {
  return {
    id: `grant-${role}`,
    claim: `a domain manager can grant \`${role}\` in its domain`,
    whom: 'its own domain',
    rule: 'identity:create_grant',
    expected: 'allowed',
    otherwise: {
      code: 'cloud/role-not-grantable',
      remedy:
        written !== role
          ? `this cloud calls the role \`${written}\`, and a rule compares that name with case: put \`${written}\` into managed_roles of cloud.yaml, and build the override with \`tenant-onboard policy build --managed-roles\` and the names as \`openstack role list\` shows them`
          : `the native persona grants the roles in \`domain_managed_target_role\`: add \`${role}\` to it, as \`tenant-onboard policy build\` does`,
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
            remedy: 'this Keystone is below OSSA-2026-015: update it before you give the persona to anybody',
          }
        : {
            code: 'cloud/escalation',
            remedy:
              'remove the role from those that a domain manager may grant: `tenant-onboard policy prove` shows the rule that allows it',
          },
  } as const
}
