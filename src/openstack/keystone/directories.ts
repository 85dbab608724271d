/**
 * Domains whose users Keystone only reads. Its LDAP driver refuses every write of users, groups and passwords, and says the
 * same as a policy does. keystone 22.0.2, keystone/identity/backends/ldap/core.py, `_disallow_write`.
 */
import { get } from '../resource-requests.ts'
import { refusalOf } from '../session.ts'
import type { Session } from '../session.ts'
import { inside, isRecord } from '../shape.ts'
import type { Read } from '../shape.ts'
import { getDomainConfig } from './domains.ts'
import type { User } from './users.ts'

/** Users of identity providers have such ids as well, and there may be many of them. */
const asked = 5

/**
 * True if the domain has an identity driver that keeps no users in Keystone's database: it stores such a driver, or a user is in
 * another directory. A driver that is configured by a file stands in no answer, and a directory in which nobody is seen is not
 * recognised. Throws what Keystone answers, but for a configuration that is not there, or that the session may not read while the
 * users tell.
 */
export async function hasOwnDirectory(
  session: Session,
  domainId: string,
  users: readonly Pick<User, 'id'>[],
): Promise<boolean> {
  const driver = await driverOf(session, domainId, users.length > 0)
  if (driver !== undefined) return driver !== 'sql'
  const mapped = users.filter(hasMappedId).slice(0, asked)
  return (await Promise.all(mapped.map(({ id }) => isOfProvider(session, id)))).includes(false)
}

/** True if Keystone computed the id from an entry that is kept elsewhere. keystone/identity/id_generators/sha256.py */
export function hasMappedId({ id }: Pick<User, 'id'>): boolean {
  return /^[0-9a-f]{64}$/.test(id)
}

async function driverOf(session: Session, domainId: string, mayBeHidden: boolean): Promise<unknown> {
  try {
    const { identity } = await getDomainConfig(session, domainId)
    return isRecord(identity) ? identity['driver'] : undefined
  } catch (error) {
    if (refusalOf(error) === 404 || (mayBeHidden && refusalOf(error) === 403)) return undefined
    throw error
  }
}

const federated: Read<boolean> = (value) => isRecord(value) && value['federated'] !== undefined

/** keystone/identity/core.py, get_user: only users of identity providers have `federated`. */
function isOfProvider(session: Session, userId: string): Promise<boolean> {
  return get(session, { service: 'identity', path: `/users/${userId}` }, inside('user', federated))
}
