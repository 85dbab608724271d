import { accountRoles } from '../tenant/actors.ts'
import { managedRolesOf } from '../tenant/cloud-facts.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import { dashboardPart } from './dashboard.ts'
import { secretsFolder } from './entries.ts'
import type { GivenEntry } from './entries.ts'

/** What the README may say, because it is in the handover or was asked for. */
type About = {
  readonly tenant: Tenant
  readonly ca: string | undefined
  readonly head?: string | undefined
  /** Goes to the tenant alone: the operator keeps nothing that can be read. */
  readonly isSealed: boolean
  /** The entries of clouds.yaml beside the manager's. */
  readonly entries: readonly GivenEntry[]
  /** Names of the files in `secrets/`. */
  readonly secrets: readonly string[]
}

/**
 * For a person who has never seen this program, and may never use it. It says what is in this folder, and of the rest only what was
 * asked for: nobody looks at the cloud to write it.
 */
export function handoverReadme(about: About): string {
  const parts = [identity(about), projects(about), access(about), kubernetes(about), manager(about), closing(about)]
  return parts.filter((part) => part !== '').join('\n')
}

function identity({ tenant, ca }: About): string {
  const { names, facts } = tenant
  return `# Your domain on this cloud

| | |
|---|---|
| Dashboard | ${facts.horizon_url ?? 'ask your operator for the address'} |
| Domain | ${names.domain} |
| Account | ${names.manager} |
| Password | in \`secure.yaml\` |
| Whom to ask | ${facts.contact ?? 'your operator'} |
${ca === undefined ? '' : '| Certificate authority | `ca.pem`; add it to your browser if the dashboard is not trusted |\n'}
${dashboardPart(tenant)}
With the \`openstack\` command (\`pip install python-openstackclient\`), in this folder. The first three to try:

    openstack --os-cloud ${names.manager} token issue -c domain_id -c expires
    openstack --os-cloud ${names.manager} project list
    openstack --os-cloud ${names.manager} role assignment list --names

The first shows that you can sign in, the second which projects you have, the third who holds which role in them.
`
}

function projects({ tenant }: About): string {
  return `## What was asked for

${tenant.projects.map((project) => projectTable(project)).join('\n')}`
}

function projectTable({ names, spec }: TenantProject): string {
  const { network, template, cluster } = spec
  const rows: readonly (readonly [string, string] | undefined)[] = [
    ['Quotas', quotasText(spec.quotas) ?? 'those of the cloud'],
    network && [
      'Network',
      `\`${names.network}\`, subnet \`${names.subnet}\` with ${network.cidr ?? 'a prefix of the operator'}, router \`${names.router}\``,
    ],
    template && ['Cluster template', `\`${names.template}\``],
    cluster && ['Cluster', `\`${names.cluster}\``],
  ]
  const lines = rows.flatMap((row) => (row === undefined ? [] : [`| ${row[0]} | ${row[1]} |\n`]))
  return `| Project | \`${names.project}\` |\n|---|---|\n${lines.join('')}`
}

function quotasText(quotas: TenantProject['spec']['quotas']): string | undefined {
  const all = Object.values(quotas).flatMap((keys) => Object.entries(keys ?? {}))
  if (all.length === 0) return undefined
  return all.map(([key, value]) => `${key} ${String(value)}`).join(', ')
}

/** How to work in a project: with what is here, or how to get there. */
function access({ tenant, entries }: About): string {
  const { names } = tenant
  const [first] = entries
  if (first === undefined)
    return `## Work in a project

This account works in no project itself. Make a user, grant it \`member\` on a project, and sign in as that user to make networks and machines.
An account that makes Kubernetes clusters needs ${accountRoles.map((role) => `\`${role}\``).join(' and ')}, and signs in by password.
Or let \`tenant-onboard accept\` do all of that from this folder and your tenant file.

A member of a project sees its quotas: \`openstack quota show\`. For a program, that member makes an application credential:

    openstack application credential create ci --role member
`
  const byPassword = entries.find(({ auth }) => auth === 'password')
  return `## Work in a project

\`clouds.yaml\` has an entry for each project and account:

| Entry | Project | Account | For |
|---|---|---|---|
${entries.map((one) => `| \`${one.name}\` | ${one.project} | ${one.account} | ${one.purpose} |\n`).join('')}
    openstack --os-cloud ${first.name} quota show
    openstack --os-cloud ${first.name} network list

With Terraform, in this folder. It makes two things that cost nothing:

    terraform {
      required_providers {
        openstack = { source = "terraform-provider-openstack/openstack" }
      }
    }
    provider "openstack" {
      cloud = "${first.name}"
    }
    resource "openstack_networking_secgroup_v2" "web" {
      name = "${names.domain}-web"
    }
    resource "openstack_networking_secgroup_rule_v2" "https" {
      security_group_id = openstack_networking_secgroup_v2.web.id
      direction         = "ingress"
      ethertype         = "IPv4"
      protocol          = "tcp"
      port_range_min    = 443
      port_range_max    = 443
    }
${
  byPassword === undefined
    ? ''
    : `
For another program, make an application credential that can do no more than \`member\`. Its secret is shown once:

    openstack --os-cloud ${byPassword.name} application credential create ci --role member
`
}`
}

function kubernetes({ tenant, entries, secrets }: About): string {
  const lines = tenant.projects.flatMap((project) => {
    const { names, spec } = project
    if (spec.cluster === undefined) return []
    const kubeconfig = `${names.cluster}.kubeconfig`
    if (secrets.includes(kubeconfig)) return [`    kubectl --kubeconfig ${secretsFolder}/${kubeconfig} get nodes`]
    const maker = entries.find((one) => one.project === names.project && one.auth === 'password')
    if (maker === undefined) return []
    return [
      `    openstack --os-cloud ${maker.name} coe cluster show ${names.cluster} -c status`,
      `    openstack --os-cloud ${maker.name} coe cluster config ${names.cluster}   # once it is complete`,
    ]
  })
  return lines.length === 0 ? '' : `## Kubernetes\n\n${lines.join('\n')}\n`
}

function manager({ tenant: { names, facts }, isSealed }: About): string {
  const kept = isSealed
    ? 'If it is lost, your operator can set a new one, and cannot read the old.'
    : `Until then your operator has it too. If it is lost, your operator can set a new one. Tell your operator that you changed it.`
  return `## Your account ${names.manager}

It manages the projects, users, groups and role assignments of its own domain and nothing else. It can grant the roles
${managedRolesOf(facts).join(', ')}. It cannot grant admin or manager, and it sees nothing of any other domain.
Name the domain in every create: \`openstack project create --domain ${names.domain} ...\`.

Change the password when you have signed in, so that only you know it:

    openstack --os-cloud ${names.manager} user password set

Then put the new one into \`secure.yaml\`. ${kept}
Some clouds keep a password for some days before it may change again; the answer says so. If an operator sets one for you, such a cloud may let you
do nothing until you have changed it.
`
}

function closing({ head }: About): string {
  if (head === undefined) return ''
  return `## What was recorded

Your operator's chain of evidence records everything that was done and checked for you. Its last record before this
file is \`${head}\`. Keep that hash: no record up to it can be changed without you noticing.
`
}
