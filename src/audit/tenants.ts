/** What the accounts of tenants hold, compared with the table. */
import type { Finding } from '../finding.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { isSameRole } from '../openstack/keystone/role-names.ts'
import type { Role } from '../openstack/keystone/roles.ts'
import type { User } from '../openstack/keystone/users.ts'
import { managerRole } from '../tenant/actors.ts'
import { marker, tenantNames } from '../tenant/names.ts'
import { domainOf, holderDomain, holderName, renderHolding, revocation } from './holdings.ts'
import type { Holding, Holdings } from './holdings.ts'
import type { CloudInventory, GroupMember } from './inventory.ts'
import { rowOf } from './role-table.ts'
import type { AccountRow, RoleTable } from './role-table.ts'

/** Domains that count as tenants: by our marker, by the account that each has, or by a file that names them. */
export function tenantDomains(
  inventory: CloudInventory,
  holdings: Holdings,
  named: readonly string[],
): readonly Domain[] {
  return inventory.domains.filter(({ id, name, description }) => {
    if (named.includes(name) || description?.includes(marker(name)) === true) return true
    const manager = tenantNames(name).manager
    return (holdings.usersIn.get(id) ?? []).some((user) => user.name === manager)
  })
}

export type TenantAudit = {
  readonly holdings: Holdings
  readonly table: RoleTable
  readonly domains: readonly Domain[]
  /** Ids of the roles that are admin or imply it. */
  readonly adminRoles: ReadonlySet<string>
  readonly unreadDomains: ReadonlySet<string>
}

export function auditTenants(audit: TenantAudit): readonly Finding[] {
  const { holdings, table, domains } = audit
  const ids = new Set(domains.map(({ id }) => id))
  return [
    ...domains.flatMap((domain) =>
      (holdings.usersIn.get(domain.id) ?? []).flatMap((user) => auditAccount(audit, domain, user)),
    ),
    ...domains
      .filter(({ id }) => !audit.unreadDomains.has(id))
      .flatMap((domain) => absentAccounts(table, holdings, domain)),
    ...holdings.all.flatMap((holding) => auditForeign(audit, ids, holding)),
    ...holdings.all.flatMap((holding) => auditGroup(audit, ids, holding)),
    ...holdings.all.flatMap((holding) => auditMembers(ids, holding)),
  ]
}

/**
 * `row`: the table allows it. `outside`: an account outside all tenants, on a place outside all tenants, of which the
 * table says nothing. Otherwise it is a finding.
 */
export function matchOf(
  audit: TenantAudit,
  tenants: ReadonlyMap<string, Domain>,
  holding: Holding,
): 'row' | 'outside' | undefined {
  const from = tenants.get(holderDomain(holding))
  if (from === undefined) return tenants.has(domainOf(holding.on) ?? '') ? undefined : 'outside'
  if (graveFinding(audit, from, holding) !== undefined) return undefined
  const { holder } = holding
  const row = holder.kind === 'user' ? rowOf(audit.table, from.name, holder.user.name) : openRow(audit.table)
  return row !== undefined && (row.match === 'at-least' || isCovered(row, from, holding)) ? 'row' : undefined
}

/** The row of all accounts of a tenant that have no row of their own. */
export function openRow({ accounts }: RoleTable): AccountRow | undefined {
  return accounts.find(({ account, domain }) => account === '*' && domain === '{tenant}')
}

/** Members from another domain bring somebody into a tenant, or take somebody out of it. */
function auditMembers(tenants: ReadonlySet<string>, holding: Holding): readonly Finding[] {
  const { holder } = holding
  if (holder.kind !== 'group') return []
  const { group } = holder
  return holder.members
    .filter((member) => !isMatchedMember(member, group, tenants))
    .map((member) => ({
      code: 'audit/foreign-member',
      severity: 'error',
      where: `user ${member.name}`,
      message: `user \`${member.name}\` holds ${renderHolding(holding)} through group \`${group.name}\`, which is in another domain`,
      remedy: `openstack group remove user ${group.id} ${member.id}`,
      owner: 'operator',
    }))
}

export function isMatchedMember(
  member: GroupMember,
  group: { readonly domain_id: string },
  tenants: ReadonlySet<string>,
): boolean {
  const [from, to] = [member.domain_id, group.domain_id]
  return from === to || (!tenants.has(from) && !tenants.has(to))
}

function auditAccount(audit: TenantAudit, domain: Domain, user: User): readonly Finding[] {
  const held = audit.holdings.ofUser.get(user.id) ?? []
  const row = rowOf(audit.table, domain.name, user.name)
  const grave = held.map((holding) => ({ holding, finding: graveFinding(audit, domain, holding) }))
  const plain = grave.flatMap(({ holding, finding }) => (finding === undefined ? [holding] : []))
  const found = grave.flatMap(({ finding }) => finding ?? [])
  return row === undefined
    ? found
    : [...found, ...surplus(audit.table, domain, user, row, plain), ...missing(audit, domain, user, row, held)]
}

/** What no account in a tenant's domain may hold, whatever its row says. */
function graveFinding({ adminRoles }: TenantAudit, domain: Domain, holding: Holding): Finding | undefined {
  const { role, on, holder } = holding
  const who = holderName(holding)
  const common = {
    severity: 'error',
    where: `${holder.kind} ${who}`,
    remedy: revocation(holding),
    owner: 'operator',
  } as const
  const what = `${holder.kind} \`${who}\` of tenant \`${domain.name}\` holds ${renderHolding(holding)}`
  if (adminRoles.has(role.id))
    return { ...common, code: 'audit/admin-in-tenant', message: `${what}: no domain confines admin` }
  if (on.kind === 'system')
    return { ...common, code: 'audit/system-grant', message: `${what}: a tenant must have no role on the system` }
  if (domainOf(on) !== domain.id)
    return { ...common, code: 'audit/out-of-domain', message: `${what}, outside its own domain` }
  if (role.domain_id !== null)
    return {
      ...common,
      code: 'audit/domain-role',
      message: `${what}, a role of its own domain: a rule by name takes it for the global one`,
    }
  if (isSameRole(role.name, managerRole) && (on.kind === 'project' || holding.isInherited))
    return {
      ...common,
      code: 'audit/manager-on-project',
      message: `${what}: \`manager\` is for a domain, and some rules ask for the role alone`,
    }
  return undefined
}

function surplus(
  table: RoleTable,
  domain: Domain,
  user: User,
  row: AccountRow,
  held: readonly Holding[],
): readonly Finding[] {
  if (row.match === 'at-least') return []
  return held
    .filter((holding) => !isCovered(row, domain, holding))
    .map((holding): Finding => {
      const isManager = user.name === tenantNames(domain.name).manager
      const isOpen = row.account === '*'
      return {
        code: isManager ? 'audit/manager-surplus' : isOpen ? 'audit/unmanaged-role' : 'audit/account-surplus',
        severity: isOpen ? 'warning' : 'error',
        where: `user ${user.name}`,
        message: `user \`${user.name}\` holds ${renderHolding(holding)}${purpose(table, holding.role)}, and its row allows ${renderRow(row)}`,
        remedy: revocation(holding),
        owner: isManager ? 'operator' : 'tenant',
      }
    })
}

/** An account without roles does not deviate from a row that allows it to be missing: it can do nothing. */
function missing(
  audit: TenantAudit,
  domain: Domain,
  user: User,
  row: AccountRow,
  held: readonly Holding[],
): readonly Finding[] {
  if (row.match === 'at-most' || row.on === 'nowhere') return []
  const direct = held.filter(({ isInherited }) => !isInherited)
  const places =
    row.on === 'own-domain'
      ? [{ kind: 'domain' as const, id: domain.id, name: domain.name }]
      : (audit.holdings.projectsIn.get(domain.id) ?? [])
          .filter((project) => direct.some(({ on }) => on.kind === 'project' && on.project.id === project.id))
          .map(({ id, name }) => ({ kind: 'project' as const, id, name }))
  const finding = (message: string, remedy: string): Finding => ({
    code: 'audit/account-missing-role',
    severity: 'error',
    where: `user ${user.name}`,
    message,
    remedy,
    owner: row.on === 'own-domain' ? 'operator' : 'tenant',
  })
  if (places.length === 0) {
    const command = row.roles
      .map((name) => `openstack role add --user ${user.id} --project <project> ${name}`)
      .join(' && ')
    return [
      finding(`user \`${user.name}\` holds nothing on any project, and its row requires ${renderRow(row)}`, command),
    ]
  }
  return places.flatMap((place) =>
    row.roles
      .filter((name) => !direct.some((holding) => isSameRole(holding.role.name, name) && isOn(holding, place)))
      .map((name) =>
        finding(
          `user \`${user.name}\` lacks ${name} on ${place.kind} \`${place.name}\`: ${row.because}`,
          `openstack role add --user ${user.id} --${place.kind} ${place.id} ${name}`,
        ),
      ),
  )
}

function isOn({ on }: Holding, place: { readonly kind: 'project' | 'domain'; readonly id: string }): boolean {
  return on.kind === 'project'
    ? place.kind === 'project' && on.project.id === place.id
    : on.kind === 'domain' && place.kind === 'domain' && on.domain.id === place.id
}

function isCovered(row: AccountRow, domain: Domain, { role, on, isInherited }: Holding): boolean {
  if (!row.roles.some((name) => isSameRole(name, role.name))) return false
  switch (row.on) {
    case 'nowhere':
      return false
    case 'anywhere':
      return true
    case 'own-domain':
      return on.kind === 'domain' && on.domain.id === domain.id && !isInherited
    case 'own-projects':
      // users may have a managed role on all projects at once; an account of the table only where it works
      return on.kind === 'project'
        ? row.account === '*' || !on.project.is_domain
        : row.account === '*' && on.kind === 'domain'
  }
}

function absentAccounts(table: RoleTable, { usersIn }: Holdings, domain: Domain): readonly Finding[] {
  const users = usersIn.get(domain.id) ?? []
  return table.accounts
    .filter((row) => row.domain === '{tenant}' && !row.optional && row.account !== '*')
    .map((row) => ({ row, name: row.account.replaceAll('{tenant}', domain.name) }))
    .filter(({ name }) => !users.some((user) => user.name === name))
    .map(({ row, name }) => ({
      code: 'audit/account-absent',
      severity: 'error',
      where: `domain ${domain.name}`,
      message: `tenant \`${domain.name}\` has no account \`${name}\`: ${row.because}`,
      remedy: 'tenant-onboard apply, with the file of this tenant',
      owner: 'operator',
    }))
}

/** Foreign accounts on a tenant's domain or projects. */
function auditForeign(audit: TenantAudit, tenants: ReadonlySet<string>, holding: Holding): readonly Finding[] {
  const at = domainOf(holding.on)
  const from = holderDomain(holding)
  // `out-of-domain` covers a tenant's own users
  if (at === undefined || !tenants.has(at) || from === at || tenants.has(from)) return []
  const who = holderName(holding)
  // an administrator of the cloud can do the same without this role
  const isNothingNew = audit.adminRoles.has(holding.role.id) && isAdministrator(audit, tenants, holding)
  return [
    {
      code: 'audit/foreign-grant',
      severity: isNothingNew ? 'warning' : 'error',
      where: `${holding.holder.kind} ${who}`,
      message: `${holding.holder.kind} \`${who}\`, of no tenant, holds ${renderHolding(holding)}: a tenant's domain is for its own accounts`,
      remedy: revocation(holding),
      owner: 'operator',
    },
  ]
}

/**
 * True if the holder has admin of the system or of a project outside all tenants: itself, or through a group. Admin of a domain is
 * no more than that where the policy confines it, as Magnum's is on a charmed cloud.
 */
function isAdministrator(
  { holdings, adminRoles }: TenantAudit,
  tenants: ReadonlySet<string>,
  { holder }: Holding,
): boolean {
  const isHeldBy = (other: Holding['holder']): boolean => {
    if (other.kind === 'user') return holder.kind === 'user' && other.user.id === holder.user.id
    return holder.kind === 'user'
      ? other.members.some(({ id }) => id === holder.user.id)
      : other.group.id === holder.group.id
  }
  return holdings.all.some(
    ({ role, on, holder: other }) =>
      adminRoles.has(role.id) && on.kind !== 'domain' && !tenants.has(domainOf(on) ?? '') && isHeldBy(other),
  )
}

function auditGroup(audit: TenantAudit, tenants: ReadonlySet<string>, holding: Holding): readonly Finding[] {
  const { holder } = holding
  if (holder.kind !== 'group' || !tenants.has(holder.group.domain_id)) return []
  const domain = audit.holdings.domains.get(holder.group.domain_id)
  if (domain === undefined) return []
  const grave = graveFinding(audit, domain, holding)
  if (grave !== undefined) return [grave]
  const row = openRow(audit.table)
  const found: Finding[] = []
  if (row !== undefined && !isCovered(row, domain, holding))
    found.push({
      code: 'audit/unmanaged-role',
      severity: 'warning',
      where: `group ${holder.group.name}`,
      message: `group \`${holder.group.name}\` of tenant \`${domain.name}\` holds ${renderHolding(holding)}, and its users may have ${renderRow(row)}`,
      remedy: revocation(holding),
      owner: 'tenant',
    })
  // exactly also means through no group: a service account in a group holds what the group holds
  for (const user of holder.members) {
    const own = rowOf(audit.table, domain.name, user.name)
    if (user.domain_id !== domain.id || own?.match !== 'exactly') continue
    found.push({
      code: 'audit/account-surplus',
      severity: 'error',
      where: `user ${user.name}`,
      message: `user \`${user.name}\` holds ${renderHolding(holding)} through group \`${holder.group.name}\`, and its row allows ${renderRow(own)}`,
      remedy: `openstack group remove user ${holder.group.id} ${user.id}`,
      owner: 'tenant',
    })
  }
  return found
}

/** The purpose of a role in the table. */
function purpose({ roles }: RoleTable, role: Role): string {
  const known = roles.find(({ name }) => isSameRole(name, role.name))
  return known === undefined ? '' : ` (${known.because})`
}

function renderRow({ roles, match, on }: AccountRow): string {
  const list = roles.join(' and ')
  return `${match === 'exactly' ? 'exactly ' : match === 'at-most' ? 'at most ' : ''}${list} on its ${on === 'own-domain' ? 'domain' : 'projects'}`
}
