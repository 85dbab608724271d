/** Tenants whose people are in a directory of their own: what an audit of them cannot say. */
import type { Finding } from '../finding.ts'
import { hasMappedId, hasOwnDirectory } from '../openstack/keystone/directories.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import type { Session } from '../openstack/session.ts'
import type { Holdings } from './holdings.ts'
import { reasonOf } from './inventory.ts'
import { unreadFinding } from './unmatched.ts'

/** Asks only about domains with a user whose id Keystone computed. */
export async function auditDirectories(
  operator: Session,
  tenants: readonly Domain[],
  { usersIn }: Holdings,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    tenants.map(async ({ id, name }): Promise<readonly Finding[]> => {
      const mapped = (usersIn.get(id) ?? []).filter(hasMappedId)
      if (mapped.length === 0) return []
      try {
        return (await hasOwnDirectory(operator, id, mapped)) ? [ownDirectory(name)] : []
      } catch (error) {
        return [unreadFinding({ what: `the directory of domain \`${name}\``, because: reasonOf(error) })]
      }
    }),
  )
  return found.flat()
}

function ownDirectory(name: string): Finding {
  return {
    code: 'audit/own-directory',
    severity: 'info',
    where: `domain ${name}`,
    message: `the users of tenant \`${name}\` are in a directory of its own (LDAP), which Keystone only reads: its owner adds people and changes groups, and nothing here shows when`,
    remedy: 'the roles of its people and groups are compared as they are now; audit again after a change there',
    owner: 'operator',
  }
}
