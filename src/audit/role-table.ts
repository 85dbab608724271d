/**
 * Who holds which role on a cloud, and why: the roles and the expected roles of accounts, as data. An operator adds
 * rows in a file of the same form.
 */
import { z } from 'zod'
import { accountRoles, managerRole } from '../tenant/actors.ts'
import { parseYamlFile } from '../yaml-file.ts'

const role = z.strictObject({
  name: z.string(),
  because: z.string().meta({ description: 'the purpose of the row' }),
})

const account = z.strictObject({
  account: z
    .string()
    .meta({ description: 'the name of the user; `{tenant}` is replaced by the name of its domain, `*` means any' }),
  domain: z.string().meta({
    description: 'the domain of the user: a name, `{tenant}` for every domain of a tenant, or `{operator}`',
  }),
  on: z
    .enum(['own-domain', 'own-projects', 'anywhere', 'nowhere'])
    .meta({ description: 'where the roles may be held' }),
  project: z.string().optional().meta({ description: 'only this project, if `on` is `anywhere`' }),
  roles: z.array(z.string()),
  match: z
    .enum(['exactly', 'at-most', 'at-least'])
    .default('exactly')
    .meta({ description: 'how the actual roles compare with `roles`' }),
  optional: z.boolean().default(false).meta({ description: 'may the account be missing?' }),
  because: z.string(),
})

const tableFile = z.strictObject({
  version: z.literal(1, { error: 'write `version: 1`' }),
  roles: z.array(role).default([]),
  accounts: z.array(account).default([]),
  credentials_expire: z
    .boolean()
    .default(false)
    .meta({ description: 'is an application credential without an expiry a finding?' }),
})

export type AccountRow = z.output<typeof account>

export type RoleTable = {
  readonly roles: readonly z.output<typeof role>[]
  readonly accounts: readonly AccountRow[]
  readonly credentialsExpire: boolean
}

/** Rows are tried in order, the operator's before ours. The first that fits an account is its row. */
export function extendTable(table: RoleTable, file: string, text: string): RoleTable {
  const { roles, accounts, credentials_expire } = parseYamlFile(file, text, tableFile)
  return {
    roles: [...roles, ...table.roles],
    accounts: [...accounts, ...table.accounts],
    credentialsExpire: credentials_expire,
  }
}

/** The row of an account of a tenant's domain. */
export function rowOf(table: RoleTable, tenant: string, account: string): AccountRow | undefined {
  return table.accounts.find(
    ({ account: pattern, domain }) => (domain === '{tenant}' || domain === tenant) && fits(pattern, tenant, account),
  )
}

export function fits(pattern: string, tenant: string, account: string): boolean {
  return pattern === '*' || pattern.replaceAll('{tenant}', tenant) === account
}

export const defaultTable: RoleTable = {
  credentialsExpire: false,
  roles: [
    { name: 'admin', because: 'full authority over the cloud, or over one service domain; never for a tenant' },
    {
      name: managerRole,
      because: 'self-service inside one domain: users, projects, groups and grants of the managed roles',
    },
    { name: 'member', because: 'uses the resources of a project' },
    { name: 'load-balancer_member', because: 'makes load balancers; a cluster needs one for its API' },
    { name: 'reader', because: 'read-only; implied by member' },
  ],
  accounts: [
    {
      account: '{tenant}-domain-admin',
      domain: '{tenant}',
      on: 'own-domain',
      roles: [managerRole],
      match: 'exactly',
      optional: false,
      because: 'the domain manager: the one account of a tenant that the operator makes',
    },
    {
      account: '{tenant}-cluster',
      domain: '{tenant}',
      on: 'own-projects',
      roles: [...accountRoles],
      match: 'exactly',
      optional: true,
      because: 'creates clusters: each trust delegates its roles, and each cluster carries them',
    },
    {
      account: '{tenant}-svc',
      domain: '{tenant}',
      on: 'own-projects',
      roles: [...accountRoles],
      match: 'exactly',
      optional: true,
      because: 'automation by application credential: networks, load balancers, clusters',
    },
    {
      account: '*',
      domain: '{tenant}',
      on: 'own-projects',
      roles: [...accountRoles, 'reader'],
      match: 'at-most',
      optional: true,
      because: 'users and accounts that the domain manager made, within the roles that it may grant',
    },
    {
      account: 'admin',
      domain: '{operator}',
      on: 'anywhere',
      project: 'capi-mgmt',
      roles: [...accountRoles, 'reader'],
      match: 'at-least',
      optional: true,
      because:
        'the trustor of the management cluster: its credential carries these roles, and a cluster must not have admin',
    },
  ],
}
