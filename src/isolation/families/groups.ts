import { createGrant, deleteGrant, isGranted } from '../../openstack/keystone/grants.ts'
import type { Grant } from '../../openstack/keystone/grants.ts'
import {
  createGroup,
  createGroupMember,
  deleteGroup,
  deleteGroupMember,
  getGroup,
  isGroupMember,
  listGroupMembers,
  listGroups,
  listGroupsOfUser,
  updateGroup,
} from '../../openstack/keystone/groups.ts'
import type { Group } from '../../openstack/keystone/groups.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { createWithoutDomain } from '../../probes/without-domain.ts'

export async function probeGroups(family: Family, fixture: VerificationFixture): Promise<void> {
  await Promise.all([probeOwn(family, fixture), probeCreate(family, fixture), probeForeign(family, fixture)])
}

/** The life of a group, step by step. */
async function probeOwn(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, managed, inTenant, throwaways } = fixture
  const common = { as: manager, whom: 'a throwaway group of its own domain', expected: 'allowed' } as const
  const { value: made } = await family.check<Group>({
    ...common,
    id: 'create',
    claim: 'a manager can create a group in its domain',
    rule: 'identity:create_group',
    ask: (session) => inTenant.group('own-group', session),
  })
  const { id } = made ?? (await inTenant.group('second-group'))
  await Promise.all([
    family.check({
      ...common,
      id: 'find',
      claim: 'a manager can find a group of its domain by id',
      rule: 'identity:get_group',
      ask: (session) => getGroup(session, id),
    }),
    family.check({
      ...common,
      id: 'list',
      claim: 'a manager can list the groups of its domain',
      rule: 'identity:list_groups',
      ask: (session) => listGroups(session, { domain_id: own.domainId }),
    }),
    family.check({
      ...common,
      id: 'list-of-user',
      claim: 'a manager can list the groups of a user of its domain',
      rule: 'identity:list_groups_for_user',
      ask: (session) => listGroupsOfUser(session, own.grantee.id),
    }),
  ])
  await family.check({
    ...common,
    id: 'update',
    claim: 'a manager can update a group of its domain',
    rule: 'identity:update_group',
    ask: (session) => updateGroup(session, id, { description: `${throwaways.description} ` }),
    effect: async () => (await getGroup(operator, id)).description?.endsWith(' ') === true,
  })
  await family.check({
    ...common,
    id: 'add-user',
    claim: 'a manager can add a user of its domain to its group',
    rule: 'identity:add_user_to_group',
    ask: (session) => createGroupMember(session, id, own.grantee.id),
    effect: () => isGroupMember(operator, id, own.grantee.id),
  })
  await Promise.all([
    family.check({
      ...common,
      id: 'check-user',
      claim: 'a manager can check whether its user is in its group',
      rule: 'identity:check_user_in_group',
      ask: (session) => isGroupMember(session, id, own.grantee.id),
    }),
    family.check({
      ...common,
      id: 'list-users',
      claim: 'a manager can list the users of its group',
      rule: 'identity:list_users_in_group',
      ask: (session) => listGroupMembers(session, id),
    }),
  ])
  await family.check({
    ...common,
    id: 'remove-user',
    claim: 'a manager can remove a user from its group',
    rule: 'identity:remove_user_from_group',
    ask: (session) => deleteGroupMember(session, id, own.grantee.id),
    effect: async () => !(await isGroupMember(operator, id, own.grantee.id)),
  })
  const scopes = [
    ['domain', own.domainId],
    ['project', own.project.id],
  ] as const
  for (const [kind, scopeId] of scopes) {
    const wanted = grant(managed[0].id, id, { kind, id: scopeId })
    await family.check({
      ...common,
      id: `assign-${kind}-role`,
      claim: `a manager can grant a managed role on its ${kind} to its group`,
      rule: 'identity:create_grant',
      ask: (session) => createGrant(session, wanted),
      effect: () => isGranted(operator, wanted),
    })
    await family.check({
      ...common,
      id: `unassign-${kind}-role`,
      claim: `a manager can revoke a managed role on its ${kind} from its group`,
      rule: 'identity:revoke_grant',
      ask: (session) => deleteGrant(session, wanted),
      effect: async () => !(await isGranted(operator, wanted)),
    })
  }
  await family.check({
    ...common,
    id: 'delete',
    claim: 'a manager can delete a group of its domain',
    rule: 'identity:delete_group',
    ask: (session) => deleteGroup(session, id),
    effect: () => isGone(getGroup(operator, id)),
  })
}

async function probeCreate(
  family: Family,
  { manager, operator, foreign, throwaways }: VerificationFixture,
): Promise<void> {
  const intruder = throwaways.fields(foreign.domain.id, 'intruder')
  const withoutDomain = throwaways.name('without-domain')
  const find = async (name: string): Promise<Group | undefined> => (await listGroups(operator, { name }))[0]
  const common = { as: manager, expected: 'refused', rule: 'identity:create_group' } as const
  await Promise.all([
    family.check({
      ...common,
      id: 'create-foreign',
      claim: 'a manager cannot create a group in another domain',
      whom: 'a throwaway foreign domain',
      ask: (session) => createGroup(session, intruder),
      effect: async () => (await find(intruder.name)) !== undefined,
    }),
    family.check<{ readonly id: string }>({
      ...common,
      id: 'create-without-domain',
      claim: 'a manager cannot create a group without naming a domain',
      whom: 'no domain',
      ask: (session) =>
        throwaways.make({
          kind: 'group',
          name: withoutDomain,
          create: () =>
            createWithoutDomain(session, 'group', { name: withoutDomain, description: throwaways.description }),
          find: () => find(withoutDomain),
          remove: ({ id }) => deleteGroup(operator, id),
        }),
      effect: async () => (await find(withoutDomain)) !== undefined,
    }),
  ])
}

async function probeForeign(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, foreign, managed, throwaways } = fixture
  const { user, project } = foreign.account
  const { group, decoys } = foreign
  const changed = `${throwaways.description} changed by a probe`
  const whom = 'a group of a throwaway foreign domain'
  const common = { as: manager, whom, expected: 'refused' } as const
  const [role] = managed
  // for an absent membership everyone gets 404, so the membership must exist
  const joined = [
    { groupId: group.id, userId: own.decoyUser.id },
    { groupId: own.group.id, userId: decoys.user.id },
    { groupId: group.id, userId: user.id },
  ] as const
  await Promise.all(joined.slice(0, 2).map(({ groupId, userId }) => createGroupMember(operator, groupId, userId)))
  const ends = [
    ['own-user-foreign-group', 'its user and a group of another domain', own.grantee.id, decoys.group.id, joined[0]],
    ['foreign-user-own-group', 'a user of another domain and its group', user.id, own.group.id, joined[1]],
    ['foreign-user-foreign-group', 'a user and a group of another domain', user.id, decoys.group.id, joined[2]],
  ] as const
  const scopes = [
    ['domain', foreign.domain.id],
    ['project', project.id],
  ] as const
  await Promise.all([
    family.check({
      ...common,
      id: 'read-foreign',
      claim: 'a manager cannot read a group of another domain by id',
      rule: 'identity:get_group',
      ask: (session) => getGroup(session, group.id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-others',
      claim: 'the list of groups that a manager gets has none of other domains',
      rule: 'identity:list_groups',
      ask: (session) => listGroups(session),
      shows: (list) => list.some(({ domain_id }) => domain_id !== own.domainId),
      describe: (list) =>
        `${list.length} groups, ${list.filter(({ domain_id }) => domain_id !== own.domainId).length} of other domains`,
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'find-foreign',
      claim: 'a manager finds no group of another domain by name',
      rule: 'identity:list_groups',
      ask: (session) => listGroups(session, { name: group.name }),
      shows: (list) => list.some(({ id }) => id === group.id),
      describe: (list) => `${list.length} found`,
    }),
    family.check({
      ...common,
      id: 'list-users-foreign',
      claim: 'a manager cannot list the users of a group of another domain',
      rule: 'identity:list_users_in_group',
      ask: (session) => listGroupMembers(session, group.id),
    }),
    family.check({
      ...common,
      id: 'list-of-foreign-user',
      claim: 'a manager cannot list the groups of a user of another domain',
      whom: 'a user of a throwaway foreign domain',
      rule: 'identity:list_groups_for_user',
      ask: (session) => listGroupsOfUser(session, user.id),
    }),
    ...ends.flatMap(([id, what, userId, groupId, joined]) => [
      family.check({
        ...common,
        id: `check-${id}`,
        claim: `a manager cannot check membership of ${what}`,
        rule: 'identity:check_user_in_group',
        ask: (session) =>
          session.request({
            service: 'identity',
            method: 'HEAD',
            path: `/groups/${joined.groupId}/users/${joined.userId}`,
          }),
      }),
      family.check({
        ...common,
        id: `add-${id}`,
        claim: `a manager cannot join ${what}`,
        rule: 'identity:add_user_to_group',
        ask: (session) => createGroupMember(session, groupId, userId),
        effect: () => isGroupMember(operator, groupId, userId),
      }),
    ]),
    ...scopes.flatMap(([kind, id]) => {
      const held = grant(role.id, group.id, { kind, id })
      const wanted = grant(role.id, decoys.group.id, { kind, id })
      return [
        family.check({
          ...common,
          id: `assign-foreign-${kind}-role`,
          claim: `a manager cannot grant a group of another domain a role on its ${kind}`,
          rule: 'identity:create_grant',
          ask: (session) => createGrant(session, wanted),
          effect: () => isGranted(operator, wanted),
        }),
        family.check({
          ...common,
          id: `unassign-foreign-${kind}-role`,
          claim: `a manager cannot revoke a role on a ${kind} of another domain from its group`,
          rule: 'identity:revoke_grant',
          ask: (session) => deleteGrant(session, held),
          effect: async () => !(await isGranted(operator, held)),
        }),
      ]
    }),
  ])
  await family.check({
    ...common,
    id: 'remove-foreign-user',
    claim: 'a manager cannot remove a user from a group of another domain',
    rule: 'identity:remove_user_from_group',
    ask: (session) => deleteGroupMember(session, group.id, user.id),
    effect: async () => !(await isGroupMember(operator, group.id, user.id)),
  })
  await family.check({
    ...common,
    id: 'update-foreign',
    claim: 'a manager cannot update a group of another domain',
    rule: 'identity:update_group',
    ask: (session) => updateGroup(session, decoys.group.id, { description: changed }),
    effect: async () => (await getGroup(operator, decoys.group.id)).description === changed,
  })
  await family.check({
    ...common,
    id: 'delete-foreign',
    claim: 'a manager cannot delete a group of another domain',
    rule: 'identity:delete_group',
    ask: (session) => deleteGroup(session, decoys.group.id),
    effect: () => isGone(getGroup(operator, decoys.group.id)),
  })
}

function grant(roleId: string, groupId: string, on: Grant['on']): Grant {
  return { roleId, to: { kind: 'group', id: groupId }, on }
}
