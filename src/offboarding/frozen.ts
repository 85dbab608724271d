/** Reads after a freeze who could still sign in, tries what it can try, and says which. */
import type { Finding } from '../finding.ts'
import { verdictOf } from '../finding.ts'
import type { Verdict } from '../finding.ts'
import { renderAssignment } from '../onboarding/assignment.ts'
import { requestIdsOf } from '../openstack/exchange.ts'
import { askAhead } from '../openstack/ask-ahead.ts'
import { findDomain } from '../openstack/keystone/domains.ts'
import { listGroupMembers } from '../openstack/keystone/groups.ts'
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { isAdminRole, isSameRole } from '../openstack/keystone/role-names.ts'
import { listTrusts } from '../openstack/keystone/trusts.ts'
import { getUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { trusteeOf } from '../openstack/magnum/made-names.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { Check } from '../tenant/stage.ts'
import { freezeOf } from './freeze.ts'
import { findRoom } from './growth.ts'
import { isOfTenant } from './kinds/identity.ts'
import type { OffboardRun } from './run.ts'
import { readTenantState } from './tenant-state.ts'
import type { TenantState } from './tenant-state.ts'
import { unseen } from './not-shown.ts'

export type FreezeProof = {
  readonly verdict: Verdict
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  /** Ids of the providers that let nobody in. */
  readonly shut: readonly string[]
  /** Names of the accounts that Keystone refuses. */
  readonly disabled: readonly string[]
  /** Of those, the accounts that were tried with their secret. */
  readonly tried: readonly string[]
  /** Accounts that stay enabled, and why. */
  readonly spared: readonly { readonly name: string; readonly because: string }[]
}

/** What was set during the freeze was read back then, and is not asked again: `run.operator` remembers it. */
export async function proveFreeze(
  run: OffboardRun,
  clusterOwners: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
): Promise<FreezeProof> {
  const { tenant, evidence } = run
  const { session, exchanges } = run.operator.recording()
  askAhead(listRoleAssignments(run.operator, { includesNames: true }))
  const [now, manager] = await Promise.all([
    readTenantState(session, tenant, evidence.records),
    tryManager(run, run.tenantState),
  ])
  const requestIds = requestIdsOf(exchanges)
  const [foreign, trustees, room] = await Promise.all([
    findForeignHolders(run.operator, now),
    findForeignTrustees(run, now),
    findRoom({ ...run, tenantState: now }, clusterOwners, refused),
  ])
  const { domain, hasOwnDirectory, federation } = now
  const { shut: open, spare, disable } = freezeOf(tenant, now, clusterOwners)
  const checks: readonly Check[] = [
    check(
      'every identity provider of the tenant is disabled',
      open.map(({ id }) => id),
      requestIds,
    ),
    check(
      'every account of the tenant but the spared is disabled',
      disable.map(({ name }) => name),
      requestIds,
    ),
    ...(manager === undefined ? [] : [manager]),
  ]
  const findings: readonly Finding[] = [
    ...open.map(({ id }) => notFrozen(`identity provider ${id}`, 'is enabled: its people sign in')),
    ...disable.map(({ name }) => notFrozen(`user ${name}`, 'is enabled')),
    ...(manager?.ok === false
      ? [notFrozen(`user ${tenant.names.manager}`, 'is disabled, and yet Keystone takes its password')]
      : []),
    ...room,
    ...foreign,
    ...trustees,
    ...federation.findings,
    ...(hasOwnDirectory && domain !== undefined
      ? [
          {
            ...unseen(
              `domain ${domain.name}`,
              'its people are in a directory outside of Keystone: nobody here can shut it',
            ),
            remedy: 'lock them out in that directory, and ask its owner what was done',
          },
        ]
      : []),
  ]
  return {
    verdict: verdictOf(findings),
    checks,
    findings,
    shut: federation.providers.filter(({ enabled }) => !enabled).map(({ id }) => id),
    disabled: now.users.filter(({ enabled }) => !enabled).map(({ name }) => name),
    tried: manager?.ok === true ? [tenant.names.manager] : [],
    spared: spare.filter(({ user }) => user.enabled).map(({ user, because }) => ({ name: user.name, because })),
  }
}

function check(claim: string, against: readonly string[], requestIds: readonly string[]): Check {
  const ok = against.length === 0
  return { claim, ok, value: ok ? 0 : against, actor: 'operator', reach: 'perimeter', requestIds }
}

function notFrozen(where: string, message: string, remedy?: string): Finding {
  return {
    code: 'offboard/not-frozen',
    severity: 'error',
    where,
    message,
    remedy: remedy ?? 'run the same command again',
    owner: 'operator',
  }
}

/** The one disabled account whose secret may be here. */
async function tryManager(run: OffboardRun, { users }: TenantState): Promise<Check | undefined> {
  const { manager } = run.tenant.names
  if (!users.some(({ name }) => name === manager)) return undefined
  // a session of before the freeze would answer from its token
  run.sessions.renew('manager')
  const own = await run.sessions.at({ actor: 'manager' })
  if (own === undefined) return undefined
  const { session, exchanges } = own.recording()
  const isIn = await signsIn(session)
  return {
    claim: `Keystone refuses \`${manager}\` with its password`,
    ok: !isIn,
    value: isIn ? 201 : 401,
    actor: 'manager',
    reach: 'tenant could',
    requestIds: requestIdsOf(exchanges),
  }
}

/** A role on the tenant's projects or domain is a way in, whatever domain its holder is of. The operator's own is not meant. */
async function findForeignHolders(
  operator: Session<'operator'>,
  tenantState: TenantState,
): Promise<readonly Finding[]> {
  const { userId } = await operator.token()
  const own = new Set(tenantState.groups.map(({ id }) => id))
  const foreign = (await listRoleAssignments(operator, { includesNames: true })).filter(
    (one) =>
      isOfTenant(tenantState, one) &&
      !(one.user !== undefined && (tenantState.userIds.has(one.user.id) || one.user.id === userId)) &&
      !(one.group !== undefined && own.has(one.group.id)),
  )
  const each = foreign.map(async (assignment): Promise<readonly Finding[]> => {
    const { user, group } = assignment
    if (group !== undefined && (await isEmpty(operator, group.id))) return []
    const who = user === undefined ? `group ${group?.name ?? ''}` : `user ${user.name ?? user.id}`
    return [
      notFrozen(
        who,
        `is not of this tenant and still holds ${renderAssignment(assignment)}`,
        'take the role away, if its holder is to stop too',
      ),
    ]
  })
  return (await Promise.all(each)).flat()
}

/**
 * A trust lets its trustee in without a role of its own, as long as its trustor is enabled. Services work by such trusts: the trustee of
 * a cluster, and accounts with authority over the cloud, such as Heat's.
 */
async function findForeignTrustees(
  { operator, magnumDomain }: OffboardRun,
  { users, userIds }: TenantState,
): Promise<readonly Finding[]> {
  const trustors = new Map(users.filter(({ enabled }) => enabled).map((user) => [user.id, user.name]))
  const outward = (await listTrusts(operator)).filter(
    (trust) => trustors.has(trust.trustor_user_id) && !userIds.has(trust.trustee_user_id),
  )
  const each = outward.map(async ({ id, trustor_user_id, trustee_user_id }): Promise<readonly Finding[]> => {
    const trustee = await findTrustee(operator, trustee_user_id)
    if (trustee?.enabled !== true || (await isOfService(operator, trustee, magnumDomain))) return []
    return [
      notFrozen(
        `user ${trustee.name}`,
        `is not of this tenant, and a trust of ${trustors.get(trustor_user_id) ?? trustor_user_id}, which stays enabled, lets this user in`,
        `openstack trust delete ${id}`,
      ),
    ]
  })
  return (await Promise.all(each)).flat()
}

async function findTrustee(operator: Session, id: string): Promise<User | undefined> {
  try {
    return await getUser(operator, id)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

/** Anybody may have the name of a trustee, but only Magnum makes accounts in its domain. */
async function isOfService(operator: Session, { id, name, domain_id }: User, magnumDomain: string): Promise<boolean> {
  if (trusteeOf(name) !== undefined && (await findDomain(operator, magnumDomain))?.id === domain_id) return true
  const held = await listRoleAssignments(operator, { includesNames: true })
  return held.some(({ user, role }) => user?.id === id && (isAdminRole(role.name) || isSameRole(role.name, 'service')))
}

async function isEmpty(operator: Session, groupId: string): Promise<boolean> {
  try {
    return (await listGroupMembers(operator, groupId)).length === 0
  } catch (error) {
    if (refusalOf(error) === 404) return false
    throw error
  }
}
