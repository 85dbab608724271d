import { accountRoles } from '../tenant/actors.ts'
import { managedRolesOf } from '../tenant/cloud-facts.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { dashboardPart } from './dashboard.ts'

type About = { readonly tenant: Tenant; readonly ca: string | undefined; readonly head?: string | undefined }

/** For a person who has never seen this program, and may never use it. */
export function handoverReadme({ tenant, ca, head }: About): string {
  const { names, facts } = tenant
  const roles = managedRolesOf(tenant.facts).join(', ')
  return `# Your domain on this cloud

| | |
|---|---|
| Dashboard | ${facts.horizon_url ?? 'ask your operator for the address'} |
| Domain | ${names.domain} |
| Account | ${names.manager} |
| Password | in \`secure.yaml\` |
${ca === undefined ? '' : '| Certificate authority | `ca.pem`; add it to your browser if the dashboard is not trusted |\n'}
${dashboardPart(tenant)}
With the \`openstack\` command (\`pip install python-openstackclient\`), in this folder. The first three to try:

    openstack --os-cloud ${names.manager} token issue -c domain_id -c expires
    openstack --os-cloud ${names.manager} project list
    openstack --os-cloud ${names.manager} role list

The first shows that you can sign in, the second what you have, the third what you can grant.

This account manages the projects, users, groups and role assignments of its own domain and nothing else. It can
grant the roles ${roles}. It cannot grant admin or manager, and it sees nothing of any other domain.
Name the domain in every create: \`openstack project create --domain ${names.domain} ...\`.

It works in no project itself: make a user, grant it \`member\` on a project, and sign in as that user to make networks
and machines. An account that makes Kubernetes clusters needs ${accountRoles.map((role) => `\`${role}\``).join(' and ')}, and signs in by password.
Or let \`tenant-onboard accept\` do all of that from this folder and your tenant file.

Change the password when you have signed in, so that only you know it:

    openstack --os-cloud ${names.manager} user password set

Then put the new one into \`secure.yaml\`. Some clouds keep a password for some days before it may change again; the answer says
so. If an operator sets one for you, such a cloud may let you do nothing until you have changed it. If it is lost, your operator can set a new one, and cannot read the old.
${
  head === undefined
    ? ''
    : `
Your operator's chain of evidence records everything that was done and checked for you. Its last record before this
file is \`${head}\`. Keep that hash: no record up to it can be changed without you noticing.
`
}`
}
