/**
 * From an entry of clouds.yaml to an `Auth`. Follows openstacksdk 0.101, openstack/config/loader.py (magic_fixes,
 * _fix_backwards_project, _handle_domain_id) and the options of keystoneauth1 5.0,
 * keystoneauth1/loading/_plugins/identity/{generic,v3}.py. What they leave for Keystone to refuse is a problem here.
 */
import type { Problem } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { Auth, DomainRef, ProjectRef, Scope, UserRef } from './auth.ts'
import { mapAt } from './clouds-yaml.ts'
import type { FilePosition, PlacedMap } from './clouds-yaml.ts'

/** The values of an entry and of its `auth`, flat, and the original name of each, for the messages. */
export type AuthSettings = {
  readonly get: (key: string) => string | undefined
  readonly placeOf: (key: string) => FilePosition | undefined
}

const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  project_id: ['project_id', 'tenant_id'],
  project_name: ['project_name', 'tenant_name'],
  username: ['username', 'user_name'],
  token: ['token', 'auth_token'],
}

/** A key of `auth` before the same key beside it, as in the SDK. */
export function authSettings(entry: PlacedMap): AuthSettings {
  const auth = mapAt(entry, 'auth')
  const find = (key: string): { readonly value: string; readonly at: FilePosition } | undefined => {
    for (const name of SYNONYMS[key] ?? [key]) {
      for (const map of [auth, entry]) {
        const found = map?.entries.get(name)
        // an empty value is a left-over line of an openrc
        if (found?.kind === 'scalar' && found.value !== undefined && found.value !== '') {
          return { value: found.value, at: found.at }
        }
      }
    }
    return undefined
  }
  return { get: (key) => find(key)?.value, placeOf: (key) => find(key)?.at ?? auth?.at ?? entry.at }
}

type Kind = Auth['kind']

/** keystoneauth's names for them. */
const KINDS: Readonly<Record<string, Kind>> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'application-credential',
}

/** Reads it, or reports everything that is wrong with it. */
export function authOf(settings: AuthSettings): { readonly auth: Auth } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const need = (key: string, hint?: string): string => {
    const value = settings.get(key)
    if (value !== undefined) return value
    problems.push({
      ...settings.placeOf(key),
      message: `\`${key}\` is missing`,
      ...(hint === undefined ? {} : { hint }),
    })
    return ''
  }
  const kind = kindOf(settings, problems)
  if (kind === undefined) return { problems }
  const auth = ((): Auth => {
    switch (kind) {
      case 'password':
        return {
          kind,
          user: userOf(settings, need),
          password: new Secret(need('password')),
          scope: scopeOf(settings),
        }
      case 'token':
        return { kind, token: new Secret(need('token')), scope: scopeOf(settings) }
      case 'application-credential':
        return {
          kind,
          credential: credentialOf(settings, need),
          secret: new Secret(need('application_credential_secret')),
        }
    }
  })()
  return problems.length > 0 ? { problems } : { auth }
}

type Need = (key: string, hint?: string) => string

function kindOf(settings: AuthSettings, problems: Problem[]): Kind | undefined {
  const named = settings.get('auth_type') ?? settings.get('auth_plugin')
  if (named === undefined) {
    // both are there after an openrc was sourced over another: the SDK signs in by password unless `auth_type` says otherwise
    if (settings.get('application_credential_secret') !== undefined && settings.get('password') === undefined)
      return 'application-credential'
    return settings.get('token') !== undefined && settings.get('password') === undefined ? 'token' : 'password'
  }
  const kind = KINDS[named]
  if (kind === undefined) {
    const hint = `one of ${Object.keys(KINDS).join(', ')}`
    problems.push({ ...settings.placeOf('auth_type'), message: `\`auth_type\` \`${named}\` is not supported`, hint })
  }
  return kind
}

function userOf(settings: AuthSettings, need: Need): UserRef {
  const id = settings.get('user_id')
  if (id !== undefined) return { id }
  return { name: need('username'), domain: domainOf(settings, 'user') }
}

function credentialOf(
  settings: AuthSettings,
  need: Need,
): { readonly id: string } | { readonly name: string; readonly user: UserRef } {
  const name = settings.get('application_credential_name')
  if (settings.get('application_credential_id') === undefined && name !== undefined)
    return { name, user: userOf(settings, need) }
  return { id: need('application_credential_id', 'or `application_credential_name` and the user') }
}

/** The possible scopes of an entry, narrowest first; without one, Keystone decides. */
function scopeOf(settings: AuthSettings): Scope {
  const trustId = settings.get('trust_id')
  if (trustId !== undefined) return { kind: 'trust', trustId }
  if (settings.get('system_scope') !== undefined) return { kind: 'system' }
  const project = projectOf(settings)
  if (project !== undefined) return { kind: 'project', project }
  const id = settings.get('domain_id')
  const name = settings.get('domain_name')
  if (id !== undefined) return { kind: 'domain', domain: { id } }
  return name === undefined ? { kind: 'default' } : { kind: 'domain', domain: { name } }
}

function projectOf(settings: AuthSettings): ProjectRef | undefined {
  const id = settings.get('project_id')
  if (id !== undefined) return { id }
  const name = settings.get('project_name')
  return name === undefined ? undefined : { name, domain: domainOf(settings, 'project') }
}

/**
 * With a project, `domain_id` and `domain_name` are both domains. Without one they are the scope, and not the user's
 * domain. `default_domain_*` are keystoneauth's last resort.
 */
function domainOf(settings: AuthSettings, whose: 'user' | 'project'): DomainRef {
  const isProjectScoped = settings.get('project_id') !== undefined || settings.get('project_name') !== undefined
  const keys = [whose, ...(isProjectScoped ? [''] : []), 'default'].map((start) =>
    start === '' ? 'domain' : `${start}_domain`,
  )
  for (const key of keys) {
    const id = settings.get(`${key}_id`)
    if (id !== undefined) return { id }
    const name = settings.get(`${key}_name`)
    if (name !== undefined) return { name }
  }
  // what `openstack` puts there: osc_lib/cli/client_config.py, _auth_default_domain, and the default of OS_DEFAULT_DOMAIN
  return { id: settings.get('default_domain') ?? 'default' }
}
