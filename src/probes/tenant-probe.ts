/**
 * The isolation of one tenant, as its own manager sees it: no escalation, and no access to other tenants. Changes
 * nothing but a disabled throwaway user in the tenant's own domain. Foreign objects are only read, after the operator
 * has shown that they exist.
 */
import type { Finding } from '../finding.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import { createGrant } from '../openstack/keystone/grants.ts'
import { getProject, listProjects } from '../openstack/keystone/projects.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import { getUser } from '../openstack/keystone/users.ts'
import type { Session } from '../openstack/session.ts'
import { Family } from './checks.ts'
import type { Party } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import { heldAfter } from './held.ts'
import { sendForged } from './injection.ts'
import { ThrowawayAccounts } from './throwaway/accounts.ts'
import { TenantThrowaways } from './throwaway/in-tenant.ts'
import type { ProbeRuns } from '../tenant/probe-runs.ts'
import { newRun } from './throwaway/run.ts'
import type { Random } from './throwaway/run.ts'
import { rolesOf } from './throwaway/domain.ts'
import { sweepDomain } from './throwaway/sweep.ts'
import { leftoverFinding, Throwaways } from './throwaway/throwaways.ts'
import type { Leftover } from './throwaway/throwaways.ts'

export type TenantProbeOptions = {
  readonly manager: Session<'manager'>
  /** The same, with what was read of the domain just before; absent: it is read. */
  readonly looked?: Session<'manager'>
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
  /** Earlier runs that ended too early: what they left is removed at once, at any age. */
  readonly runs?: ProbeRuns
}

export type TenantProbe = {
  readonly results: readonly ProbeResult[]
  readonly findings: readonly Finding[]
  readonly leftovers: readonly Leftover[]
}

export async function probeTenant(options: TenantProbeOptions): Promise<TenantProbe> {
  const throwaways = new Throwaways(newRun(options.now(), options.random))
  await options.runs?.begin(throwaways.run.id)
  try {
    // nothing waits for the removal of what earlier runs left
    const sweep = sweepDomain(options.looked ?? options.manager, options.domainId, {
      now: options.now(),
      deadRuns: options.runs?.dead ?? [],
      ...(options.operator && { operator: options.operator }),
    })
    const [climb, look] = await Promise.allSettled([probeClimb(options, throwaways), probeLook(options)])
    const old = await sweep
    if (climb.status === 'rejected') throw climb.reason
    if (look.status === 'rejected') throw look.reason
    const results = [...climb.value, ...look.value]
    const leftovers = [...old.leftovers, ...(await throwaways.removeAll())]
    if (leftovers.length === 0) await options.runs?.end()
    const findings = [...results.flatMap(({ finding }) => finding ?? []), ...leftovers.map(leftoverFinding)]
    return { results, findings, leftovers }
  } finally {
    await throwaways.removeAll()
  }
}

async function probeClimb(options: TenantProbeOptions, throwaways: Throwaways): Promise<readonly ProbeResult[]> {
  const { manager, operator, domainId, projectId, roles } = options
  const accounts = new ThrowawayAccounts({ maker: manager, throwaways, random: options.random })
  const suspect = await new TenantThrowaways({ accounts, domainId, manager }).disabledUser('suspect')
  const { admin, manager: managerRole, byName } = rolesOf(roles)
  const family = new Family('isolation')
  const held = heldAfter(operator ?? manager)
  const holds = async (role: Role, on: 'project' | 'domain'): Promise<boolean> =>
    (await held.by(to)).some((one) => one.role.id === role.id && one.scope[on] !== undefined)
  const to = { kind: 'user', id: suspect.id } as const
  const onProject = { kind: 'project', id: projectId } as const
  const common = {
    as: managerOf(options),
    whom: 'a disabled throwaway user of its own domain',
    rule: 'identity:create_grant',
    expected: 'refused',
    otherwise: {
      code: 'isolation/escalation',
      remedy:
        'roll back the policy override or correct it: `tenant-onboard policy prove` shows the rule that allows it',
    },
  } as const
  const grant = (id: string, role: Role | undefined) =>
    role &&
    family.check({
      ...common,
      id: `grant-${id}`,
      claim: `the manager cannot grant ${id} on its project`,
      ask: (session) => held.attempt(createGrant(session, { roleId: role.id, to, on: onProject })),
      effect: () => holds(role, 'project'),
    })
  const decoyUser = { user: suspect, role: byName('member'), on: { kind: 'domain', id: domainId } } as const
  await Promise.all([
    grant('admin', admin),
    grant('manager', managerRole),
    admin &&
      family.check({
        ...common,
        id: 'forged-target',
        claim: 'the manager cannot grant admin on its domain by a `target` in the body',
        ask: (session) => held.attempt(sendForged(session, admin.id, decoyUser)),
        effect: () => holds(admin, 'domain'),
      }),
  ])
  return family.results()
}

async function probeLook(options: TenantProbeOptions): Promise<readonly ProbeResult[]> {
  const { operator, domainId } = options
  const family = new Family('isolation')
  const as = managerOf(options)
  // Keystone 25 filters the list to the token's own domain, earlier releases list all: commit dd785ee69, LP 2041611
  await family.check({
    id: 'list-domains',
    claim: 'the domains that the manager can list',
    as,
    whom: 'the names of all domains',
    rule: 'identity:list_domains',
    expected: 'reported',
    ask: (session) => listDomains(session),
    shows: (list) => list.some(({ id }) => id !== domainId),
    describe: (list) => list.map(({ name }) => name).join(', '),
    otherwise: { code: 'isolation/list-domains', severity: 'info' },
  })
  if (operator === undefined) return family.results()
  const { user, project } = await ownPlace(operator, domainId)
  const look = (kind: 'user' | 'project', name: string, ask: (session: Session) => Promise<Target>) =>
    family.check({
      id: `read-${kind}`,
      claim: `the manager cannot read a ${kind} of another domain`,
      as,
      whom: `${kind} ${name}, which the operator reads`,
      rule: `identity:get_${kind}`,
      reach: 'perimeter',
      expected: 'refused',
      ask,
      shows: () => true,
      describe: (found) => `it read \`${found.name}\``,
      otherwise: {
        code: 'isolation/foreign-read',
        remedy: 'correct the policy override: `tenant-onboard policy prove` shows the request that it allows',
      },
    })
  await Promise.all([
    look('user', user.name, (session) => getUser(session, user.id)),
    project && look('project', project.name, (session) => getProject(session, project.id)),
  ])
  return family.results()
}

function managerOf({ manager }: TenantProbeOptions): Party {
  return { session: manager, who: "the tenant's domain manager", actor: 'manager' }
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
