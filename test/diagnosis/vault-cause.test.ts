/**
 * The words of castellan, as OpenBao 2.7.2 behind Barbican 15.0.1 made it say them, with what Vault showed at the same
 * time: the right cause, or all that cannot be told apart and none asserted.
 */
import { describe, expect, test } from 'vitest'
import type { Binding, VaultReading } from '../../src/diagnosis/vault/reading.ts'
import { storeCause } from '../../src/diagnosis/vault/cause.ts'
import type { StoreEvidence, VaultState } from '../../src/diagnosis/vault/cause.ts'
import type { StoreFailure } from '../../src/diagnosis/vault/suspect.ts'

const now = new Date('2026-11-29T21:00:00Z')
const internal = '127.0.12.176'
const admin = '127.0.8.176'
const refused = (source: string): string =>
  `source address "${source}" unauthorized through CIDR restrictions on the secret ID`
const forbidden = 'You are not authorized to complete this action.'
const pool = "HTTPSConnectionPool(host='127.0.0.1', port=43010): Max retries exceeded with url: /v1/auth/approle/login"

function secretId(address: string, minute = 29): NonNullable<Binding['secretIds']>[number] {
  const madeAt = `2026-11-29T20:${minute}:40Z`
  return { accessor: `of ${address}`, cidrs: [`${address}/32`], madeAt, expiresAt: undefined }
}

const rules = '{"path": {"charm-barbican-vault/*": {"capabilities": ["create", "read", "update", "delete", "list"]}}}'
const good: Binding = {
  role: 'charm-barbican-vault-0',
  exists: true,
  tokenCidrs: [internal],
  secretIdCidrs: [],
  secretIds: [secretId(internal)],
  policies: [{ name: 'charm-barbican-vault-0', rules }],
  isLocked: false,
}

function read(change: Partial<Binding> = {}, rest: Partial<VaultReading> = {}): VaultState {
  const mounts = [{ path: 'charm-barbican-vault', version: '1' }]
  return {
    kind: 'read',
    reading: { bindings: [{ ...good, ...change }], mounts, rateLimits: [], unread: [], ...rest },
  }
}

/** As a token that may read bindings only. */
const bindingsOnly = { policies: [{ name: 'charm-barbican-vault-0', rules: undefined }], isLocked: undefined }

type Row = {
  readonly name: string
  readonly reason?: string
  readonly state?: VaultState
  readonly failure?: StoreFailure
  readonly code: string
  /** What the message says, or does not. */
  readonly says?: readonly (string | RegExp)[]
  readonly where?: string
}

const shown: readonly Row[] = [
  {
    name: 'a stale secret id',
    reason: refused(internal),
    state: read({ secretIds: [secretId(admin)] }),
    code: 'vault-stale-secret-id',
  },
  {
    name: 'a stale secret id, without the log',
    state: read({ secretIds: [secretId(admin)] }),
    code: 'vault-stale-secret-id',
  },
  {
    name: 'the wrong plane',
    reason: refused(admin),
    state: read(),
    code: 'vault-wrong-plane',
    says: [admin, internal],
  },
  {
    name: 'refreshed and not taken over',
    reason: refused(internal),
    state: read({ secretIds: [secretId(admin, 10), secretId(internal, 40)] }),
    code: 'vault-secret-id-not-taken',
    says: ['a newer secret id exists', 'T20:40', 'Barbican uses an older one, bound to 127.0.8.176/32'],
  },
  {
    name: 'a destroyed secret id',
    reason: 'invalid role or secret ID',
    state: read({ secretIds: [] }),
    code: 'vault-no-secret-id',
  },
  { name: 'a destroyed secret id, without the log', state: read({ secretIds: [] }), code: 'vault-no-secret-id' },
  {
    name: 'a secret id replaced by one that Barbican does not know',
    reason: 'invalid role or secret ID',
    state: read(),
    code: 'vault-secret-id-unknown',
    says: ['does not know'],
  },
  { name: 'the same by the log alone', reason: 'invalid role or secret ID', code: 'vault-secret-id-unknown' },
  {
    name: 'a role that is gone',
    reason: 'invalid role or secret ID',
    state: read({ exists: false, tokenCidrs: undefined, secretIds: [], policies: undefined }),
    code: 'vault-no-secret-id',
    says: ['no such role'],
  },
  { name: 'a lockout', reason: forbidden, state: read({ isLocked: true }), code: 'vault-locked-out' },
  { name: 'a lockout, without the log', state: read({ isLocked: true }), code: 'vault-locked-out' },
  {
    name: 'a missing policy',
    reason: forbidden,
    state: read({ policies: [{ name: 'charm-barbican-vault-0', rules: null }] }),
    code: 'vault-policy-missing',
  },
  {
    name: 'a policy that only reads',
    reason: forbidden,
    state: read({ policies: [{ name: 'p', rules: rules.replace('"create", ', '').replace('"update", ', '') }] }),
    code: 'vault-policy-missing',
  },
  {
    name: 'a bound token',
    reason: forbidden,
    state: read({ tokenCidrs: [admin], secretIds: [{ ...secretId(internal), cidrs: [] }] }),
    code: 'vault-token-bound',
  },
  { name: 'sealed', reason: 'Service Unavailable', state: { kind: 'sealed' }, code: 'vault-sealed' },
  { name: 'sealed, without the log', state: { kind: 'sealed' }, code: 'vault-sealed' },
  { name: 'sealed, by the log alone', reason: 'Service Unavailable', code: 'vault-sealed' },
  {
    name: 'down behind a relay',
    reason: "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    state: { kind: 'down', message: 'refuses the connection' },
    code: 'vault-down',
  },
  {
    name: 'down behind a relay, by the log alone',
    reason: "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    code: 'vault-down',
  },
  {
    name: 'not reached by Barbican, while Vault has just answered here',
    reason: `${pool} (Caused by NewConnectionError(': Failed to establish a new connection: Connection refused'))`,
    state: read(),
    code: 'vault-unreachable',
  },
  {
    name: 'a certificate of another CA, while Vault has just answered here',
    reason: `${pool} (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:992)')))`,
    state: read(),
    code: 'vault-tls',
    says: ['a CA that Barbican does not trust'],
  },
  {
    name: 'an expired certificate, by the log alone',
    reason: `${pool} (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:992)')))`,
    code: 'vault-tls',
    says: ['has expired'],
  },
  {
    name: 'words of Vault in the log, while it does not answer from here',
    reason: 'invalid role or secret ID',
    state: { kind: 'down', message: 'no route' },
    code: 'vault-secret-id-unknown',
  },
  {
    name: 'a mount that moved',
    failure: 'keeps nothing',
    reason: 'Key not found, uuid: bf3ed0b4bc7b4c16853674a46f8ed5c4',
    state: read({}, { mounts: [{ path: 'charm-moved', version: '1' }] }),
    code: 'vault-mount-moved',
    says: ['201', 'charm-barbican-vault/*'],
  },
  {
    name: 'a rate limit',
    failure: 'keeps nothing',
    reason: "'data'",
    state: read({}, { rateLimits: [{ name: 'lab', path: 'charm-barbican-vault/' }] }),
    code: 'vault-rate-limit',
    says: ['201', 'lab'],
  },
  {
    name: 'KV 1 made KV 2: the certificates of before are lost',
    failure: 'lost the old',
    state: read({}, { mounts: [{ path: 'charm-barbican-vault', version: '2', hasOldKeys: true }] }),
    code: 'vault-kv-upgraded',
    says: ['data/'],
  },
  {
    name: 'a role that binds its secret ids elsewhere',
    reason: 'Internal Server Error',
    state: read({ secretIdCidrs: [`${admin}/32`] }),
    code: 'vault-stale-secret-id',
    says: ['secret_id_bound_cidrs'],
  },
]

describe('what Vault shows is asserted', () => {
  test.each(shown.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const cause = causeOf(row)
    expect(cause.code).toBe(`diagnosis/${row.code}`)
    expect(cause.message).not.toContain('Possible causes')
    for (const part of row.says ?? []) expect(cause.message).toContain(part)
    expect(cause.message).not.toMatch(/undefined|anywhere, /)
  })
})

const open: readonly (Omit<Row, 'code' | 'says'> & { readonly names: readonly RegExp[]; readonly not?: RegExp })[] = [
  {
    name: '403, by the log alone',
    reason: forbidden,
    names: [/locked .* out/, /policy of the role is missing/, /tokens of the role may be used only/],
  },
  {
    name: '403, where only the bindings may be read, which agree',
    reason: forbidden,
    state: read(bindingsOnly, { unread: ['sys/locked-users: 403 permission denied'] }),
    names: [/locked AppRole/, /policy of AppRole/, /sys\/locked-users: 403/],
    not: /tokens of AppRole \S+ may be used only/,
  },
  {
    name: '403, where nobody can tell whether the role is locked out',
    reason: forbidden,
    state: read({ isLocked: undefined }),
    names: [/locked AppRole/],
  },
  {
    name: 'an address, by the log alone',
    reason: refused(internal),
    names: [/stale/, /newer secret id/, /another network/],
  },
  {
    name: 'an address, where the secret ids may not be read',
    reason: refused(internal),
    state: read({ secretIds: undefined }, { unread: ['auth/approle/role/x/secret-id-accessor/lookup: 403'] }),
    names: [/secret id of AppRole charm-barbican-vault-0 is stale/, /newer secret id/, /lookup: 403/],
    not: /another network/,
  },
  {
    name: '503 of before, while Vault is unsealed now',
    reason: 'Service Unavailable',
    state: read(),
    names: [/sealed then/, /another unit of Vault/],
  },
  {
    name: 'http to a TLS port',
    reason: 'Expecting value: line 1 column 1 (char 0)',
    state: read(),
    names: [/plain http/, /something else than Vault/],
  },
  {
    name: 'a loss by the log alone',
    failure: 'keeps nothing',
    reason: 'Key not found, uuid: bf3ed0b4bc7b4c16853674a46f8ed5c4',
    names: [/mount .* moved/, /KV 1/],
    not: /rate limit/,
  },
  {
    name: 'a loss of which nothing is known',
    failure: 'keeps nothing',
    names: [/mount .* moved/, /rate limit/, /KV 1/],
  },
  {
    name: 'two units whose roles both look wrong, without the log',
    state: twoStale(),
    names: [/vault-0 is stale/, /vault-1 is stale/],
  },
]

describe('what cannot be told apart is named, and none of it asserted', () => {
  test.each(open.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const cause = causeOf(row)
    expect(cause.code).toBe('diagnosis/certificate-store')
    expect(cause.message).toContain('none of them shown')
    for (const part of row.names) expect(cause.message).toMatch(part)
    if (row.not !== undefined) expect(cause.message).not.toMatch(row.not)
  })

  test('nothing is made up where Vault agrees and the log is not there', () => {
    const { code, message, remedy } = causeOf({ state: read() })
    expect(code).toBe('diagnosis/certificate-store')
    expect(message).not.toContain('Possible causes')
    expect(remedy).toContain('--barbican-log')
  })
})

describe('several units of Barbican', () => {
  const unit = (index: number, tokens: string, ids: string): Binding => ({
    ...good,
    role: `charm-barbican-vault-${index}`,
    tokenCidrs: [tokens],
    secretIds: [secretId(ids)],
  })
  const three = read(
    {},
    {
      bindings: [
        unit(0, '127.0.12.176', '127.0.12.176'),
        unit(1, '127.0.12.177', '127.0.8.177'),
        unit(2, '127.0.12.178', '127.0.12.178'),
      ],
    },
  )

  test('the role is the one whose addresses hold that of the log, not the first', () => {
    for (const reason of [refused('127.0.12.177'), undefined]) {
      const cause = causeOf({ state: three, reason })
      expect(cause.code).toBe('diagnosis/vault-stale-secret-id')
      expect(cause.where).toBe('AppRole charm-barbican-vault-1')
    }
  })

  test('an address that no role has names no healthy role as the wrong one', () => {
    const cause = causeOf({ state: three, reason: refused('127.0.8.178') })
    expect(cause.code).toBe('diagnosis/vault-wrong-plane')
    expect(cause.where).toBe('vault')
  })
})

function twoStale(): VaultState {
  const stale = (index: number): Binding => ({
    ...good,
    role: `charm-barbican-vault-${index}`,
    secretIds: [secretId(admin)],
  })
  return read({}, { bindings: [stale(0), stale(1)] })
}

function causeOf(row: {
  readonly failure?: StoreFailure
  readonly reason?: string | undefined
  readonly state?: VaultState
}) {
  const evidence: StoreEvidence = {
    failure: row.failure ?? 'refuses',
    message: '500: Secret creation failure seen - please contact site administrator.',
    reason: row.reason,
    state: row.state,
    now,
  }
  return storeCause(evidence)
}
