/** /v2.1/os-keypairs: of a user, never of a project. nova 26.2.2, nova/api/openstack/compute/keypairs.py. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import sshpk from 'sshpk'
import { forbiddenBy, invalidField } from './error.ts'
import { isAdmin } from '../../access.ts'
import { minorOf } from './version.ts'
import { objectAt, pythonRepr, textAt } from '../../json.ts'
import { ok, param, route } from '../../service.ts'
import { quotaOf } from './quotas.ts'
import { Refusal } from '../../refusal.ts'
import type { ServiceResponse, Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Keypair } from '../../state.ts'

/** An admin may read another user's since 2.10; an application credential reads its owner's. */
function userOf(call: Call, rule: string): string {
  const own = call.caller().user.id
  const asked = minorOf(call) >= 10 ? call.query.get('user_id') : null
  if (asked === null || asked === own) return own
  if (!isAdmin(call)) throw forbiddenBy(`os_compute_api:os-keypairs:${rule}`)
  return asked
}

function find(call: Call, rule: string): Keypair {
  const userId = userOf(call, rule)
  const name = param(call, 'name')
  const row = call.world.state.keypairs.get(`${userId}/${name}`)
  if (row === undefined) throw new Refusal(404, `Keypair ${name} not found for user ${userId}`)
  return row
}

function shown(call: Call, row: Keypair): Json {
  const { name, public_key, fingerprint, type } = row
  return { name, public_key, fingerprint, ...(minorOf(call) >= 2 ? { type } : {}) }
}

function fingerprintOf(publicKey: string): string {
  const data = publicKey.trim().split(/\s+/)[1] ?? ''
  try {
    sshpk.parseKey(publicKey, 'ssh')
  } catch {
    throw new Refusal(400, 'Keypair data is invalid: failed to generate fingerprint')
  }
  const digest = createHash('md5').update(Buffer.from(data, 'base64')).digest('hex')
  return digest.replace(/..(?!$)/g, '$&:')
}

function generate(): { readonly publicKey: string; readonly privateKey: string } {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const key = sshpk.parseKey(pair.publicKey, 'pem')
  key.comment = 'Generated-by-Nova'
  return { publicKey: key.toString('ssh'), privateKey: pair.privateKey }
}

function createKeypair(call: Call): ServiceResponse {
  const body = objectAt(call.body, 'keypair')
  const minor = minorOf(call)
  const name = textAt(body, 'name')
  const given = textAt(body, 'public_key')
  if (name === undefined) throw invalidField('keypair', pythonRepr(body), "'name' is a required property")
  if (minor >= 92 && given === undefined) {
    throw invalidField('keypair', pythonRepr(body), "'public_key' is a required property")
  }
  const own = call.caller().user.id
  const userId = (minor >= 10 ? textAt(body, 'user_id') : undefined) ?? own
  if (userId !== own && !isAdmin(call)) throw forbiddenBy('os_compute_api:os-keypairs:create')
  const { keypairs } = call.world.state
  const limit = quotaOf(call.world, call.caller().project?.id ?? '').key_pairs
  if (limit >= 0 && keypairs.filter((row) => row.user_id === userId).length >= limit) {
    throw new Refusal(403, 'Quota exceeded, too many key pairs.')
  }
  const fingerprint = given === undefined ? undefined : fingerprintOf(given)
  if (keypairs.has(`${userId}/${name}`)) throw new Refusal(409, `Key pair '${name}' already exists.`)
  const made = given === undefined ? generate() : undefined
  const publicKey = given ?? made?.publicKey ?? ''
  const row: Keypair = {
    name,
    user_id: userId,
    public_key: publicKey,
    fingerprint: fingerprint ?? fingerprintOf(publicKey),
    type: textAt(body, 'type') ?? 'ssh',
    createdAt: call.world.now(),
    number: keypairs.size + 1,
  }
  keypairs.set(`${userId}/${name}`, row)
  const secret = made === undefined ? {} : { private_key: made.privateKey }
  return { status: minor >= 2 ? 201 : 200, body: { keypair: { ...secret, ...shown(call, row), user_id: userId } } }
}

export const keypairRoutes: readonly Route[] = [
  route('GET', '/v2.1/os-keypairs', (call) => {
    const userId = userOf(call, 'index')
    const rows = call.world.state.keypairs.filter((row) => row.user_id === userId)
    return ok({ keypairs: rows.map((row) => ({ keypair: shown(call, row) })) })
  }),
  route('POST', '/v2.1/os-keypairs', createKeypair),
  route('GET', '/v2.1/os-keypairs/:name', (call) => {
    const row = find(call, 'show')
    return ok({
      keypair: {
        ...shown(call, row),
        user_id: row.user_id,
        created_at: `${new Date(row.createdAt).toISOString().slice(0, 19)}.000000`,
        deleted: false,
        deleted_at: null,
        id: row.number,
        updated_at: null,
      },
    })
  }),
  route('DELETE', '/v2.1/os-keypairs/:name', (call) => {
    const row = find(call, 'delete')
    call.world.state.keypairs.delete(`${row.user_id}/${row.name}`)
    return { status: minorOf(call) >= 2 ? 204 : 202 }
  }),
]
