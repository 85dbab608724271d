/**
 * A stand-in for HashiCorp Vault, for an operator with a token who reads why Barbican may not sign in. Barbican itself
 * does not ask it: the same fault makes its store fail. hashicorp/vault 051cff9, builtin/credential/approle/
 * path_role.go: pathRoleRead, secretIDStorageEntry.ToResponseData; http/sys_health.go; vault/logical_system.go. Names and
 * shapes as OpenBao 2.7.2 gave them after charm-vault's steps (src/lib/charm/vault.py, configure_approle).
 */
import { BrokenConnection } from './delivery.ts'
import { isJson, parseJson, textAt } from './json.ts'
import type { VaultMode } from './faults.ts'
import type { Json } from './json.ts'

/** The simulator has it below this path of its own URL. */
export const VAULT_PREFIX = '/vault/v1/'

/** Reads everything that diagnosis reads, and nothing else. */
export const VAULT_TOKEN = 'simulator-vault-operator'

/** Reads the bindings of the roles alone. */
export const VAULT_BINDINGS_TOKEN = 'simulator-vault-bindings'

type SecretId = { readonly accessor: string; readonly cidrs: readonly string[]; readonly madeAt: string }

type Role = { readonly tokens: readonly string[]; readonly secretIds: readonly SecretId[] }

const MOUNT = 'charm-barbican-vault'
const ROLE = 'charm-barbican-vault-0'
const ROLE_ID = '6f4a2a52-3c1d-4d49-8a5e-0d8f7f4c3a21'
const NOW = ['10.12.12.176']
const BEFORE = ['10.12.8.176']

function secretId(cidrs: readonly string[], minute = 0): SecretId {
  const accessor = `8f3c1d52-0a1d-4a39-9f6e-0f6f7a4f5b${10 + minute}`
  const madeAt = `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`
  return { accessor, cidrs: cidrs.map((cidr) => `${cidr}/32`), madeAt }
}

const HEALTHY: Readonly<Record<string, Role>> = { [ROLE]: { tokens: NOW, secretIds: [secretId(NOW)] } }

/** Where the roles of a mode differ from the healthy one. */
const ROLES: Readonly<Partial<Record<VaultMode, Readonly<Record<string, Role>>>>> = {
  // the unit's address changed: the role was updated, the secret id was not
  'stale-secret-id': { [ROLE]: { tokens: NOW, secretIds: [secretId(BEFORE)] } },
  // the same at the second of three units
  'stale-second-unit': {
    ...HEALTHY,
    'charm-barbican-vault-1': { tokens: ['10.12.12.177'], secretIds: [secretId(['10.12.8.177'])] },
    'charm-barbican-vault-2': { tokens: ['10.12.12.178'], secretIds: [secretId(['10.12.12.178'])] },
  },
  // refresh-secrets made a new one, and Barbican has the old one
  'secret-id-not-taken': { [ROLE]: { tokens: NOW, secretIds: [secretId(BEFORE), secretId(NOW, 30)] } },
  // both name the unit's address, but the unit comes from another network
  'wrong-plane': { [ROLE]: { tokens: BEFORE, secretIds: [secretId(BEFORE)] } },
  // the sign-in is allowed from anywhere, the token is not
  'token-bound': { [ROLE]: { tokens: BEFORE, secretIds: [secretId([])] } },
  'no-secret-id': { [ROLE]: { tokens: NOW, secretIds: [] } },
}

type VaultResponse = { readonly status: number; readonly body: Json }

export async function answerVault(mode: VaultMode, request: Request): Promise<Response> {
  if (mode === 'down') throw new BrokenConnection('connect ECONNREFUSED', 'ECONNREFUSED')
  const { pathname, searchParams } = new URL(request.url)
  const path = pathname.slice(pathname.indexOf(VAULT_PREFIX) + VAULT_PREFIX.length)
  const method = request.method === 'GET' && searchParams.get('list') === 'true' ? 'LIST' : request.method
  const body = parseJson(await request.text())
  const { status, body: said } = answer(mode, method, path, body, request.headers.get('x-vault-token'))
  return Response.json(said, { status })
}

function answer(mode: VaultMode, method: string, path: string, body: unknown, token: string | null): VaultResponse {
  const isSealed = mode === 'sealed'
  if (path === 'sys/health')
    return { status: isSealed ? 503 : 200, body: { initialized: true, sealed: isSealed, standby: false } }
  if (isSealed) return { status: 503, body: { errors: ['Vault is sealed'] } }
  if (token !== VAULT_TOKEN && token !== VAULT_BINDINGS_TOKEN) return denied
  const roles = ROLES[mode] ?? HEALTHY
  const [, role, rest = ''] = /^auth\/approle\/role\/([^/]+)(.*)$/.exec(path) ?? []
  if (role !== undefined) return answerRole(`${method} ${rest}`, role, roles[role], body)
  if (method === 'LIST' && path === 'auth/approle/role') return data({ keys: Object.keys(roles) })
  return token === VAULT_TOKEN ? answerSystem(mode, method, path) : denied
}

function answerRole(asked: string, name: string, role: Role | undefined, body: unknown): VaultResponse {
  if (role === undefined) return gone
  switch (asked) {
    case 'GET ':
      return data({
        bind_secret_id: true,
        secret_id_bound_cidrs: [],
        token_bound_cidrs: role.tokens,
        token_policies: [name],
        token_ttl: 60,
      })
    case 'GET /role-id':
      return data({ role_id: name === ROLE ? ROLE_ID : `of ${name}` })
    case 'LIST /secret-id':
      return role.secretIds.length === 0 ? gone : data({ keys: role.secretIds.map(({ accessor }) => accessor) })
    case 'POST /secret-id-accessor/lookup': {
      const wanted = isJson(body) ? textAt(body, 'secret_id_accessor') : undefined
      const found = role.secretIds.find(({ accessor }) => accessor === wanted)
      return found === undefined ? gone : data(showSecretId(found))
    }
    default:
      return gone
  }
}

function answerSystem(mode: VaultMode, method: string, path: string): VaultResponse {
  const policy = /^sys\/policy\/(.+)$/.exec(path)?.[1]
  if (method === 'GET' && policy !== undefined) {
    const rules = JSON.stringify({ path: { [`${MOUNT}/*`]: { capabilities: ['create', 'read', 'update', 'delete'] } } })
    return mode === 'policy-missing' ? gone : data({ name: policy, rules })
  }
  switch (`${method} ${path}`) {
    case 'GET sys/locked-users': {
      const accessor = { mount_accessor: 'auth_approle_1f2e3d4c', alias_identifiers: [ROLE_ID] }
      return data({
        by_namespace: mode === 'locked-out' ? [{ namespace_id: 'root', mount_accessors: [accessor] }] : [],
      })
    }
    case 'GET sys/mounts': {
      const mount = mode === 'mount-moved' ? 'charm-moved' : MOUNT
      const options = { version: mode === 'kv-upgraded' ? '2' : '1' }
      return data({ 'sys/': { type: 'system', options: null }, [`${mount}/`]: { type: 'kv', options } })
    }
    case `LIST ${MOUNT}/metadata`:
      return mode === 'kv-upgraded' ? data({ keys: ['data/'] }) : gone
    case 'LIST sys/quotas/rate-limit':
      return mode === 'rate-limit' ? data({ keys: ['lab'] }) : gone
    case 'GET sys/quotas/rate-limit/lab':
      return mode === 'rate-limit' ? data({ name: 'lab', path: `${MOUNT}/`, rate: 0.001 }) : gone
    default:
      return gone
  }
}

const denied: VaultResponse = { status: 403, body: { errors: ['permission denied'] } }

const gone: VaultResponse = { status: 404, body: { errors: [] } }

function data(found: Json): VaultResponse {
  return { status: 200, body: { data: found } }
}

function showSecretId({ accessor, cidrs, madeAt }: SecretId): Json {
  return {
    secret_id_accessor: accessor,
    cidr_list: cidrs,
    token_bound_cidrs: [],
    creation_time: madeAt,
    expiration_time: '0001-01-01T00:00:00Z',
    last_updated_time: madeAt,
    secret_id_num_uses: 0,
    secret_id_ttl: 0,
  }
}
