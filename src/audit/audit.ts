/** Whether every account of a cloud holds what the table says, no more and no less. Only reads. */
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
  /** The files that were given; their tenants are held against them as well. */
  readonly tenants: readonly Tenant[]
  readonly table?: RoleTable
  readonly managedRoles: readonly string[]
  readonly magnum?: { readonly domain: string; readonly admin: string }
  /** Whether Keystone's own domain manager is what the cloud stands on, and no override. */
  readonly isPersonaNative?: boolean
  /** Reads the application credentials of everybody: a request for each user. */
  readonly isDeep?: boolean
}

export type Audit = {
  readonly findings: readonly Finding[]
  /** Whom not to delete or disable, and why. */
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
