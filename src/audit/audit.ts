/** Does every account of a cloud hold the expected roles, no more and no less, and where may packets go? Read-only. */
import { exposureOf } from '../exposure/read.ts'
import { withAccepted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Domain } from '../openstack/keystone/domains.ts'
import { isSameRole } from '../openstack/keystone/role-names.ts'
import type { Session } from '../openstack/session.ts'
import { magnumDomainAdmin, magnumDomainOf } from '../tenant/cloud-facts.ts'
import { adminRolesOf } from '../tenant/implied-roles.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { protectedDomainsOf } from '../tenant/protected-domains.ts'
import { countRows } from './counted.ts'
import type { RowCount } from './counted.ts'
import { auditChildCredentials, auditCredentials, credentialOwners } from './credentials.ts'
import { auditDirectories } from './directories.ts'
import { auditDrift } from './drift.ts'
import { auditFederation } from './federation.ts'
import { holdingsOf } from './holdings.ts'
import { readApplicationCredentials, readInventory } from './inventory.ts'
import { auditMagnum, dependencesOf, grantsOfTrustees } from './magnum.ts'
import type { Dependence } from './magnum.ts'
import { auditFixedAccounts, auditRoles, surplusOfFixedAccounts } from './roles.ts'
import { defaultTable } from './role-table.ts'
import type { RoleTable } from './role-table.ts'
import { auditTenants, matchOf, tenantDomains } from './tenants.ts'
import { auditTrusts } from './trusts.ts'
import { auditUnmatchedAssignments, auditUnmatchedCredentials, unreadFinding } from './unmatched.ts'

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
  /** Codes of findings about packets that the operator accepts (`accepted_findings` of cloud.yaml). */
  readonly accepted?: readonly string[]
}

export type Audit = {
  readonly findings: readonly Finding[]
  /** The accounts that must not be deleted or disabled, and why. */
  readonly dependences: readonly Dependence[]
  readonly counted: {
    readonly tenants: number
    readonly users: number
    /** Users whose application credentials were read. */
    readonly owners: number
    readonly assignments: number
    readonly credentials: number
    /** What was read and what was matched, of each kind of row. A row that is not matched is a finding. */
    readonly rows: readonly RowCount[]
  }
}

/**
 * Rejects with a `CloudError` if domains, projects, users, roles or assignments cannot be read: then there is nothing to
 * compare. All else that cannot be read is a finding.
 */
export async function audit(options: AuditOptions): Promise<Audit> {
  const { operator, table = defaultTable, managedRoles } = options
  const magnum = options.magnum ?? { domain: magnumDomainOf({}), admin: magnumDomainAdmin }
  const inventory = await readInventory(operator)
  const holdings = holdingsOf(inventory)
  const adminRoles = adminRolesOf(inventory)
  const ofServices = protectedDomainsOf({
    ...inventory,
    magnumDomain: magnum.domain,
    withServiceRole: new Set(
      holdings.all.flatMap(({ role, holder }) =>
        holder.kind === 'user' && (isSameRole(role.name, 'service') || adminRoles.has(role.id)) ? [holder.user.id] : [],
      ),
    ),
  })
  const claimed = tenantDomains(
    inventory,
    holdings,
    options.tenants.map(({ names }) => names.domain),
  )
  const domains = claimed.filter(({ id }) => !ofServices.has(id))
  const taken = claimed.filter(({ id }) => ofServices.has(id))
  const tenants = new Map(domains.map((domain) => [domain.id, domain]))
  const ids = new Set(tenants.keys())
  const owners = credentialOwners(inventory, holdings, table, domains, options.isDeep === true)
  const tenantNames = new Map([
    ...domains.map(({ id, name }) => [id, name] as const),
    ...inventory.projects.flatMap(({ id, domain_id }) => {
      const domain = tenants.get(domain_id)
      return domain === undefined ? [] : [[id, domain.name] as const]
    }),
  ])
  const [credentials, directories, drift, exposure] = await Promise.all([
    readApplicationCredentials(operator, owners),
    auditDirectories(operator, domains, holdings),
    auditDrift(
      operator,
      inventory,
      holdings,
      options.tenants.filter(({ names }) => !taken.some(({ name }) => name === names.domain)),
    ),
    exposureOf({ operator, tenantOf: (projectId) => tenantNames.get(projectId) }),
  ])
  const forTenants = { holdings, table, domains, adminRoles, unreadDomains: inventory.unreadDomains }
  const forRows = { inventory, holdings, adminRoles, tenants: ids, magnumDomain: magnum.domain }
  const forMagnum = { inventory, holdings, adminRoles, magnum }
  const surplus = new Set([...surplusOfFixedAccounts(inventory, holdings, table), ...grantsOfTrustees(forMagnum)])
  const matches = new Map(
    holdings.all.map((one) => [one, surplus.has(one) ? undefined : matchOf(forTenants, tenants, one)]),
  )
  const federation = auditFederation({ ...forRows, isExpected: (holding) => matches.get(holding) === 'row' })
  const findings = [
    ...taken.map((domain) => serviceDomainFinding(domain, ofServices.get(domain.id) ?? '')),
    ...auditTenants(forTenants),
    ...auditFixedAccounts(inventory, holdings, table),
    ...auditRoles(inventory, { managedRoles, isPersonaNative: options.isPersonaNative === true }),
    ...auditTrusts(forRows),
    ...auditMagnum(forMagnum),
    ...auditCredentials(credentials.of, holdings, { table, adminRoles, tenants: ids }),
    ...auditChildCredentials(credentials.of, inventory, holdings),
    ...unreadOwners(table, inventory.users.length - owners.length),
    ...auditUnmatchedAssignments(forRows),
    ...auditUnmatchedCredentials(forRows),
    ...federation.findings,
    ...directories,
    ...[...inventory.unread, ...credentials.unread].map(unreadFinding),
    ...drift,
    ...withAccepted(exposure.findings, options.accepted ?? []),
  ]
  const carried = [...credentials.of.values()].flat()
  return {
    findings,
    dependences: dependencesOf({ inventory, holdings }),
    counted: {
      tenants: domains.length,
      users: inventory.users.length,
      owners: owners.length,
      assignments: inventory.assignments.length,
      credentials: carried.length,
      rows: [...countRows({ ...forRows, table, tenants, matches, federation, carried }), ...exposure.counts],
    },
  }
}

/** A tenant's row would take away what the cloud itself works by, so nothing in such a domain is compared with one. */
function serviceDomainFinding({ name }: Domain, because: string): Finding {
  return {
    code: 'audit/service-domain',
    severity: 'error',
    where: `domain ${name}`,
    message: `domain \`${name}\` counts as a tenant by its file, its marker or an account \`${name}-domain-admin\`, but ${because}: it cannot be a tenant`,
    remedy: `give the tenant another name; delete the account \`${name}-domain-admin\` and take our marker out of the description of the domain`,
    owner: 'operator',
  }
}

/** An expiry that nobody read is not an expiry. Roles need no reading: a credential gives none that its owner lacks. */
function unreadOwners({ credentialsExpire }: RoleTable, count: number): readonly Finding[] {
  if (!credentialsExpire || count === 0) return []
  return [
    {
      code: 'audit/unread',
      severity: 'unknown',
      where: 'application credentials',
      message: `the role table requires an expiry, and the application credentials of ${count} users were not read`,
      remedy: 'tenant-onboard audit --deep',
      owner: 'operator',
    },
  ]
}
