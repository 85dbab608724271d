/** /v3/credentials and the EC2 keys of a user. keystone 22.0.2-0+deb12u6, keystone/api/credentials.py and users.py. */
import { createHash } from 'node:crypto'
import { created, noContent, ok, param, route } from '../../service.ts'
import { enforce, isAllowed } from './enforcer.ts'
import { findProject } from './projects.ts'
import { findUser } from './users.ts'
import { forbidden, notFound, unauthorized } from './error.ts'
import { isDelegated } from './caller.ts'
import { hasFix } from '../../../policy/releases/release.ts'
import { link, list } from './serializers.ts'
import { isJson, objectAt, parseJson, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import { requireText } from './validation.ts'
import type { Call, Route } from '../../service.ts'
import type { Credential } from '../../state.ts'
import type { Json } from '../../json.ts'

/** CVE-2026-90460: a delegated token, a trust's included, has no access to credentials. */
function refuseDelegation(call: Call): void {
  if (!hasFix(call.world.profile.release, 'oct-2026')) return
  const caller = call.caller()
  if (caller.trust === undefined && !isDelegated(caller)) return
  throw forbidden('Delegated tokens cannot access credentials directly')
}

function show(call: Call, row: Credential): Json {
  return { ...row, links: { self: link(call.world, `/credentials/${row.id}`) } }
}

function find(call: Call, action: string): Credential {
  const id = param(call, 'credential_id')
  const row = call.world.state.credentials.get(id)
  enforce(call, action, { target: row === undefined ? {} : { credential: row } })
  if (row === undefined) throw notFound('credential', id)
  refuseDelegation(call)
  return row
}

function ec2Of(call: Call, row: Credential): Json {
  const blob = parseJson(row.blob)
  const access = textAt(blob, 'access') ?? ''
  return {
    user_id: row.user_id,
    tenant_id: row.project_id,
    access,
    secret: textAt(blob, 'secret') ?? '',
    trust_id: textAt(blob, 'trust_id') ?? null,
    links: { self: link(call.world, `/users/${row.user_id}/credentials/OS-EC2/${access}`) },
  }
}

export const credentialRoutes: readonly Route[] = [
  route('GET', '/v3/credentials', (call) => {
    const { user, isSystem } = call.caller()
    const filters = ['user_id', 'type']
    enforce(call, 'identity:list_credentials', {
      filters,
      ...(isSystem ? {} : { target: { credential: { user_id: user.id } } }),
    })
    const hidden =
      hasFix(call.world.profile.release, 'oct-2026') &&
      (isDelegated(call.caller()) || call.caller().trust !== undefined)
    const rows = call.world.state.credentials
      .filter((row) => (call.query.get('user_id') ?? row.user_id) === row.user_id)
      .filter((row) => (call.query.get('type') ?? row.type) === row.type)
      .filter((row) => !hidden && isAllowed(call, 'identity:get_credential', { target: { credential: row } }))
    return list(
      call,
      'credentials',
      rows.map((row) => show(call, row)),
    )
  }),
  route('POST', '/v3/credentials', (call) => {
    const body = objectAt(call.body, 'credential')
    enforce(call, 'identity:create_credential', { target: { credential: body } })
    const type = requireText(call.world, 'credential', body, 'type')
    const blob = requireText(call.world, 'credential', body, 'blob')
    refuseDelegation(call)
    const access = textAt(parseJson(blob), 'access')
    const row: Credential = {
      id: type === 'ec2' && access !== undefined ? sha256(access) : call.world.ids.hex(),
      user_id: textAt(body, 'user_id') ?? call.caller().user.id,
      project_id: textAt(body, 'project_id') ?? null,
      type,
      blob,
    }
    call.world.state.credentials.set(row.id, row)
    return created({ credential: show(call, row) })
  }),
  route('GET', '/v3/credentials/:credential_id', (call) =>
    ok({ credential: show(call, find(call, 'identity:get_credential')) }),
  ),
  route('DELETE', '/v3/credentials/:credential_id', (call) => {
    call.world.state.credentials.delete(find(call, 'identity:delete_credential').id)
    return noContent
  }),
  route('GET', '/v3/users/:user_id/credentials/OS-EC2', (call) => {
    enforce(call, 'identity:ec2_list_credentials')
    refuseDelegation(call)
    const userId = param(call, 'user_id')
    const rows = call.world.state.credentials.filter((row) => row.type === 'ec2' && row.user_id === userId)
    return list(
      call,
      'credentials',
      rows.map((row) => ec2Of(call, row)),
    )
  }),
  route('POST', '/v3/users/:user_id/credentials/OS-EC2', (call) => {
    const userId = param(call, 'user_id')
    enforce(call, 'identity:ec2_create_credential', { target: { credential: { user_id: userId } } })
    refuseDelegation(call)
    findUser(call, userId)
    findProject(call, textAt(call.body, 'tenant_id') ?? '')
    const access = call.world.ids.hex()
    const row: Credential = {
      id: sha256(access),
      user_id: userId,
      project_id: textAt(call.body, 'tenant_id') ?? null,
      type: 'ec2',
      blob: JSON.stringify({ access, secret: call.world.ids.hex(), trust_id: null }),
    }
    call.world.state.credentials.set(row.id, row)
    return created({ credential: ec2Of(call, row) })
  }),
  ...(['ec2', 's3'] as const).map((kind) =>
    route('POST', `/v3/${kind}tokens`, (call) => exchange(call, `identity:${kind}tokens_validate`)),
  ),
  route('GET', '/v3/users/:user_id/credentials/OS-EC2/:credential_id', (call) =>
    ok({ credential: ec2Of(call, findEc2(call, 'identity:ec2_get_credential')) }),
  ),
  route('DELETE', '/v3/users/:user_id/credentials/OS-EC2/:credential_id', (call) => {
    call.world.state.credentials.delete(findEc2(call, 'identity:ec2_delete_credential').id)
    return noContent
  }),
]

/** The target is loaded before the policy is asked, so a missing one is 404 to anybody: keystone/api/users.py, `_build_enforcer_target_data_owner_and_user_id_match`. */
function findEc2(call: Call, action: string): Credential {
  call.caller()
  const id = sha256(param(call, 'credential_id'))
  const row = call.world.state.credentials.get(id)
  if (row === undefined) throw notFound('credential', id)
  enforce(call, action, { target: { credential: row } })
  refuseDelegation(call)
  return row
}

/** No signature is known here. keystone 26.0.0 and 26.1.0, api/ec2tokens.py, api/_shared/EC2_S3_Resource.py. */
function exchange(call: Call, action: string): never {
  if (hasFix(call.world.profile.release, 'ossa-2025-002')) enforce(call, action)
  if (!isJson(call.body) || Object.keys(call.body).length === 0)
    throw new Refusal(400, 'request must include a request body')
  throw unauthorized(call.world, 'EC2 Signature not supplied')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
