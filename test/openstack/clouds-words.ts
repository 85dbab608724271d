import type { Auth } from '../../src/openstack/auth.ts'
import type { CloudConfig } from '../../src/openstack/clouds.ts'

/** What we read, in the SDK's words. */
export function inWordsOfSdk(config: CloudConfig): Readonly<Record<string, string | boolean | undefined>> {
  return {
    auth_url: config.endpoint.authUrl,
    ...authWords(config.auth),
    ...(config.endpoint.region === undefined ? {} : { region: config.endpoint.region }),
    interface: config.endpoint.interface,
    // a CA beside it is read, and nothing is verified by it
    ...(config.isInsecure ? { isInsecure: true } : config.caFile === undefined ? {} : { cacert: config.caFile }),
    ...(config.client !== undefined && { certificate: config.client.certificateFile }),
    ...(config.client?.keyFile !== undefined && { key: config.client.keyFile }),
    ...Object.fromEntries(
      Object.entries(config.endpoint.overrides ?? {}).map(([service, url]) => [`${service} at`, url]),
    ),
  }
}

function authWords(auth: Auth): Record<string, string> {
  const named = (
    ref: { id: string } | { name: string },
    prefix: string,
    name = `${prefix}_name`,
  ): Record<string, string> => ('id' in ref ? { [`${prefix}_id`]: ref.id } : { [name]: ref.name })
  if (auth.kind === 'application-credential') {
    return {
      ...named(auth.credential, 'application_credential'),
      application_credential_secret: auth.secret.reveal(),
    }
  }
  const scope = auth.scope
  const user = auth.kind === 'password' ? auth.user : undefined
  return {
    ...(auth.kind === 'password' ? { password: auth.password.reveal() } : { token: auth.token.reveal() }),
    ...(user === undefined ? {} : named(user, 'user', 'username')),
    ...(user !== undefined && 'domain' in user ? named(user.domain, 'user_domain') : {}),
    ...(scope.kind === 'project' ? named(scope.project, 'project') : {}),
    ...(scope.kind === 'project' && 'domain' in scope.project ? named(scope.project.domain, 'project_domain') : {}),
    ...(scope.kind === 'domain' ? named(scope.domain, 'domain') : {}),
    ...(scope.kind === 'system' ? { system_scope: 'all' } : {}),
    ...(scope.kind === 'trust' ? { trust_id: scope.trustId } : {}),
  }
}
