/** The roles of the cloud, and accounts outside of tenants. */
import type { Finding } from '../finding.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { isSameRole } from '../openstack/keystone/role-names.ts'
import type { User } from '../openstack/keystone/users.ts'
import { managerRole } from '../tenant/actors.ts'
import { impliedTooMuch } from '../tenant/implied-roles.ts'
import { renderHolding, revocation } from './holdings.ts'
import type { Holding, Holdings } from './holdings.ts'
import type { CloudInventory } from './inventory.ts'
import { fits } from './role-table.ts'
import type { AccountRow, RoleTable } from './role-table.ts'

/** For each role: what it must not imply, and what a native domain manager needs it to imply. */
export function auditRoles(
  inventory: CloudInventory,
  options: { readonly managedRoles: readonly string[]; readonly isPersonaNative: boolean },
): readonly Finding[] {
  const impliesOf = (name: string): readonly string[] =>
    inventory.inferences
      .filter(({ prior_role }) => isSameRole(prior_role.name, name))
      .flatMap(({ implies }) => implies.map((role) => role.name))
  const found = impliedTooMuch(inventory, options.managedRoles).map(({ kind, role, message, remedy }): Finding => ({
    code: `audit/${kind}`,
    severity: 'error',
    where: `role ${role}`,
    message,
    remedy,
    owner: 'operator',
  }))
  if (!options.isPersonaNative) return found
  for (const [prior, implied] of [
    [managerRole, 'member'],
    ['member', 'reader'],
  ] as const)
    if (!impliesOf(prior).some((name) => isSameRole(name, implied)))
      found.push({
        code: 'audit/implied-role-missing',
        severity: 'error',
        where: `role ${prior}`,
        message: `\`${prior}\` does not imply \`${implied}\`: the native domain manager lists as reader, so it cannot list`,
        remedy: `openstack implied role create ${prior} --implied-role ${implied}`,
        owner: 'operator',
      })
  return found
}

/** Rows of the table about accounts outside of tenants. */
export function auditFixedAccounts(
  inventory: CloudInventory,
  holdings: Holdings,
  table: RoleTable,
): readonly Finding[] {
  return table.accounts
    .filter(({ domain }) => domain !== '{tenant}')
    .flatMap((row): readonly Finding[] => {
      const users = usersOf(row, inventory, holdings)
      const projects = inventory.projects.filter(({ name }) => name === row.project)
      if (row.project !== undefined && projects.length === 0) return []
      const isUnread = domainsOf(row, inventory).some(({ id }) => inventory.unreadDomains.has(id))
      if (users.length === 0 && !row.optional && !isUnread)
        return [
          {
            code: 'audit/account-absent',
            severity: 'error',
            where: `domain ${row.domain}`,
            message: `there is no account \`${row.account}\` in domain \`${row.domain}\`: ${row.because}`,
            remedy: `openstack user create --domain ${row.domain} --password-prompt ${row.account}`,
            owner: 'operator',
          },
        ]
      return users.flatMap((user) => {
        const held = heldUnder(row, user, holdings)
        const lacks =
          row.match === 'at-most'
            ? []
            : row.roles.filter((name) => !held.some(({ role }) => isSameRole(role.name, name)))
        const [project] = projects
        return [
          ...lacks.map((name): Finding => ({
            code: 'audit/account-missing-role',
            severity: 'error',
            where: `user ${user.name}`,
            message: `user \`${user.name}\` lacks ${name}${row.project === undefined ? '' : ` on project \`${row.project}\``}: ${row.because}`,
            remedy: `openstack role add --user ${user.id} ${project === undefined ? '--project <project>' : `--project ${project.id}`} ${name}`,
            owner: 'operator',
          })),
          ...surplusOf(row, held).map((holding): Finding => ({
            code: 'audit/account-surplus',
            severity: 'error',
            where: `user ${user.name}`,
            message: `user \`${user.name}\` holds ${renderHolding(holding)}, which is not in its row: ${row.because}`,
            remedy: revocation(holding),
            owner: 'operator',
          })),
        ]
      })
    })
}

/** What accounts outside of tenants hold beyond their rows. */
export function surplusOfFixedAccounts(
  inventory: CloudInventory,
  holdings: Holdings,
  table: RoleTable,
): readonly Holding[] {
  return table.accounts
    .filter(({ domain }) => domain !== '{tenant}')
    .flatMap((row) =>
      usersOf(row, inventory, holdings).flatMap((user) => surplusOf(row, heldUnder(row, user, holdings))),
    )
}

function domainsOf(row: AccountRow, inventory: CloudInventory): readonly Domain[] {
  return inventory.domains.filter(({ id, name }) =>
    row.domain === '{operator}' ? inventory.operatorDomains.has(id) : name === row.domain,
  )
}

function usersOf(row: AccountRow, inventory: CloudInventory, holdings: Holdings): readonly User[] {
  return domainsOf(row, inventory).flatMap(({ id, name }) =>
    (holdings.usersIn.get(id) ?? []).filter((user) => fits(row.account, name, user.name)),
  )
}

function heldUnder(row: AccountRow, user: User, holdings: Holdings): readonly Holding[] {
  return (holdings.ofUser.get(user.id) ?? []).filter(
    ({ on }) => row.project === undefined || (on.kind === 'project' && on.project.name === row.project),
  )
}

function surplusOf(row: AccountRow, held: readonly Holding[]): readonly Holding[] {
  return row.match === 'at-least'
    ? []
    : held.filter(({ role }) => !row.roles.some((name) => isSameRole(name, role.name)))
}
