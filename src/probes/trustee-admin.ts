/**
 * The account that makes Magnum's trustees: is there one in Magnum's domain, does it hold admin on it, and is it
 * enabled?
 */
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { adminRoleOf } from '../openstack/keystone/role-names.ts'
import { getUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { magnumDomainAdmin } from '../tenant/cloud-facts.ts'
import { messageOf } from './attempt.ts'
import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { Reading } from './reading.ts'

export type TrusteeAdminOptions = {
  readonly operator: Session<'operator'>
  /** Magnum's domain, which has the trustees. */
  readonly domain: { readonly id: string; readonly name: string }
  readonly roles: readonly { readonly id: string; readonly name: string }[]
}

/**
 * Its password is Magnum's and not ours. `trustee.ts` shows with another account that such an admin can make a trustee.
 */
export async function probeTrusteeAdmin({ operator, domain, roles }: TrusteeAdminOptions): Promise<ProbeResult> {
  // the charms say `Admin`
  const admin = adminRoleOf(roles)
  const where = `domain ${domain.name}`
  const family = new Family('trustee')
  const { result } = await family.check({
    id: 'admin',
    claim: `an enabled account holds admin on Magnum's ${where}`,
    as: { session: operator, who: 'Magnum', actor: 'operator' },
    whom: where,
    rule: where,
    expected: 'allowed',
    ask: async (session) => {
      if (admin === undefined) return []
      const held = await listRoleAssignments(session, { domainId: domain.id, roleId: admin.id })
      const ids = held.flatMap(({ user }) => user?.id ?? [])
      return (await Promise.all(ids.map((id) => findUserById(session, id)))).filter((user) => user !== undefined)
    },
    see: (tried) =>
      tried.kind === 'answered' ? readingOf(tried.value) : { observed: 'unknown', detail: messageOf(tried) },
    otherwise: {
      code: 'cloud/trustee-admin',
      remedy: `openstack user set --enable --domain ${domain.name} ${magnumDomainAdmin}; openstack role add --domain ${domain.name} --user-domain ${domain.name} --user ${magnumDomainAdmin} admin; or juju run magnum/leader domain-setup`,
    },
  })
  return result
}

function readingOf(admins: readonly User[]): Reading {
  const able = admins.filter(({ enabled }) => enabled)
  if (able.length > 0) return { observed: 'allowed', detail: able.map(({ name }) => name).join(', ') }
  const [disabled] = admins
  const detail = disabled === undefined ? 'no user holds admin on it' : `\`${disabled.name}\` is disabled`
  return { observed: 'refused', detail }
}

async function findUserById(session: Session, id: string): Promise<User | undefined> {
  try {
    return await getUser(session, id)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}
