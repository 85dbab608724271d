import { hasOwnDirectory } from '../../openstack/keystone/directories.ts'
import { createUser, deleteUser, findUser } from '../../openstack/keystone/users.ts'
import { messageOf } from '../../probes/attempt.ts'
import { ThrowawayAccounts } from '../../probes/throwaway/accounts.ts'
import { experiment, need } from '../experiment.ts'
import { objects } from './objects.ts'

/**
 * A disabled user is made only where nobody of the domain is seen. LDAP refuses it in words that name no rule, as a policy
 * does: keystone 22.0.2, keystone/exception.py, `ForbiddenAction` and `Forbidden`.
 */
export const readOnlyDirectory = experiment(
  'directory',
  'does Keystone keep the users of the domain itself?',
  async (on, notes) => {
    const { domain, users } = await need(on, objects)
    const { operator, random } = on.subject
    if (users.length > 0) {
      const isOwn = await notes.read(operator, (session) => hasOwnDirectory(session, domain.id, users))
      notes.saw(
        `the users of domain ${domain.name} are ${isOwn ? 'in a directory of its own' : "in Keystone's database"}`,
      )
      return isOwn
    }
    const { throwaways } = on
    const password = await new ThrowawayAccounts({ maker: operator, throwaways, random }).newPassword()
    const fields = throwaways.fields(domain.id, 'user')
    const tried = await notes.attempt(operator, (session) =>
      throwaways.make({
        kind: 'user',
        name: fields.name,
        create: () => createUser(session, { ...fields, password, enabled: false }),
        find: () => findUser(session, fields.name, domain.id),
        remove: ({ id }) => deleteUser(session, id),
      }),
    )
    notes.saw(
      `the operator ${tried.kind === 'answered' ? 'makes a user' : `makes no user: ${messageOf(tried)}`} in domain ${domain.name}`,
      tried.requestIds,
    )
    return tried.kind === 'refused' && tried.status === 403 && !tried.message.includes('identity:')
  },
)
