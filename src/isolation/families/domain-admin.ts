/**
 * Magnum and Heat each have an admin of their own domain, whose password is in a configuration file. It must make users
 * there, and must reach no tenant. An override that ends every rule in `or rule:admin_required` lets it do anything
 * anywhere. A warning only: as released, Keystone deliberately treats admin on any domain as admin of the cloud.
 */
import { createGrant, isGranted } from '../../openstack/keystone/grants.ts'
import { createUser, deleteUser, findUser, getUser, updateUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

export async function probeDomainAdmin(family: Family, fixture: VerificationFixture): Promise<void> {
  const { operator, own, foreign, roles, throwaways, accounts } = fixture
  const as = foreign.domainAdmin
  const { admin } = roles
  if (as === undefined || admin === undefined) return
  const common = {
    as,
    whom: "throwaways of the tenant's domain",
    expected: 'refused',
    code: 'isolation/domain-admin',
    severity: 'warning',
  } as const
  const trustee = throwaways.fields(foreign.domain.id, 'trustee')
  const password = await accounts.newPassword()
  const intruder = throwaways.fields(own.domainId, 'by-domain-admin')
  const changed = `${throwaways.description} changed by an admin of another domain`
  const targetUser = { kind: 'user', id: own.targetUser.id } as const
  const grants = [
    ['grant-in-tenant', 'identity:create_grant', { kind: 'domain', id: own.domainId }],
    ['grant-elsewhere', 'identity:create_grant', { kind: 'domain', id: foreign.idle.domain.id }],
    ['grant-on-system', 'identity:create_system_grant_for_user', { kind: 'system' }],
  ] as const
  await Promise.all([
    family.check({
      as,
      whom: 'its own domain',
      expected: 'allowed',
      id: 'create-trustee',
      claim: 'an admin of one domain can make a user there, as Magnum does for every cluster',
      rule: 'identity:create_user',
      ask: (session) => createUser(session, { ...trustee, password, enabled: false }),
      effect: async () => (await findUser(operator, trustee.name, foreign.domain.id)) !== undefined,
    }),
    ...grants.map(([id, rule, on]) =>
      family.check({
        ...common,
        id,
        claim: `an admin of one domain cannot grant admin on ${on.kind === 'system' ? 'the system' : 'another domain'}`,
        rule,
        ask: (session) => createGrant(session, { roleId: admin.id, to: targetUser, on }),
        effect: () => isGranted(operator, { roleId: admin.id, to: targetUser, on }),
      }),
    ),
  ])
  // After the grants, which read the same user: a read during the change leaves the old state in Keystone's cache.
  await Promise.all([
    family.check({
      ...common,
      id: 'update-user',
      claim: 'an admin of one domain cannot change a user of another domain, the password included',
      rule: 'identity:update_user',
      ask: (session) => updateUser(session, own.targetUser.id, { description: changed }),
      effect: async () => (await getUser(operator, own.targetUser.id)).description === changed,
    }),
    family.check<User>({
      ...common,
      id: 'create-user',
      claim: 'an admin of one domain cannot create a user in another domain',
      rule: 'identity:create_user',
      ask: (session) =>
        throwaways.make({
          kind: 'user',
          name: intruder.name,
          create: () => createUser(session, { ...intruder, password, enabled: false }),
          find: () => findUser(operator, intruder.name, own.domainId),
          remove: ({ id }) => deleteUser(operator, id),
        }),
      effect: async () => (await findUser(operator, intruder.name, own.domainId)) !== undefined,
    }),
  ])
}
