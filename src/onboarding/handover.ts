import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Endpoint } from '../openstack/options.ts'
import type { Home } from '../tenant/home.ts'
import { privateFolder, writePrivate } from '../tenant/private-file.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { secretNames } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'

/**
 * What the tenant is given, and nothing else: how to reach the cloud, the domain manager's account, the CA. In files
 * that openstackclient reads as they are, when it is run in that folder.
 */
export async function writeHandover(
  tenant: Tenant,
  home: Home,
  secrets: SecretStore,
  endpoint: Endpoint,
  ca: string | undefined,
): Promise<void> {
  const password = await secrets.read(secretNames.manager)
  if (password === undefined) return
  const entry = tenant.names.manager
  const cloud = {
    auth: {
      auth_url: endpoint.authUrl,
      username: tenant.names.manager,
      user_domain_name: tenant.names.domain,
      domain_name: tenant.names.domain,
    },
    identity_api_version: 3,
    ...(endpoint.region === undefined ? {} : { region_name: endpoint.region }),
    ...(endpoint.interface === undefined ? {} : { interface: endpoint.interface }),
    ...(ca === undefined ? {} : { cacert: 'ca.pem' }),
  }
  await privateFolder(home.handover)
  await writePrivate(join(home.handover, 'clouds.yaml'), stringify({ clouds: { [entry]: cloud } }))
  await writePrivate(
    join(home.handover, 'secure.yaml'),
    stringify({ clouds: { [entry]: { auth: { password: password.reveal() } } } }),
  )
  if (ca !== undefined) await writePrivate(join(home.handover, 'ca.pem'), ca)
  await writePrivate(join(home.handover, 'README.md'), readme(tenant))
}

function readme({ names, facts }: Tenant): string {
  return `# Your domain on this cloud

| | |
|---|---|
| Dashboard | ${facts.horizon_url ?? 'ask your operator for the address'} |
| Domain | ${names.domain} |
| Account | ${names.manager} |
| Password | in \`secure.yaml\` |

With the \`openstack\` command, in this folder:

    openstack --os-cloud ${names.manager} project list
    openstack --os-cloud ${names.manager} user list
    openstack --os-cloud ${names.manager} role list

This account manages the projects, users, groups and role assignments of its own domain and nothing else. It can
grant the roles member and load-balancer_member. It cannot grant admin or manager, and it sees no other domain.
Name the domain in every create: \`openstack user create --domain ${names.domain} ...\`.
`
}
