/**
 * What Vault (or OpenBao) says about Barbican's way in: bindings of its AppRoles, lockouts, policies, mounts, quotas. Read
 * with an operator's token. Uses no secret id, never signs in as a role, and changes nothing. Each reading may be refused
 * by itself: docs/diagnosis.md has the capabilities. hashicorp/vault, builtin/credential/approle/path_role.go:
 * pathRoleList, pathRoleRead, pathRoleSecretIDList, pathRoleSecretIDAccessorLookupUpdate; vault/logical_system.go:
 * handlePoliciesRead, handleMountTable, handleLockedUsersMetricQuery; vault/logical_system_quotas.go.
 */
import { CloudError } from '../../errors.ts'
import { maskData, maskText, maskUnmistakable } from '../../masking.ts'
import { connectionFault } from '../../openstack/connection-fault.ts'
import { collect } from '../../openstack/exchange.ts'
import type { Fetch } from '../../openstack/http.ts'
import { printable } from '../../openstack/printable.ts'
import { isRecord, listOf, mapOf, object, optional, orNull, ShapeError, text } from '../../openstack/shape.ts'
import type { Read } from '../../openstack/shape.ts'
import type { Secret } from '../../secret.ts'

export type VaultAccess = {
  readonly address: string
  readonly token: Secret
  /** The AppRole of Barbican; without it, every role whose name contains `barbican`. */
  readonly role?: string | undefined
  readonly fetch: Fetch
}

export type SecretId = {
  readonly accessor: string
  readonly cidrs: readonly string[]
  readonly madeAt: string | undefined
  readonly expiresAt: string | undefined
}

/** Of one AppRole. A field is `undefined` if it could not be read. */
export type Binding = {
  readonly role: string
  /** False: Vault has no such role. */
  readonly exists: boolean
  /** The addresses from which its tokens may be used; empty means any. */
  readonly tokenCidrs: readonly string[] | undefined
  /** The addresses from which any of its secret ids may be used. */
  readonly secretIdCidrs: readonly string[] | undefined
  readonly secretIds: readonly SecretId[] | undefined
  readonly policies: readonly Policy[] | undefined
  /** Locked out after too many refused sign-ins. */
  readonly isLocked: boolean | undefined
}

export type Policy = {
  readonly name: string
  /** The rules, HCL or JSON; `undefined`: not readable; null: there is no such policy. */
  readonly rules: string | null | undefined
}

/** A mount of secrets, by its path without the last slash. */
export type Mount = {
  readonly path: string
  /** Of KV: `1` or `2`. */
  readonly version: string | undefined
  /** It was KV 1 before: what was stored then has keys below `data/`, which KV 2 does not find. */
  readonly hasOldKeys?: boolean | undefined
}

export type VaultReading = {
  readonly bindings: readonly Binding[]
  readonly mounts: readonly Mount[] | undefined
  /** Of rate limits: the paths, empty for all. */
  readonly rateLimits: readonly { readonly name: string; readonly path: string }[] | undefined
  /** What could not be read, and why. */
  readonly unread: readonly string[]
}

/** Sealed, standby and uninitialised have their own statuses (503, 429, 501), with the same body. */
export async function isSealed(vault: VaultAccess): Promise<boolean> {
  const { body } = await call(vault, 'GET', 'sys/health')
  return isRecord(body) && body['sealed'] === true
}

/** Reads as much as the token may. */
export async function readVault(vault: VaultAccess): Promise<VaultReading> {
  const unread: string[] = []
  const may = async <T>(asked: Promise<T>): Promise<T | undefined> => {
    try {
      return await asked
    } catch (error) {
      if (!(error instanceof CloudError)) throw error
      unread.push(`${error.path}: ${error.status === undefined ? '' : `${error.status} `}${error.reason}`.trim())
      return undefined
    }
  }
  const roles = vault.role === undefined ? may(listRoles(vault)) : Promise.resolve([vault.role])
  const [names = [], locked, mounts, rateLimits] = await Promise.all([
    roles,
    may(readLocked(vault)),
    may(readMounts(vault)),
    may(readRateLimits(vault)),
  ])
  const wanted = vault.role === undefined ? names.filter((name) => name.includes('barbican')) : names
  if (wanted.length === 0 && names.length > 0)
    unread.push('no AppRole has `barbican` in its name: give its name as `vault.role` in cloud.yaml')
  const bindings = await Promise.all(wanted.map((role) => readBinding(vault, role, locked, may)))
  const paths = bindings.flatMap(({ policies = [] }) => policies.flatMap(pathsOf))
  const ofBarbican = mounts?.map(async (mount): Promise<Mount> => {
    if (mount.version !== '2' || !paths.some((path) => isBelow(path, mount.path))) return mount
    const keys = await may(orGone(readData(vault, 'LIST', `${mount.path}/metadata`, keysOf)))
    return { ...mount, hasOldKeys: keys === undefined ? undefined : keys?.keys.includes('data/') === true }
  })
  return { bindings, mounts: ofBarbican === undefined ? undefined : await Promise.all(ofBarbican), rateLimits, unread }
}

/** The paths of secrets that a policy names. */
export function pathsOf({ rules }: Policy): readonly string[] {
  const quoted = [...(rules ?? '').matchAll(/"([^"\s]+\/[^"\s]*)"/g)].map(([, path = '']) => path)
  return quoted.filter((path) => !/^(?:sys|auth|identity|cubbyhole)\//.test(path))
}

export function isBelow(path: string, mount: string): boolean {
  return path.startsWith(`${mount}/`)
}

type May = <T>(asked: Promise<T>) => Promise<T | undefined>

async function readBinding(
  vault: VaultAccess,
  role: string,
  locked: readonly string[] | undefined,
  may: May,
): Promise<Binding> {
  const at = `auth/approle/role/${encodeURIComponent(role)}`
  const [found, accessors, roleId] = await Promise.all([
    may(orGone(readData(vault, 'GET', at, roleOf))),
    // a role without secret ids answers 404
    may(orGone(readData(vault, 'LIST', `${at}/secret-id`, keysOf))),
    locked === undefined || locked.length === 0 ? undefined : may(readData(vault, 'GET', `${at}/role-id`, roleIdOf)),
  ])
  const secretIds =
    accessors === undefined
      ? undefined
      : await Promise.all((accessors?.keys ?? []).map((accessor) => may(readSecretId(vault, at, accessor))))
  const policies =
    found === undefined || found === null
      ? undefined
      : await Promise.all(
          found.token_policies.map(async (name) => {
            const rules = await may(orGone(readData(vault, 'GET', `sys/policy/${encodeURIComponent(name)}`, policyOf)))
            return { name, rules: rules?.rules ?? (rules === null ? null : undefined) }
          }),
        )
  return {
    role,
    exists: found !== null,
    tokenCidrs: found?.token_bound_cidrs,
    secretIdCidrs: found?.secret_id_bound_cidrs,
    secretIds: secretIds?.every((one) => one !== undefined) === true ? secretIds : undefined,
    policies,
    isLocked: locked?.length === 0 ? false : roleId === undefined ? undefined : locked?.includes(roleId.role_id),
  }
}

/** Null for 404. */
async function orGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return null
    throw error
  }
}

async function listRoles(vault: VaultAccess): Promise<readonly string[]> {
  return (await readData(vault, 'LIST', 'auth/approle/role', keysOf)).keys
}

async function readSecretId(vault: VaultAccess, at: string, accessor: string): Promise<SecretId> {
  const found = await readData(vault, 'POST', `${at}/secret-id-accessor/lookup`, secretIdOf, {
    secret_id_accessor: accessor,
  })
  // the zero time of Go means never
  const expiry = found.expiration_time?.startsWith('0001-') === true ? undefined : found.expiration_time
  return { accessor, cidrs: found.cidr_list, madeAt: found.creation_time, expiresAt: expiry }
}

/** The role ids of locked-out roles. */
async function readLocked(vault: VaultAccess): Promise<readonly string[]> {
  const { by_namespace } = await readData(vault, 'GET', 'sys/locked-users', lockedOf)
  return by_namespace.flatMap(({ mount_accessors }) =>
    mount_accessors.flatMap(({ alias_identifiers }) => alias_identifiers),
  )
}

async function readMounts(vault: VaultAccess): Promise<readonly Mount[]> {
  const found = await readData(vault, 'GET', 'sys/mounts', mapOf(mountOf))
  return Object.entries(found).map(([path, { options }]) => ({
    path: path.replace(/\/$/, ''),
    version: options['version'],
  }))
}

async function readRateLimits(vault: VaultAccess): Promise<NonNullable<VaultReading['rateLimits']>> {
  const listed = await orGone(readData(vault, 'LIST', 'sys/quotas/rate-limit', keysOf))
  return Promise.all(
    (listed?.keys ?? []).map(async (name) => {
      const { path } = await readData(vault, 'GET', `sys/quotas/rate-limit/${encodeURIComponent(name)}`, quotaOf)
      return { name, path }
    }),
  )
}

/** Absent and null both mean none. */
const list: Read<readonly string[]> = (value, at) => optional(orNull(listOf(text)))(value, at) ?? []
const keysOf = object<{ readonly keys: readonly string[] }>({ keys: listOf(text) })
const roleOf = object<{
  readonly token_bound_cidrs: readonly string[]
  readonly secret_id_bound_cidrs: readonly string[]
  readonly token_policies: readonly string[]
}>({ token_bound_cidrs: list, secret_id_bound_cidrs: list, token_policies: list })
const roleIdOf = object<{ readonly role_id: string }>({ role_id: text })
const policyOf = object<{ readonly rules: string }>({ rules: text })
const secretIdOf = object<{
  readonly cidr_list: readonly string[]
  readonly creation_time: string | undefined
  readonly expiration_time: string | undefined
}>({ cidr_list: list, creation_time: optional(text), expiration_time: optional(text) })
const accessorOf = object<{ readonly alias_identifiers: readonly string[] }>({ alias_identifiers: list })
const namespaceOf = object<{ readonly mount_accessors: readonly { readonly alias_identifiers: readonly string[] }[] }>({
  mount_accessors: listOf(accessorOf),
})
const lockedUsers = object<{
  readonly by_namespace: readonly {
    readonly mount_accessors: readonly { readonly alias_identifiers: readonly string[] }[]
  }[]
}>({ by_namespace: (value, at) => optional(orNull(listOf(namespaceOf)))(value, at) ?? [] })
/** Without a locked user there may be no data at all. */
const lockedOf: typeof lockedUsers = (value, at) => lockedUsers(value ?? {}, at)
const mountOf = object<{ readonly options: Readonly<Record<string, string>> }>({
  options: (value, at) => optional(orNull(mapOf(text)))(value, at) ?? {},
})
const quotaOf = object<{ readonly path: string }>({ path: (value, at) => optional(text)(value, at) ?? '' })

async function readData<T>(
  vault: VaultAccess,
  method: Method,
  path: string,
  read: Read<T>,
  body?: unknown,
): Promise<T> {
  const answer = await call(vault, method, path, body)
  if (answer.status >= 400) throw refusal(method, path, answer)
  try {
    return object<{ readonly data: T }>({ data: read })(answer.body, 'answer').data
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new CloudError({ kind: 'malformed', service: 'vault', method, path, reason: error.message }, { cause: error })
  }
}

type Method = 'GET' | 'LIST' | 'POST'
/** Bytes; a role has a few hundred. */
const bodyLimit = 4 << 20

type Answered = { readonly status: number; readonly body: unknown }

async function call(
  { address, token, fetch }: VaultAccess,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answered> {
  // not every proxy allows the method LIST, and Vault accepts this instead
  const [verb, query] = method === 'LIST' ? ['GET', '?list=true'] : [method, '']
  const url = `${address.replace(/\/+$/, '')}/v1/${path}${query}`
  try {
    const answer = await fetch(url, {
      method: verb,
      headers: { 'X-Vault-Token': token.reveal(), 'X-Vault-Request': 'true', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(3000),
      redirect: 'manual',
    })
    const bytes = await collect(answer.body, bodyLimit)
    if (bytes === undefined) throw new Error(`the body is larger than ${bodyLimit} bytes`)
    return { status: answer.status, body: maskData(parsed(maskUnmistakable(bytes.toString('utf8')))) }
  } catch (error) {
    throw new CloudError({ service: 'vault', method, path, ...connectionFault(error, url) }, { cause: error })
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal(method: Method, path: string, { status, body }: Answered): CloudError {
  const errors: unknown = isRecord(body) ? body['errors'] : undefined
  const message = Array.isArray(errors) ? errors.map(String).join(', ') : ''
  return new CloudError({
    kind: 'answer',
    service: 'vault',
    method,
    path,
    status,
    reason: printable(maskText(message)),
  })
}
