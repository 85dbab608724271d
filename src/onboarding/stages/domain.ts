import { createDomain, findDomain, updateDomain } from '../../openstack/keystone/domains.ts'
import type { Domain } from '../../openstack/keystone/domains.ts'
import { createGrant } from '../../openstack/keystone/grants.ts'
import { listReach } from '../../openstack/keystone/reach.ts'
import { listRoleAssignments } from '../../openstack/keystone/role-assignments.ts'
import type { RoleAssignment } from '../../openstack/keystone/role-assignments.ts'
import { isAdminRole, isSameRole } from '../../openstack/keystone/role-names.ts'
import { createUser, updateUser } from '../../openstack/keystone/users.ts'
import { managerRole } from '../../tenant/actors.ts'
import { describe } from '../../tenant/names.ts'
import { ensurePassword } from '../../tenant/password.ts'
import { secretNames } from '../../tenant/sessions.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { findAccount, passwordChange, withUsablePassword } from '../account.ts'
import type { Account } from '../account.ts'
import { renderAssignment } from '../assignment.ts'
import { descriptionChange, disabledAs, isOurs } from '../ownership.ts'
import type { Resource } from '../resource.ts'
import type { Stage } from '../stage.ts'

/*
 * The operator's part: the domain and its one domain manager, which holds exactly `manager` on it. The tenant's own
 * accounts make everything below.
 */

const operator = { actor: 'operator' } as const

export function domainOf({ spec, names }: Tenant): Resource<Domain, 'operator'> {
  const wanted = spec.description ?? `tenant ${spec.tenant}`
  return {
    id: 'domain/domain',
    stage: 'domain',
    kind: 'domain',
    name: names.domain,
    identity: operator,
    inside: [],
    needs: [],
    async observe({ session }) {
      const found = await findDomain(session, names.domain)
      return found === undefined ? [] : [found]
    },
    compare: (found, known) => ({
      isOurs: isOurs(spec.tenant, known, found),
      ...disabledAs(spec.tenant, found),
      changes: [...descriptionChange(spec.tenant, wanted, found.description)],
    }),
    create: ({ session }) => createDomain(session, { name: names.domain, description: describe(spec.tenant, wanted) }),
    update: ({ session }, found) => {
      const [description] = descriptionChange(spec.tenant, wanted, found.description)
      return updateDomain(session, found.id, {
        ...(found.enabled ? {} : { enabled: true }),
        ...(description === undefined ? {} : { description: String(description.to) }),
      })
    },
  }
}

export function managerOf(tenant: Tenant): Resource<Account, 'operator'> {
  const { spec, names } = tenant
  const domain = domainOf(tenant)
  const secret = secretNames.manager
  return {
    id: 'domain/manager',
    stage: 'domain',
    kind: 'user',
    name: names.manager,
    identity: operator,
    invalidatesSessionsOf: 'manager',
    inside: [domain.id],
    needs: [],
    observe: (look) => findAccount(look, names.manager, { domainId: look.known.need(domain).id, secret }),
    compare: (found, known) => ({
      isOurs: isOurs(spec.tenant, known, found),
      ...disabledAs(spec.tenant, found),
      changes: [
        ...descriptionChange(spec.tenant, 'domain manager', found.description),
        ...passwordChange(isOurs(spec.tenant, known, found), found),
      ],
    }),
    async create(work) {
      const { session, known, secrets } = work
      const password = await ensurePassword(session, secrets, secret)
      const description = describe(spec.tenant, 'domain manager')
      const fields = { name: names.manager, domain_id: known.need(domain).id, password, description }
      return withUsablePassword(work, await createUser(session, fields), { secret, set: 'first' })
    },
    async update(work, found) {
      const { session, known, secrets } = work
      const isKnown = isOurs(spec.tenant, known, found)
      const [description] = descriptionChange(spec.tenant, 'domain manager', found.description)
      const updated = await updateUser(session, found.id, {
        ...(found.enabled ? {} : { enabled: true }),
        ...(description === undefined ? {} : { description: String(description.to) }),
        ...(isKnown ? {} : { password: await ensurePassword(session, secrets, secret) }),
      })
      return withUsablePassword(work, updated, { secret, set: isKnown ? undefined : 'again' })
    },
  }
}

/** `manager` on the domain. The gate checks that it is the only assignment. */
export function managerGrantOf(tenant: Tenant): Resource<RoleAssignment, 'operator'> {
  const { names } = tenant
  const domain = domainOf(tenant)
  const manager = managerOf(tenant)
  return {
    id: 'domain/manager-role',
    stage: 'domain',
    kind: 'role',
    isIdempotent: true,
    name: `${managerRole} of ${names.manager} on domain ${names.domain}`,
    identity: operator,
    invalidatesSessionsOf: 'manager',
    inside: [domain.id, manager.id],
    needs: [],
    async observe({ session, known }) {
      const userId = known.need(manager).id
      const all = await listRoleAssignments(session, { userId, includesNames: true })
      return all.filter((one) => isDirect(one, managerRole, known.need(domain).id))
    },
    compare: () => ({ isOurs: true, changes: [] }),
    async create({ session, known }) {
      const userId = known.need(manager).id
      const domainId = known.need(domain).id
      const roleId = known.shared.roleId(managerRole)
      await createGrant(session, { roleId, to: { kind: 'user', id: userId }, on: { kind: 'domain', id: domainId } })
      return { role: { id: roleId, name: managerRole }, user: { id: userId }, scope: { domain: { id: domainId } } }
    },
  }
}

function isDirect({ role, scope }: RoleAssignment, name: string, domainId: string): boolean {
  return isSameRole(role.name, name) && scope.domain?.id === domainId && scope['OS-INHERIT:inherited_to'] === undefined
}

export const domainStage: Stage<'domain'> = {
  name: 'domain',
  resources: (tenant) => [domainOf(tenant), managerOf(tenant), managerGrantOf(tenant)],
  gates: [
    {
      name: 'complete',
      async check({ tenant, known, read }) {
        const { names } = tenant
        const { id } = known.need(domainOf(tenant))
        const userId = known.need(managerOf(tenant)).id
        const [domain, direct, reach] = await Promise.all([
          read(operator, (session) => findDomain(session, names.domain)),
          read(operator, (session) => listRoleAssignments(session, { userId, includesNames: true })),
          // groups, inheritance and the system resolved to the user
          read(operator, (session) => listReach(session, [userId])),
        ])
        domain
          .about(domainOf(tenant))
          .claim(
            `domain ${names.domain} is enabled`,
            domain.value?.id === id && domain.value.enabled,
            { id: domain.value?.id ?? null, name: names.domain },
            'tenant could',
          )
        direct
          .about(managerGrantOf(tenant))
          .claim(
            `${names.manager} holds exactly ${managerRole} on domain ${names.domain}`,
            direct.value.length === 1 && direct.value.every((one) => isDirect(one, managerRole, id)),
            direct.value.map(renderAssignment),
          )
        const held = reach.value.get(userId) ?? []
        const elsewhere = held.filter(({ scope }) => scope.domain?.id !== id)
        reach
          .about(managerOf(tenant))
          .claim(
            `${names.manager} reaches nothing else by a group, by inheritance or on the system`,
            elsewhere.length === 0 && !held.some(({ role }) => isAdminRole(role.name)),
            held.map(renderAssignment),
          )
      },
    },
  ],
}
