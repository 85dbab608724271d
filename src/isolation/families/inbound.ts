/** The opposite direction: what the manager of another domain can do to this one. */
import { createGrant, isGranted } from '../../openstack/keystone/grants.ts'
import { createGroupMember, getGroup, isGroupMember, updateGroup } from '../../openstack/keystone/groups.ts'
import { getProject, updateProject } from '../../openstack/keystone/projects.ts'
import { getDomain } from '../../openstack/keystone/domains.ts'
import { findUser, getUser, listUsers, updateUser } from '../../openstack/keystone/users.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

export async function probeInbound(family: Family, fixture: VerificationFixture): Promise<void> {
  const { operator, own, foreign, inTenant, managed, throwaways } = fixture
  const as = foreign.manager
  const { grantee, project, group } = own
  const whom = "a throwaway of the tenant's domain"
  const common = { as, whom, expected: 'refused' } as const
  const wanted = {
    roleId: managed[0].id,
    to: { kind: 'user', id: foreign.account.user.id },
    on: { kind: 'project', id: project.id },
  } as const
  const changed = `${throwaways.description} changed by a neighbour`
  await Promise.all([
    family.check({
      ...common,
      whom: "the tenant's domain",
      id: 'read-domain',
      claim: "the manager of another domain cannot read the tenant's domain",
      rule: 'identity:get_domain',
      ask: (session) => getDomain(session, own.domainId),
    }),
    family.check({
      ...common,
      id: 'read-user',
      claim: 'the manager of another domain cannot read a user of the tenant',
      rule: 'identity:get_user',
      ask: (session) => getUser(session, grantee.id),
    }),
    family.check({
      ...common,
      id: 'read-project',
      claim: 'the manager of another domain cannot read a project of the tenant',
      rule: 'identity:get_project',
      ask: (session) => getProject(session, project.id),
    }),
    family.check({
      ...common,
      id: 'read-group',
      claim: 'the manager of another domain cannot read a group of the tenant',
      rule: 'identity:get_group',
      ask: (session) => getGroup(session, group.id),
    }),
    family.check({
      ...common,
      expected: 'empty',
      id: 'list-users',
      claim: 'the manager of another domain sees no users of the tenant',
      rule: 'identity:list_users',
      ask: (session) => listUsers(session, { domain_id: own.domainId }),
      shows: (list) => list.some(({ domain_id }) => domain_id === own.domainId),
      describe: (list) => `${list.length} listed`,
    }),
    family.check({
      ...common,
      id: 'create-user',
      claim: 'the manager of another domain cannot create a user in the domain of the tenant',
      rule: 'identity:create_user',
      ask: (session) => inTenant.disabledUser('inbound', session),
      effect: async () => (await findUser(operator, throwaways.name('inbound'), own.domainId)) !== undefined,
    }),
    family.check({
      ...common,
      id: 'update-user',
      claim: 'the manager of another domain cannot change a user of the tenant',
      rule: 'identity:update_user',
      ask: (session) => updateUser(session, grantee.id, { description: changed }),
      effect: async () => (await getUser(operator, grantee.id)).description === changed,
    }),
    family.check({
      ...common,
      id: 'update-project',
      claim: 'the manager of another domain cannot change a project of the tenant',
      rule: 'identity:update_project',
      ask: (session) => updateProject(session, project.id, { description: changed }),
      effect: async () => (await getProject(operator, project.id)).description === changed,
    }),
    family.check({
      ...common,
      id: 'update-group',
      claim: 'the manager of another domain cannot change a group of the tenant',
      rule: 'identity:update_group',
      ask: (session) => updateGroup(session, group.id, { description: changed }),
      effect: async () => (await getGroup(operator, group.id)).description === changed,
    }),
    family.check({
      ...common,
      id: 'join-group',
      claim: 'the manager of another domain cannot add its user to a group of the tenant',
      rule: 'identity:add_user_to_group',
      ask: (session) => createGroupMember(session, group.id, foreign.account.user.id),
      effect: () => isGroupMember(operator, group.id, foreign.account.user.id),
    }),
    family.check({
      ...common,
      id: 'grant',
      claim: 'the manager of another domain cannot grant its user a role on a project of the tenant',
      rule: 'identity:create_grant',
      ask: (session) => createGrant(session, wanted),
      effect: () => isGranted(operator, wanted),
    }),
  ])
}
