/** The roles of the cloud, accounts outside of tenants, and trusts between tenants. */
import type { Finding } from '../finding.ts'
import { isAdminRole, isSameRole } from '../openstack/keystone/role-names.ts'
import { managerRole } from '../tenant/actors.ts'
import { renderHolding, revocation } from './holdings.ts'
import type { Holdings } from './holdings.ts'
import type { CloudInventory } from './inventory.ts'
import { fits } from './role-table.ts'
import type { RoleTable } from './role-table.ts'

/** For each role: what it must not imply, and what a native domain manager needs it to imply. */
export function auditRoles(
  inventory: CloudInventory,
  adminRoles: ReadonlySet<string>,
  options: { readonly managedRoles: readonly string[]; readonly isPersonaNative: boolean },
): readonly Finding[] {
  const { roles, inferences } = inventory
  const nameOf = (id: string): string => roles.find((role) => role.id === id)?.name ?? id
  const impliesOf = (name: string): readonly string[] =>
    inferences
      .filter(({ prior_role }) => isSameRole(prior_role.name, name))
      .flatMap(({ implies }) => implies.map((role) => role.name))
  const found: Finding[] = []
  for (const id of adminRoles) {
    const name = nameOf(id)
    if (isAdminRole(name)) continue
    found.push({
      code: 'audit/role-implies-admin',
      severity: 'error',
      where: `role ${name}`,
      message: `role \`${name}\` implies admin: its holders are admin, and a rule that compares the name does not see it`,
      remedy: `openstack implied role delete ${name} --implied-role <the role on the way to admin>`,
      owner: 'operator',
    })
  }
  for (const name of options.managedRoles) {
    const surplus = impliesOf(name).filter(
      (implied) => !['reader', ...options.managedRoles].some((one) => isSameRole(one, implied)),
    )
    for (const implied of surplus)
      found.push({
        code: 'audit/managed-role-implies',
        severity: 'error',
        where: `role ${name}`,
        message: `role \`${name}\`, which domain managers grant, implies \`${implied}\`, which they must not`,
        remedy: `openstack implied role delete ${name} --implied-role ${implied}`,
        owner: 'operator',
      })
  }
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
      const domains = inventory.domains.filter(({ id, name }) =>
        row.domain === '{operator}' ? inventory.operatorDomains.has(id) : name === row.domain,
      )
      const users = domains.flatMap(({ id, name }) =>
        (holdings.usersIn.get(id) ?? []).filter((user) => fits(row.account, name, user.name)),
      )
      const projects = inventory.projects.filter(({ name }) => name === row.project)
      if (row.project !== undefined && projects.length === 0) return []
      if (users.length === 0 && !row.optional)
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
        const held = (holdings.ofUser.get(user.id) ?? []).filter(
          ({ on }) => row.project === undefined || (on.kind === 'project' && on.project.name === row.project),
        )
        const lacks =
          row.match === 'at-most'
            ? []
            : row.roles.filter((name) => !held.some(({ role }) => isSameRole(role.name, name)))
        const surplus =
          row.match === 'at-least'
            ? []
            : held.filter(({ role }) => !row.roles.some((name) => isSameRole(name, role.name)))
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
          ...surplus.map((holding): Finding => ({
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

/** A trust between users of two tenants delegates roles across tenants. */
export function auditTrusts(
  { trusts }: CloudInventory,
  { users, domains }: Holdings,
  tenants: ReadonlySet<string>,
): readonly Finding[] {
  return trusts.flatMap((trust): readonly Finding[] => {
    const trustor = users.get(trust.trustor_user_id)
    const trustee = users.get(trust.trustee_user_id)
    if (trustor === undefined || trustee === undefined) return []
    if (!tenants.has(trustor.domain_id) || !tenants.has(trustee.domain_id) || trustor.domain_id === trustee.domain_id)
      return []
    const name = (id: string): string => domains.get(id)?.name ?? id
    return [
      {
        code: 'audit/trust-across-tenants',
        severity: 'error',
        where: `trust ${trust.id}`,
        message: `\`${trustor.name}\` of tenant \`${name(trustor.domain_id)}\` has delegated roles to \`${trustee.name}\` of tenant \`${name(trustee.domain_id)}\``,
        remedy: `openstack trust delete ${trust.id}`,
        owner: 'tenant',
      },
    ]
  })
}
