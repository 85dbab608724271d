import { createGrant, deleteGrant, isGranted } from '../../openstack/keystone/grants.ts'
import type { Grant } from '../../openstack/keystone/grants.ts'
import { createUser, deleteUser, findUser, getUser, listUsers, updateUser } from '../../openstack/keystone/users.ts'
import type { User } from '../../openstack/keystone/users.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { createWithoutDomain } from '../../probes/without-domain.ts'

export async function probeUsers(family: Family, fixture: VerificationFixture): Promise<void> {
  await Promise.all([probeOwn(family, fixture), probeCreate(family, fixture), probeForeign(family, fixture)])
}

/** The life of a user, step by step. */
async function probeOwn(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, managed, inTenant } = fixture
  const common = { as: manager, whom: 'a throwaway user of its own domain', expected: 'allowed' } as const
  const { value: made } = await family.check<User>({
    ...common,
    id: 'create',
    claim: 'a manager can create a user in its domain',
    rule: 'identity:create_user',
    ask: (session) => inTenant.disabledUser('user', session),
  })
  // what it cannot create it may still be able to change
  const { id } = made ?? (await inTenant.disabledUser('second-user'))
  const onDomain = grant(managed[0].id, id, own.domainId)
  await Promise.all([
    family.check({
      ...common,
      id: 'find-by-id',
      claim: 'a manager can find a user of its domain by id',
      rule: 'identity:get_user',
      ask: (session) => getUser(session, id),
    }),
    family.check({
      ...common,
      id: 'list',
      claim: 'a manager can list the users of its domain',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session, { domain_id: own.domainId }),
    }),
    family.check({
      as: manager,
      whom: 'the users of all domains',
      expected: 'empty',
      id: 'list-others',
      claim: 'the list of users that a manager gets has none of other domains',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session),
      shows: (list) => list.some(({ domain_id }) => domain_id !== own.domainId),
      describe: (list) =>
        `${list.length} users, ${list.filter(({ domain_id }) => domain_id !== own.domainId).length} of other domains`,
    }),
  ])
  await family.check({
    ...common,
    id: 'update',
    claim: 'a manager can update a user of its domain',
    rule: 'identity:update_user',
    ask: (session) => updateUser(session, id, { email }),
    effect: async () => (await getUser(operator, id)).email === email,
  })
  await family.check({
    ...common,
    id: 'assign-domain-role',
    claim: 'a manager can grant a managed role on its domain to a user',
    rule: 'identity:create_grant',
    ask: (session) => createGrant(session, onDomain),
    effect: () => isGranted(operator, onDomain),
  })
  await family.check({
    ...common,
    id: 'unassign-domain-role',
    claim: 'a manager can revoke a managed role on its domain from a user',
    rule: 'identity:revoke_grant',
    ask: (session) => deleteGrant(session, onDomain),
    effect: async () => !(await isGranted(operator, onDomain)),
  })
  await family.check({
    ...common,
    id: 'delete',
    claim: 'a manager can delete a user of its domain',
    rule: 'identity:delete_user',
    ask: (session) => deleteUser(session, id),
    effect: () => isGone(getUser(operator, id)),
  })
}

async function probeCreate(
  family: Family,
  { manager, operator, foreign, throwaways, accounts }: VerificationFixture,
): Promise<void> {
  const { name, description } = throwaways.fields(foreign.domain.id, 'intruder')
  const password = await accounts.newPassword()
  const withoutDomain = throwaways.name('without-domain')
  await Promise.all([
    family.check({
      id: 'create-foreign',
      claim: 'a manager cannot create a user in another domain',
      as: manager,
      whom: 'a throwaway foreign domain',
      rule: 'identity:create_user',
      expected: 'refused',
      ask: (session) =>
        createUser(session, { name, description, domain_id: foreign.domain.id, password, enabled: false }),
      effect: async () => (await findUser(operator, name, foreign.domain.id)) !== undefined,
    }),
    family.check<{ readonly id: string }>({
      id: 'create-without-domain',
      claim: 'a manager cannot create a user without naming a domain',
      as: manager,
      whom: 'no domain',
      rule: 'identity:create_user',
      expected: 'refused',
      // if it is not refused, keystone makes it in the domain of the token
      ask: (session) =>
        throwaways.make({
          kind: 'user',
          name: withoutDomain,
          create: () =>
            createWithoutDomain(session, 'user', { name: withoutDomain, description, password, enabled: false }),
          find: async () => (await listUsers(operator, { name: withoutDomain }))[0],
          remove: ({ id }) => deleteUser(operator, id),
        }),
      effect: async () => (await listUsers(operator, { name: withoutDomain })).length > 0,
    }),
  ])
}

async function probeForeign(
  family: Family,
  { manager, operator, own, foreign, managed }: VerificationFixture,
): Promise<void> {
  const { user, spare: decoys } = { user: foreign.account.user, spare: foreign.decoys.user }
  const whom = 'a user of a throwaway foreign domain'
  const common = { as: manager, whom, expected: 'refused' } as const
  const [role] = managed
  const assign = (id: string, claim: string, wanted: Grant): Promise<unknown> =>
    family.check({
      ...common,
      id,
      claim,
      rule: 'identity:create_grant',
      ask: (session) => createGrant(session, wanted),
      effect: () => isGranted(operator, wanted),
    })
  const held = grant(role.id, user.id, foreign.domain.id)
  await Promise.all([
    family.check({
      ...common,
      id: 'read-foreign',
      claim: 'a manager cannot read a user of another domain by id',
      rule: 'identity:get_user',
      ask: (session) => getUser(session, user.id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'find-foreign',
      claim: 'a manager finds no user of another domain by name',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session, { name: user.name }),
      shows: (list) => list.some(({ id }) => id === user.id),
      describe: (list) => `${list.length} found`,
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-foreign',
      claim: 'a filter on another domain gives a manager no users',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session, { domain_id: foreign.domain.id }),
      shows: (list) => list.some(({ domain_id }) => domain_id === foreign.domain.id),
      describe: (list) => `${list.length} listed`,
    }),
    assign(
      'assign-foreign',
      'a manager cannot grant a role on another domain to its user',
      grant(role.id, decoys.id, foreign.domain.id),
    ),
    assign(
      'assign-own-to-foreign-domain',
      'a manager cannot grant its user a role on another domain',
      grant(role.id, own.grantee.id, foreign.domain.id),
    ),
    assign(
      'assign-foreign-to-own-domain',
      'a manager cannot grant a user of another domain a role on its own domain',
      grant(role.id, decoys.id, own.domainId),
    ),
    family.check({
      ...common,
      id: 'unassign-foreign',
      claim: 'a manager cannot revoke a role on another domain',
      rule: 'identity:revoke_grant',
      ask: (session) => deleteGrant(session, held),
      effect: async () => !(await isGranted(operator, held)),
    }),
  ])
  await family.check({
    ...common,
    id: 'update-foreign',
    claim: 'a manager cannot update a user of another domain',
    rule: 'identity:update_user',
    ask: (session) => updateUser(session, decoys.id, { email }),
    effect: async () => (await getUser(operator, decoys.id)).email === email,
  })
  await family.check({
    ...common,
    id: 'delete-foreign',
    claim: 'a manager cannot delete a user of another domain',
    rule: 'identity:delete_user',
    ask: (session) => deleteUser(session, decoys.id),
    effect: () => isGone(getUser(operator, decoys.id)),
  })
}

const email = 'probe@example.org'

function grant(roleId: string, userId: string, domainId: string): Grant {
  return { roleId, to: { kind: 'user', id: userId }, on: { kind: 'domain', id: domainId } }
}
