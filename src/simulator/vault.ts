/**
 * A stand-in for HashiCorp Vault, for an operator with a token who reads from where Barbican may sign in. Barbican
 * itself does not ask it: the same fault makes its store fail. hashicorp/vault 051cff9,
 * builtin/credential/approle/path_role.go: pathRoleRead, secretIDStorageEntry.ToResponseData; http/sys_health.go. The
 * bindings follow charm-vault, src/lib/charm/vault.py, configure_approle. It was never compared with a running Vault.
 */
import { BrokenConnection } from './delivery.ts'
import { isJson, parseJson, textAt } from './json.ts'
import type { VaultMode } from './faults.ts'
import type { Json } from './json.ts'

/** The simulator has it below this path of its own URL. */
export const VAULT_PREFIX = '/vault/v1/'

/** Reads the binding and nothing else. */
export const VAULT_TOKEN = 'simulator-vault-operator'

const ROLE = 'charm-barbican-0'
const ACCESSOR = '8f3c1d52-0a1d-4a39-9f6e-0f6f7a4f5b10'
const NOW = ['10.12.12.176/32']
const BEFORE = ['10.12.8.176/32']

/** Addresses of the role's tokens, and of its secret id. */
const BINDINGS: Readonly<Record<VaultMode, readonly [readonly string[], readonly string[]]>> = {
  works: [NOW, NOW],
  // the unit's address changed: the role was updated, the secret id was not
  'stale-secret-id': [NOW, BEFORE],
  // both name the unit's address, but the unit comes from another network
  'wrong-plane': [BEFORE, BEFORE],
  // the sign-in is allowed from anywhere, the token is not
  'token-bound': [BEFORE, []],
  'no-secret-id': [NOW, []],
  sealed: [NOW, NOW],
  down: [NOW, NOW],
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
  if (token !== VAULT_TOKEN) return { status: 403, body: { errors: ['permission denied'] } }
  const [ofTokens, ofSecretId] = BINDINGS[mode]
  const role = `auth/approle/role/${ROLE}`
  switch (`${method} ${path}`) {
    case 'LIST auth/approle/role':
      return data({ keys: [ROLE] })
    case `GET ${role}`:
      return data({ bind_secret_id: true, secret_id_bound_cidrs: null, token_bound_cidrs: ofTokens, token_ttl: 60 })
    case `LIST ${role}/secret-id`:
      return mode === 'no-secret-id' ? gone : data({ keys: [ACCESSOR] })
    case `POST ${role}/secret-id-accessor/lookup`:
      return isJson(body) && textAt(body, 'secret_id_accessor') === ACCESSOR ? data(secretId(ofSecretId)) : gone
    default:
      return gone
  }
}

const gone: VaultResponse = { status: 404, body: { errors: [] } }

function data(found: Json): VaultResponse {
  return { status: 200, body: { data: found } }
}

function secretId(cidr_list: readonly string[]): Json {
  return {
    secret_id_accessor: ACCESSOR,
    cidr_list,
    token_bound_cidrs: [],
    creation_time: '2026-01-01T00:00:00Z',
    expiration_time: '0001-01-01T00:00:00Z',
    last_updated_time: '2026-01-01T00:00:00Z',
    secret_id_num_uses: 0,
    secret_id_ttl: 0,
  }
}
