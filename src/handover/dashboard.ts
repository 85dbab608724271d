/** The dashboard's part of the README in a handover: where to land, which roles to grant, and what to leave alone. */
import { managedRolesOf } from '../tenant/cloud-facts.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Below a heading; ends with a line break. */
export function dashboardPart({ names, facts }: Tenant): string {
  const roles = managedRolesOf(facts)
    .map((role) => `\`${role}\``)
    .join(' and ')
  if (facts.horizon_url === undefined)
    return `Your operator has named no dashboard for this cloud. If there is one, ask for its address, and open it at \`/identity/\`.\n`
  return `Open ${identityPage(facts.horizon_url)} and sign in with all three: domain, account, password. That page lists your projects, and users and
groups are beside it. The start page of the dashboard shows errors to this account, because it works in no project: that is no fault.

- Grant ${roles} and no other role. The list of roles shows more, \`admin\` too; the cloud refuses them, and an account that was made
  with one of them stays without any role.
- Machines and pipelines need accounts of their own. Give \`${names.manager}\` no role on a project: the dashboard would then hide users and groups from it.
- Use the \`clouds.yaml\` of this folder. The one that the dashboard offers to this account names no domain to work in, so it works nowhere.
`
}

/** Where a domain manager begins. */
function identityPage(address: string): string {
  return `${address.replace(/\/+$/, '')}/identity/`
}
