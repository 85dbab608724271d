/**
 * The account that makes Magnum's trustees: is there one in Magnum's domain, does it hold admin on it, and is it
 * enabled?
 */
import { listRoleAssignments } from '../openstack/keystone/role-assignments.ts'
import { getUser } from '../openstack/keystone/users.ts'
import type { User } from '../openstack/keystone/users.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { attempt } from './attempt.ts'
import { conclude, messageOf } from './claim.ts'
import type { Claim, ProbeResult, Seen } from './claim.ts'

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
  const admin = roles.find(({ name }) => name.toLowerCase() === 'admin')
  const tried = await attempt(operator, async (session) => {
    if (admin === undefined) return []
    const held = await listRoleAssignments(session, { domainId: domain.id, roleId: admin.id })
    const ids = held.flatMap(({ user }) => user?.id ?? [])
    return (await Promise.all(ids.map((id) => findUserById(session, id)))).filter((user) => user !== undefined)
  })
  const claim = claimOf(domain.name)
  if (tried.kind !== 'answered')
    return conclude(claim, { observed: 'unknown', detail: messageOf(tried), requestIds: tried.requestIds })
  return conclude(claim, { ...seenOf(tried.value), requestIds: tried.requestIds })
}

function seenOf(admins: readonly User[]): Omit<Seen, 'requestIds'> {
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

function claimOf(domain: string): Claim {
  return {
    id: 'trustee/admin',
    family: 'trustee',
    claim: `an enabled account holds admin on Magnum's domain ${domain}`,
    who: 'Magnum',
    whom: `domain ${domain}`,
    expected: 'allowed',
    actor: 'operator',
    reach: 'perimeter',
    otherwise: {
      code: 'cloud/trustee-admin',
      severity: 'error',
      where: `domain ${domain}`,
      remedy: `openstack user set --enable --domain ${domain} magnum_domain_admin; openstack role add --domain ${domain} --user-domain ${domain} --user magnum_domain_admin admin; or juju run magnum/leader domain-setup`,
      owner: 'operator',
    },
  }
}
