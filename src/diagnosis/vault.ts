/**
 * The part of HashiCorp Vault that says from where an AppRole may sign in: read with an operator's token. Uses and
 * changes nothing. hashicorp/vault, builtin/credential/approle/path_role.go: pathRoleList, pathRoleRead,
 * pathRoleSecretIDList, pathRoleSecretIDAccessorLookupUpdate. It was never compared with a running Vault:
 * docs/diagnosis.md.
 */
import { CloudError } from '../errors.ts'
import { connectionFault } from '../openstack/connection-fault.ts'
import type { Fetch } from '../openstack/http.ts'
import { printable } from '../openstack/printable.ts'
import { isRecord, listOf, object, optional, orNull, ShapeError, text } from '../openstack/shape.ts'
import type { Read } from '../openstack/shape.ts'
import type { Secret } from '../secret.ts'

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

export type Binding = {
  readonly role: string
  /** The addresses from which its tokens may be used; empty means any. */
  readonly tokenCidrs: readonly string[]
  /** The addresses from which any of its secret ids may be used. */
  readonly secretIdCidrs: readonly string[]
  readonly secretIds: readonly SecretId[]
}

/** Sealed, standby and uninitialised have their own statuses (503, 429, 501), with the same body. */
export async function isSealed(vault: VaultAccess): Promise<boolean> {
  const { body } = await call(vault, 'GET', 'sys/health')
  return isRecord(body) && body['sealed'] === true
}

export async function listRoles(vault: VaultAccess): Promise<readonly string[]> {
  const { keys } = await readData(vault, 'LIST', 'auth/approle/role', keysOf)
  return keys
}

export async function readBinding(vault: VaultAccess, role: string): Promise<Binding> {
  const at = `auth/approle/role/${encodeURIComponent(role)}`
  const [found, accessors] = await Promise.all([readData(vault, 'GET', at, roleOf), listAccessors(vault, at)])
  const secretIds = await Promise.all(accessors.map((accessor) => readSecretId(vault, at, accessor)))
  return {
    role,
    tokenCidrs: found.token_bound_cidrs,
    secretIdCidrs: found.secret_id_bound_cidrs,
    secretIds,
  }
}

/** A role without secret ids answers 404. */
async function listAccessors(vault: VaultAccess, at: string): Promise<readonly string[]> {
  try {
    return (await readData(vault, 'LIST', `${at}/secret-id`, keysOf)).keys
  } catch (error) {
    if (error instanceof CloudError && error.status === 404) return []
    throw error
  }
}

async function readSecretId(vault: VaultAccess, at: string, accessor: string): Promise<SecretId> {
  const found = await readData(vault, 'POST', `${at}/secret-id-accessor/lookup`, secretIdOf, {
    secret_id_accessor: accessor,
  })
  // the zero time of Go means never
  const expiry = found.expiration_time?.startsWith('0001-') === true ? undefined : found.expiration_time
  return { accessor, cidrs: found.cidr_list, madeAt: found.creation_time, expiresAt: expiry }
}

/** Absent and null both mean none. */
const cidrs: Read<readonly string[]> = (value, at) => optional(orNull(listOf(text)))(value, at) ?? []
const keysOf = object<{ readonly keys: readonly string[] }>({ keys: listOf(text) })
const roleOf = object<{
  readonly token_bound_cidrs: readonly string[]
  readonly secret_id_bound_cidrs: readonly string[]
}>({ token_bound_cidrs: cidrs, secret_id_bound_cidrs: cidrs })
const secretIdOf = object<{
  readonly cidr_list: readonly string[]
  readonly creation_time: string | undefined
  readonly expiration_time: string | undefined
}>({ cidr_list: cidrs, creation_time: optional(text), expiration_time: optional(text) })

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
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body ?? []) chunks.push(chunk)
    return { status: answer.status, body: parsed(Buffer.concat(chunks).toString('utf8')) }
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
  return new CloudError({ kind: 'answer', service: 'vault', method, path, status, reason: printable(message) })
}
