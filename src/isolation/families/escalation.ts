/** Escalation: every grant that a manager must not be able to make, for every kind of grantee and scope. */
import { runNamed } from '../../probes/throwaway/run.ts'
import { createGrant, isGranted } from '../../openstack/keystone/grants.ts'
import type { Grantee, GrantScope } from '../../openstack/keystone/grants.ts'
import type { RoleAssignment } from '../../openstack/keystone/role-assignments.ts'
import type { VerificationFixture } from '../fixture.ts'
import type { Family } from '../../probes/checks.ts'
import { heldAfter } from '../../probes/held.ts'
import { sendForged } from '../../probes/injection.ts'

export async function probeEscalation(family: Family, fixture: VerificationFixture): Promise<void> {
  await Promise.all([probeGrants(family, fixture), probeOthers(family, fixture), probeForged(family, fixture)])
}

async function probeGrants(family: Family, fixture: VerificationFixture): Promise<void> {
  const { manager, operator, own, roles, managed } = fixture
  const named = [roles.admin, roles.manager, roles.byName('reader')].filter((role) => role !== undefined)
  // the roles that this cloud lets its managers grant are no escalation
  const refused = named.filter((role) => !managed.some(({ id }) => id === role.id))
  const grantees: readonly Grantee[] = [
    { kind: 'user', id: own.grantee.id },
    { kind: 'group', id: own.group.id },
  ]
  const scopes: readonly (readonly [string, GrantScope])[] = [
    ['project', { kind: 'project', id: own.project.id }],
    ['domain', { kind: 'domain', id: own.domainId }],
    ['domain-inherited', { kind: 'domain', id: own.domainId, isInherited: true }],
    ['project-inherited', { kind: 'project', id: own.project.id, isInherited: true }],
    ['system', { kind: 'system' }],
  ]
  const tries = refused.flatMap((role) =>
    grantees.flatMap((to) => scopes.map(([scope, on]) => ({ role, to, scope, on }))),
  )
  const held = heldAfter(operator)
  await Promise.all(
    tries.map(({ role, to, scope, on }) =>
      family.check({
        id: `${role.name.toLowerCase()}-to-${to.kind}-on-${scope}`,
        claim: `a manager cannot grant ${role.name.toLowerCase()} to a ${to.kind} (${scope.replace('-', ', ')})`,
        as: manager,
        whom: `a throwaway ${to.kind} of its own domain that nobody can sign in with`,
        rule: on.kind === 'system' ? `identity:create_system_grant_for_${to.kind}` : 'identity:create_grant',
        expected: 'refused',
        code: 'isolation/escalation',
        // a reader of its own domain sees what a member there sees
        severity: role.name === 'reader' && on.kind !== 'system' ? 'warning' : 'error',
        ask: (session) => held.attempt(createGrant(session, { roleId: role.id, to, on })),
        effect: async () => (await held.by(to)).some((one) => one.role.id === role.id && isOn(one.scope, on)),
      }),
    ),
  )
}

function isOn(scope: RoleAssignment['scope'], on: GrantScope): boolean {
  if (on.kind === 'system') return scope.system !== undefined
  const isInherited = scope['OS-INHERIT:inherited_to'] !== undefined
  return scope[on.kind]?.id === on.id && isInherited === (on.isInherited === true)
}

/** Every other role of the cloud that is not a managed one: the operator's own roles may mean anything. */
async function probeOthers(
  family: Family,
  { manager, operator, own, allRoles, managed, roles, role }: VerificationFixture,
): Promise<void> {
  const known = [...managed, roles.admin, roles.manager, roles.byName('reader'), role].map((one) => one?.id)
  const others = allRoles.filter(({ id, name }) => !known.includes(id) && runNamed(name) === undefined)
  const on = { kind: 'project', id: own.project.id } as const
  const to = { kind: 'user', id: own.grantee.id } as const
  // a cloud may have hundreds: these are tried, and `policy prove` covers the rest
  const tried = others.slice(0, 20)
  await Promise.all(
    tried.map(({ id: roleId, name }) =>
      family.check({
        id: `other-${name.toLowerCase()}`,
        claim: `a manager cannot grant \`${name}\`, which is not a managed role`,
        as: manager,
        whom: 'a disabled throwaway user of its own domain',
        rule: 'identity:create_grant',
        expected: 'refused',
        code: 'isolation/escalation',
        ask: (session) => createGrant(session, { roleId, to, on }),
        effect: () => isGranted(operator, { roleId, to, on }),
      }),
    ),
  )
}

async function probeForged(
  family: Family,
  { manager, operator, own, roles, managed }: VerificationFixture,
): Promise<void> {
  const admin = roles.admin
  if (admin === undefined) return
  const to = { kind: 'user', id: own.decoyUser.id } as const
  const scopes = [
    { kind: 'domain', id: own.domainId },
    { kind: 'project', id: own.project.id },
  ] as const
  await Promise.all(
    scopes.map((on) =>
      family.check({
        id: `forged-target-on-${on.kind}`,
        claim: `a manager cannot grant admin on its ${on.kind} by a \`target\` in the body`,
        as: manager,
        whom: 'a disabled throwaway user of its own domain',
        rule: 'identity:create_grant',
        expected: 'refused',
        code: 'isolation/delegation',
        ask: (session) => sendForged(session, admin.id, { user: own.decoyUser, role: managed[0], on }),
        effect: () => isGranted(operator, { roleId: admin.id, to, on }),
      }),
    ),
  )
}
