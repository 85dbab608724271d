import {
  createImpliedRole,
  createRole,
  deleteRole,
  findRole,
  getRole,
  listRoleInferences,
  listRoles,
  updateRole,
} from '../../openstack/keystone/roles.ts'
import type { Role } from '../../openstack/keystone/roles.ts'
import { isGone } from '../../probes/absence.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'

/** Roles belong to the cloud: a tenant that could make one, rename it or let it imply another could have any role. */
export async function probeRoles(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, role, roles, throwaways } = fixture
  const common = { as: manager, expected: 'refused', code: 'isolation/escalation' } as const
  const changed = `${throwaways.description} changed by a probe`
  const global = throwaways.name('made-role')
  const specific = throwaways.name('domain-role')
  const find = async (): Promise<Role | undefined> =>
    (await listRoles(operator, { domain_id: own.domainId })).find(({ name }) => name === specific)
  await Promise.all([
    family.check<Role>({
      ...common,
      id: 'create',
      claim: 'a manager cannot create a role',
      whom: 'the roles of the cloud',
      rule: 'identity:create_role',
      ask: (session) =>
        throwaways.make({
          kind: 'role',
          name: global,
          create: () => createRole(session, { name: global, description: throwaways.description }),
          find: () => findRole(operator, global),
          remove: ({ id }) => deleteRole(operator, id),
        }),
      effect: async () => (await findRole(operator, global)) !== undefined,
    }),
    family.check<Role>({
      ...common,
      id: 'create-in-domain',
      claim: 'a manager cannot create a role of its own domain, which a rule by name would take for the global one',
      whom: 'its own domain',
      rule: 'identity:create_domain_role',
      ask: (session) =>
        throwaways.make({
          kind: 'role',
          name: specific,
          create: () =>
            createRole(session, { name: specific, domain_id: own.domainId, description: throwaways.description }),
          find,
          remove: ({ id }) => deleteRole(operator, id),
        }),
      effect: async () => (await find()) !== undefined,
    }),
    family.check({
      as: manager,
      expected: 'reported',
      id: 'list',
      claim: 'the roles that a manager can list',
      whom: 'the roles of the cloud',
      rule: 'identity:list_roles',
      ask: (session) => listRoles(session),
      shows: (list) => list.length > 0,
      describe: (list) => list.map(({ name }) => name).join(', '),
    }),
  ])
  await family.check({
    ...common,
    id: 'update',
    claim: 'a manager cannot rename a role',
    whom: 'a throwaway role',
    rule: 'identity:update_role',
    ask: (session) => updateRole(session, role.id, { description: changed }),
    effect: async () => (await getRole(operator, role.id)).description === changed,
  })
  // not admin: Keystone's own setting refuses that, whatever the policy says (`[assignment] prohibited_implied_role`)
  const implied = roles.manager ?? roles.byName('reader')
  if (implied !== undefined)
    await family.check({
      ...common,
      id: 'imply',
      claim: 'a manager cannot let a role imply another',
      whom: 'a throwaway role that nobody holds',
      rule: 'identity:create_implied_role',
      ask: (session) => createImpliedRole(session, role.id, implied.id),
      effect: async () => (await listRoleInferences(operator)).some(({ prior_role }) => prior_role.id === role.id),
    })
  await family.check({
    ...common,
    id: 'delete',
    claim: 'a manager cannot delete a role',
    whom: 'a throwaway role',
    rule: 'identity:delete_role',
    ask: (session) => deleteRole(session, role.id),
    effect: () => isGone(getRole(operator, role.id)),
  })
}
