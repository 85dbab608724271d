/**
 * The isolation of one tenant, as its own manager sees it: no escalation, and no access to other tenants. Changes
 * nothing but a disabled throwaway user in the tenant's own domain. Foreign objects are only read, after the operator
 * has shown that they exist.
 */
import type { Finding } from '../finding.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import { getProject, listProjects } from '../openstack/keystone/projects.ts'
import type { Project } from '../openstack/keystone/projects.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { createUser, deleteUser, findUser, getUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { Secret } from '../secret.ts'
import { attempt } from './attempt.ts'
import { injectTarget } from './injection.ts'
import { byAnswer, byEffect, conclude } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'
import { newRun, throwawayPassword } from './throwaway/run.ts'
import type { Random } from './throwaway/run.ts'
import { rolesOf } from './throwaway/domain.ts'
import { sweepDomain } from './throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from './throwaway/throwaways.ts'
import type { Leftover } from './throwaway/throwaways.ts'

export type TenantProbeOptions = {
  readonly manager: Session<'manager'>
  /**
   * Shows that foreign targets exist and reads effects back. Without it (the tenant's own machine) the probes use only
   * what the manager can see itself.
   */
  readonly operator: Session<'operator'> | undefined
  readonly domainId: string
  /** Any project of the tenant. */
  readonly projectId: string
  /** The roles of the cloud, read just before. */
  readonly roles: readonly Role[]
  readonly random: Random
  readonly now: () => Date
}

export type TenantProbe = {
  readonly results: readonly ProbeResult[]
  readonly findings: readonly Finding[]
  readonly leftovers: readonly Leftover[]
}

export async function probeTenant(options: TenantProbeOptions): Promise<TenantProbe> {
  const throwaways = new Throwaways(newRun(options.now(), options.random))
  try {
    const old = await sweepDomain(options.manager, options.domainId, {
      now: options.now(),
      ...(options.operator && { operator: options.operator }),
    })
    const [climb, look] = await Promise.allSettled([probeClimb(options, throwaways), probeLook(options)])
    if (climb.status === 'rejected') throw climb.reason
    if (look.status === 'rejected') throw look.reason
    const results = [...climb.value, ...look.value]
    const leftovers = [...old.leftovers, ...(await throwaways.removeAll())]
    const findings = [...results.flatMap(({ finding }) => finding ?? []), ...leftovers.map(leftoverFinding)]
    return { results, findings, leftovers }
  } finally {
    await throwaways.removeAll()
  }
}

async function probeClimb(options: TenantProbeOptions, throwaways: Throwaways): Promise<readonly ProbeResult[]> {
  const { manager, operator, domainId, projectId, roles } = options
  const name = throwaways.name('suspect')
  const suspect = await throwaways.make<User>({
    kind: 'user',
    name,
    create: () =>
      createUser(manager, {
        name,
        domain_id: domainId,
        password: new Secret(throwawayPassword(options.random)),
        description: throwaways.description,
        enabled: false,
      }),
    find: () => findUser(manager, name, domainId),
    remove: ({ id }) => deleteUser(manager, id),
  })
  const { admin, manager: managerRole, byName } = rolesOf(roles)
  const to = { kind: 'user', id: suspect.id } as const
  const onProject = { kind: 'project', id: projectId } as const
  const onDomain = { kind: 'domain', id: domainId } as const
  const tries = [
    ...(admin === undefined
      ? []
      : [{ claim: climbClaim('grant-admin', 'grant admin on its project'), role: admin, on: onProject }]),
    ...(managerRole === undefined
      ? []
      : [{ claim: climbClaim('grant-manager', 'grant manager on its project'), role: managerRole, on: onProject }]),
  ]
  const decoyUser = { user: suspect, role: byName('member'), on: onDomain }
  const [granted, injected] = await Promise.all([
    Promise.all(
      tries.map(({ role, on }) => attempt(manager, (session) => createGrant(session, { roleId: role.id, to, on }))),
    ),
    admin === undefined ? undefined : injectTarget(manager, admin.id, decoyUser),
  ])
  const held = await listRoleAssignments(operator ?? manager, { userId: suspect.id })
  const holds = (role: Role, kind: 'project' | 'domain'): boolean =>
    held.some((one) => one.role.id === role.id && one.scope[kind] !== undefined)
  const results = tries.flatMap(({ claim, role, on }, index) => {
    const tried = granted[index]
    return tried === undefined ? [] : [conclude(claim, byEffect(tried, holds(role, on.kind)))]
  })
  if (admin === undefined || injected === undefined) return results
  const claim = climbClaim('forged-target', 'grant admin on its domain by a `target` in the body')
  return [...results, conclude(claim, byEffect(injected, holds(admin, 'domain')))]
}

async function probeLook(options: TenantProbeOptions): Promise<readonly ProbeResult[]> {
  const { manager, operator, domainId } = options
  const domains = await attempt(manager, (session) => listDomains(session))
  const names = byAnswer(
    domains,
    (list) => list.some(({ id }) => id !== domainId),
    (list) => list.map(({ name }) => name).join(', '),
  )
  const listed = conclude(domainListClaim, names)
  if (operator === undefined) return [listed]
  const { user, project } = await ownPlace(operator, domainId)
  const [readUser, readProject] = await Promise.all([
    attempt(manager, (session) => getUser(session, user.id)),
    project && attempt(manager, (session) => getProject(session, project.id)),
  ])
  const seen = (tried: Awaited<typeof readUser> | Awaited<ReturnType<typeof attempt<Project>>>): Seen =>
    byAnswer<User | Project>(
      tried,
      () => true,
      ({ name }) => `it read \`${name}\``,
    )
  return [
    listed,
    conclude(lookClaim('read-user', 'user', user.name), seen(readUser)),
    ...(project === undefined || readProject === undefined
      ? []
      : [conclude(lookClaim('read-project', 'project', project.name), seen(readProject))]),
  ]
}

/** Names from the operator's own token certainly exist, and belong to no tenant. */
async function ownPlace(
  operator: Session,
  domainId: string,
): Promise<{ readonly user: Target; readonly project: Target | undefined }> {
  const { userId, userName, projectId, projectName } = await operator.token()
  const user = { id: userId, name: userName }
  if (projectId !== undefined) return { user, project: { id: projectId, name: projectName ?? projectId } }
  return { user, project: (await listProjects(operator)).find((project) => project.domain_id !== domainId) }
}

type Target = { readonly id: string; readonly name: string }

const byManager = { family: 'isolation', who: "the tenant's domain manager", actor: 'manager' } as const

function climbClaim(slug: string, what: string): Claim {
  return {
    ...byManager,
    id: `isolation/${slug}`,
    claim: `the manager cannot ${what}`,
    whom: 'a disabled throwaway user of its own domain',
    expected: 'refused',
    reach: 'tenant could',
    otherwise: {
      code: 'isolation/escalation',
      severity: 'error',
      where: 'identity:create_grant',
      remedy:
        'roll back the policy override or correct it: `tenant-onboard policy prove` shows the rule that allows it',
      owner: 'operator',
    },
  }
}

function lookClaim(slug: string, kind: string, name: string): Claim {
  return {
    ...byManager,
    id: `isolation/${slug}`,
    claim: `the manager cannot read a ${kind} of another domain`,
    whom: `${kind} ${name}, which the operator reads`,
    expected: 'refused',
    reach: 'perimeter',
    otherwise: {
      code: 'isolation/foreign-read',
      severity: 'error',
      where: `identity:get_${kind}`,
      remedy: 'correct the policy override: `tenant-onboard policy explain` shows the clause that allows it',
      owner: 'operator',
    },
  }
}

/** Keystone 25 filters the list to the token's own domain, earlier releases list all: commit dd785ee69, LP 2041611. */
const domainListClaim: Claim = {
  ...byManager,
  id: 'isolation/list-domains',
  claim: 'the domains that the manager can list',
  whom: 'the names of all domains',
  expected: 'reported',
  reach: 'tenant could',
  otherwise: { code: 'isolation/list-domains', severity: 'info', where: 'identity:list_domains', owner: 'operator' },
}
