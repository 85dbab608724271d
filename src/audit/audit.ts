/** Does every account of a cloud hold the expected roles, no more and no less? Read-only. */
import type { Finding } from '../finding.ts'
import type { Session } from '../openstack/session.ts'
import { magnumDomainAdmin, magnumDomainOf } from '../tenant/cloud-facts.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { auditCredentials, credentialOwners } from './credentials.ts'
import { auditDrift } from './drift.ts'
import { holdingsOf } from './holdings.ts'
import { readApplicationCredentials, readInventory } from './inventory.ts'
import { auditMagnum, dependencesOf } from './magnum.ts'
import type { Dependence } from './magnum.ts'
import { auditFixedAccounts, auditRoles, auditTrusts } from './roles.ts'
import { defaultTable } from './role-table.ts'
import type { RoleTable } from './role-table.ts'
import { adminRolesOf, auditTenants, tenantDomains } from './tenants.ts'

export type AuditOptions = {
  readonly operator: Session<'operator'>
  /** The given files; their tenants are compared with them as well. */
  readonly tenants: readonly Tenant[]
  readonly table?: RoleTable
  readonly managedRoles: readonly string[]
  readonly magnum?: { readonly domain: string; readonly admin: string }
  /** True if this cloud uses Keystone's own domain manager, without an override. */
  readonly isPersonaNative?: boolean
  /** Reads the application credentials of every user: one request each. */
  readonly isDeep?: boolean
}

export type Audit = {
  readonly findings: readonly Finding[]
  /** The accounts that must not be deleted or disabled, and why. */
  readonly dependences: readonly Dependence[]
  readonly counted: {
    readonly tenants: number
    readonly users: number
    readonly assignments: number
    readonly credentials: number
  }
}

export async function audit(options: AuditOptions): Promise<Audit> {
  const { operator, tenants, table = defaultTable, managedRoles } = options
  const magnum = options.magnum ?? { domain: magnumDomainOf({}), admin: magnumDomainAdmin }
  const inventory = await readInventory(operator)
  const holdings = holdingsOf(inventory)
  const adminRoles = adminRolesOf(inventory)
  const domains = tenantDomains(
    inventory,
    holdings,
    tenants.map(({ names }) => names.domain),
  )
  const ids = new Set(domains.map(({ id }) => id))
  const owners = credentialOwners(inventory, holdings, table, domains, options.isDeep === true)
  const [credentials, drift] = await Promise.all([
    readApplicationCredentials(operator, owners),
    auditDrift(operator, inventory, holdings, tenants),
  ])
  const findings = [
    ...auditTenants({ holdings, table, domains, adminRoles }),
    ...auditFixedAccounts(inventory, holdings, table),
    ...auditRoles(inventory, adminRoles, { managedRoles, isPersonaNative: options.isPersonaNative === true }),
    ...auditTrusts(inventory, holdings, ids),
    ...auditMagnum({ inventory, holdings, adminRoles, magnum }),
    ...auditCredentials(credentials, holdings, { table, adminRoles, tenants: ids }),
    ...drift,
  ]
  return {
    findings,
    dependences: dependencesOf({ inventory, holdings }),
    counted: {
      tenants: domains.length,
      users: inventory.users.length,
      assignments: inventory.assignments.length,
      credentials: [...credentials.values()].flat().length,
    },
  }
}
