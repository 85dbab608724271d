/** The entries of a handover's clouds.yaml: one for the manager, and one for each project and account whose secret is here. */
import type { Endpoint } from '../openstack/options.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { secretNames } from '../tenant/sessions.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'

/** The place of the other secrets in a handover. */
export const secretsFolder = 'secrets'

export type GivenEntry = {
  readonly name: string
  readonly project: string
  readonly account: string
  readonly purpose: string
  readonly auth: 'password' | 'application credential'
}

type Written = { readonly entry: GivenEntry; readonly cloud: Fields; readonly secure: Fields }
type Fields = Readonly<Record<string, unknown>>

/** What every entry has beside its account. */
export function reached({ region, interface: visible }: Endpoint, ca: string | undefined): Fields {
  return {
    identity_api_version: 3,
    ...(region === undefined ? {} : { region_name: region }),
    ...(visible === undefined ? {} : { interface: visible }),
    ...(ca === undefined ? {} : { cacert: 'ca.pem' }),
  }
}

/** Automation first: it is the one for daily work. */
export async function entriesOf(tenant: Tenant, secrets: SecretStore, authUrl: string): Promise<readonly Written[]> {
  const written = await Promise.all(
    tenant.projects.map(async (project) => [
      ...(await automation(tenant, project, secrets, authUrl)),
      ...(await creator(tenant, project, secrets, authUrl)),
    ]),
  )
  return written.flat()
}

async function automation(
  { names }: Tenant,
  project: TenantProject,
  secrets: SecretStore,
  authUrl: string,
): Promise<readonly Written[]> {
  const secret = await secrets.read(secretNames.applicationCredential(project))
  if (secret === undefined) return []
  return [
    {
      entry: {
        name: project.names.project,
        project: project.names.project,
        account: names.automation,
        purpose: 'networks, machines, volumes; Terraform',
        auth: 'application credential',
      },
      cloud: {
        auth_type: 'v3applicationcredential',
        auth: {
          auth_url: authUrl,
          application_credential_name: project.names.applicationCredential,
          username: names.automation,
          user_domain_name: names.domain,
        },
      },
      secure: { auth: { application_credential_secret: secret.reveal() } },
    },
  ]
}

async function creator(
  { names }: Tenant,
  project: TenantProject,
  secrets: SecretStore,
  authUrl: string,
): Promise<readonly Written[]> {
  const password = await secrets.read(secretNames.creator)
  if (password === undefined) return []
  return [
    {
      entry: {
        name: `${project.names.project}-cluster`,
        project: project.names.project,
        account: names.creator,
        purpose: 'Kubernetes clusters, whose trust needs a password',
        auth: 'password',
      },
      cloud: {
        auth: {
          auth_url: authUrl,
          username: names.creator,
          user_domain_name: names.domain,
          project_name: project.names.project,
          project_domain_name: names.domain,
        },
      },
      secure: { auth: { password: password.reveal() } },
    },
  ]
}
