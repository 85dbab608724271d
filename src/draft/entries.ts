/** What files for other tools say alike: who signs in, and that a tenant has one owner. */
import { stringify } from 'yaml'
import type { Account } from '../tenant/actors.ts'
import { oneLine } from '../visible.ts'
import type { ProjectObjects, TenantObjects } from './objects.ts'

/** What the file cannot say is told beside it. */
export type Written = { readonly text: string; readonly left: readonly string[] }

export type EntryContext = {
  /** The name of the cloud. */
  readonly cloud: string
  /** The operator's entry of clouds.yaml; absent: the `OS_*` variables. */
  readonly entry: string | undefined
  readonly region: string
  readonly authUrl: string
  /** The CA that the operator's entry names, absolute. */
  readonly caFile: string | undefined
  readonly now: Date
}

/** An account of the tenant on one project, as an entry of clouds.yaml. */
export type AccountEntry = { readonly account: Account; readonly project: string; readonly name: string }

/**
 * A keypair and an application credential belong to a user, and a template to a project: only their owner reads them there. `yaml`:
 * the lines of clouds.yaml, without passwords.
 */
export function accountEntries(
  { domain, users, projects }: TenantObjects,
  { authUrl, region, caFile }: EntryContext,
): { readonly entries: readonly AccountEntry[]; readonly yaml: readonly string[] } {
  const entries: (AccountEntry & { readonly at: object })[] = []
  for (const { name: project, names, credential, keypair, template } of projects) {
    const needed = [
      ['svc', names.applicationCredential, credential !== undefined],
      ['cluster', names.cluster, keypair !== undefined || template !== undefined],
    ] as const
    for (const [account, name, isNeeded] of needed) {
      const user = users.get(account)
      if (!isNeeded || user === undefined) continue
      const auth = {
        auth_url: authUrl,
        username: user.name,
        user_domain_name: domain.name,
        project_name: names.project,
        project_domain_name: domain.name,
      }
      const trust = caFile === undefined ? {} : { cacert: caFile }
      entries.push({ account, project, name, at: { auth, ...trust, region_name: region, identity_api_version: 3 } })
    }
  }
  if (entries.length === 0) return { entries, yaml: [] }
  const clouds = Object.fromEntries(entries.map(({ name, at }) => [name, at]))
  return { entries, yaml: stringify({ clouds }, { lineWidth: 0 }).trimEnd().split('\n') }
}

/** The first lines of a file. `command`: from when on the other tool is the owner. */
export function headOf(
  { domain }: TenantObjects,
  { cloud, now }: EntryContext,
  { command, left }: { readonly command: string; readonly left: readonly string[] },
): readonly string[] {
  return [
    `tenant ${domain.name} on ${cloud}, read ${now.toISOString()}`,
    '',
    `One owner a tenant: after \`${command}\`, change this tenant with that tool alone.`,
    '`tenant-onboard apply`, `rotate` and `offboard` would change it too, and neither knows of the other.',
    ...(left.length === 0 ? [] : ['', 'Not in this file:', ...left.map((one) => `  ${one}`)]),
  ]
}

/** What neither tool has a word for, with the reason. */
export function notExpressible(
  { limits, cluster, project }: ProjectObjects,
  tool: 'Terraform' | 'Ansible',
): readonly string[] {
  return [
    ...(limits.container_infra === undefined
      ? []
      : [`quota of Magnum for \`${project.name}\`: ${tool} has nothing for it`]),
    ...(cluster === undefined ? [] : [`cluster \`${cluster.name}\`: it stays as it is, outside of ${tool}`]),
  ]
}

/** A line each, which no name can leave. */
export function commented(lines: readonly string[]): string {
  return lines.map((line) => `${`# ${oneLine(line)}`.trimEnd()}\n`).join('')
}
