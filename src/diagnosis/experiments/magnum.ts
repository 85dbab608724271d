import { magnumDomainAdmin, magnumDomainOf } from '../../tenant/cloud-facts.ts'
import { rolesOf } from '../../probes/throwaway/domain.ts'
import { messageOf } from '../../probes/attempt.ts'
import { findDomain } from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import { listRoles } from '../../openstack/keystone/roles.ts'
import { getUser, listUsers } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { listClusters } from '../../openstack/magnum/clusters.ts'
import { refusalOf } from '../../openstack/session.ts'
import type { Session } from '../../openstack/session.ts'
import { experiment, Inapplicable } from '../experiment.ts'
import type { Case } from '../case.ts'
import { creatorOrOperator } from './identities.ts'

export type MagnumDomain = {
  readonly name: string
  readonly domain: Domain | undefined
  /** The accounts that hold admin on it. */
  readonly admins: readonly User[]
  /** The account of the usual name in it, whatever it holds. */
  readonly usual: User | undefined
}

/** The domain of Magnum's trustees, and the account that makes them. */
export const magnumDomain = experiment<MagnumDomain>(
  'magnum-domain',
  "does Magnum's domain exist, with an account that may make trustees?",
  async (on, notes) => {
    requireClusters(on)
    const { operator, tenant } = on.subject
    const name = magnumDomainOf(tenant.facts)
    const [domain, roles] = await Promise.all([
      notes.read(operator, (session) => findDomain(session, name)),
      notes.read(operator, (session) => listRoles(session)),
    ])
    if (domain === undefined) {
      notes.saw(`there is no domain ${name}`)
      return { name, domain, admins: [], usual: undefined }
    }
    const roleId = rolesOf(roles).admin?.id
    const [held, named] = await Promise.all([
      roleId === undefined
        ? []
        : notes.read(operator, (session) => listRoleAssignments(session, { domainId: domain.id, roleId })),
      notes.read(operator, (session) => listUsers(session, { domain_id: domain.id, name: magnumDomainAdmin })),
    ])
    const ids = held.flatMap(({ user }) => user?.id ?? [])
    const admins = (
      await Promise.all(ids.map((id) => notes.read(operator, (session) => findUserById(session, id))))
    ).filter((user) => user !== undefined)
    const says = admins.map((user) => `${user.name}${user.enabled ? '' : ' (disabled)'}`).join(', ')
    notes.saw(`domain ${name} is ${domain.enabled ? 'enabled' : 'disabled'}; admin on it: ${says || 'nobody'}`)
    return { name, domain, admins, usual: named[0] }
  },
)

async function findUserById(session: Session, id: string): Promise<User | undefined> {
  try {
    return await getUser(session, id)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

export type MagnumSignIn = { readonly isRefused: boolean; readonly message: string }

/**
 * To filter a list for an ordinary account Magnum signs in as its domain admin, so the list shows whether the
 * configured password is right. magnum 15.0.1, magnum/db/sqlalchemy/api.py, _add_tenant_filters; common/keystone.py,
 * trustee_domain_id
 */
export const magnumSignIn = experiment<MagnumSignIn>(
  'magnum-sign-in',
  'can Magnum sign in as its own domain admin?',
  async (on, notes) => {
    requireClusters(on)
    const asker: Session = await creatorOrOperator(on, notes)
    const tried = await notes.attempt(asker, (own) => listClusters(own))
    const message = messageOf(tried)
    const isRefused =
      tried.kind !== 'answered' && /Keystone client authentication failed|AuthorizationFailure/i.test(message)
    notes.saw(`a list of clusters: ${message}`, tried.requestIds)
    return { isRefused, message }
  },
)

/** Without a requested cluster none can fail. */
export function requireClusters({ subject }: Case): void {
  if (!subject.tenant.projects.some(({ spec }) => spec.cluster !== undefined))
    throw new Inapplicable('no project of the tenant should have a cluster')
}
