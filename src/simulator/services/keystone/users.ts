/** /v3/users. keystone 22.0.2, keystone/api/users.py. */
import { assertWritable } from './domains.ts'
import { conflict, notFound, unauthorized } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { deleteUser } from './remove.ts'
import { enforce } from './enforcer.ts'
import { filtered, list, showGroup, showProject, showUser } from './serializers.ts'
import { assertFits, passwordChanged, passwordSet } from './passwords.ts'
import { isHashOf } from './hash.ts'
import { isJson, objectAt, textAt } from '../../json.ts'
import { projectsOf } from './auth-tokens.ts'
import { requireBoolean, requireName } from './validation.ts'
import { Refusal } from '../../refusal.ts'
import { endTokensOf, revokeTokensOf } from './token.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { User } from '../../state.ts'
import type { World } from '../../world.ts'

const OWN_FIELDS = [
  'id',
  'name',
  'domain_id',
  'enabled',
  'default_project_id',
  'password',
  'options',
  'original_password',
  'federated',
]

export function findUser(call: Call, id: string): User {
  const row = call.world.state.users.get(id)
  if (row === undefined) throw notFound('user', id)
  return row
}

/** The policy target of a user. */
export function userTarget(row: User): Json {
  const { id, name, domain_id, enabled, options } = row
  return { ...row.extra, id, name, domain_id, enabled, options, default_project_id: row.default_project_id ?? null }
}

export function userTargetOf(call: Call): Json {
  const row = call.world.state.users.get(param(call, 'user_id'))
  return row === undefined ? {} : { user: userTarget(row) }
}

function extraOf(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !OWN_FIELDS.includes(key)))
}

function assertNameIsFree(world: World, name: string, domainId: string, id: string): void {
  const isTaken = world.state.users.some(
    (row) => row.domain_id === domainId && row.id !== id && row.name.toLowerCase() === name.toLowerCase(),
  )
  if (isTaken) throw conflict('user', `Duplicate entry found with name ${name} at domain ID ${domainId}`)
}

function createUser(call: Call, body: Json): User {
  const { world } = call
  const name = requireName(call.world, 'user', body)
  requireBoolean(call.world, body, 'enabled')
  const caller = call.caller()
  const domainId = textAt(body, 'domain_id') ?? caller.domain?.id ?? caller.project?.domain_id ?? 'default'
  if (!world.state.domains.has(domainId)) throw notFound('domain', domainId)
  assertWritable(call, domainId)
  assertNameIsFree(world, name, domainId, '')
  const password = textAt(body, 'password')
  assertFits(world, password)
  // `user_ref.password_ref.expires_at` of a user without a password
  if (password === undefined && world.profile.securityCompliance?.change_password_upon_first_use === true)
    throw new Refusal(500, 'An unexpected error prevented the server from fulfilling your request.')
  const row: User = {
    id: world.ids.hex(),
    name,
    domain_id: domainId,
    enabled: body['enabled'] !== false,
    default_project_id: textAt(body, 'default_project_id'),
    extra: extraOf(body),
    options: objectAt(body, 'options'),
    passwordHash: undefined,
    // it asks before the options of the request are there. keystone 22.0.2, identity/backends/sql.py, create_user
    ...(password === undefined ? {} : passwordSet(world, password, {})),
  }
  world.state.users.set(row.id, row)
  return row
}

function updateUser(call: Call, row: User, body: Json): User {
  assertWritable(call, row.domain_id)
  requireBoolean(call.world, body, 'enabled')
  const password = textAt(body, 'password')
  const options = isJson(body['options']) ? { ...row.options, ...body['options'] } : row.options
  assertFits(call.world, password)
  const next: User = {
    ...row,
    name: textAt(body, 'name') ?? row.name,
    enabled: typeof body['enabled'] === 'boolean' ? body['enabled'] : row.enabled,
    default_project_id: textAt(body, 'default_project_id') ?? row.default_project_id,
    extra: { ...row.extra, ...extraOf(body) },
    options,
    ...(password === undefined ? {} : passwordSet(call.world, password, options, row)),
  }
  assertNameIsFree(call.world, next.name, next.domain_id, next.id)
  call.world.state.users.set(row.id, next)
  if (password !== undefined) endTokensOf(call.world, row.id)
  else if (!next.enabled) revokeTokensOf(call.world, row.id)
  return next
}

export const userRoutes: readonly Route[] = [
  route('GET', '/v3/users', (call) => {
    const filters = ['domain_id', 'enabled', 'idp_id', 'name', 'protocol_id', 'unique_id', 'password_expires_at']
    const { domain, project } = call.caller()
    enforce(call, 'identity:list_users', {
      filters,
      ...(domain === undefined ? {} : { target: { domain_id: domain.id } }),
    })
    const asked = call.query.get('domain_id')
    const ofDrivers = call.world.profile.hasDomainDrivers && asked === null ? project?.domain_id : undefined
    const only = domain?.id ?? ofDrivers
    const rows = call.world.state.users.filter((row) => only === undefined || row.domain_id === only)
    return list(
      call,
      'users',
      filtered(
        call,
        rows.map((row) => showUser(call.world, row)),
        ['domain_id', 'enabled', 'name'],
      ),
    )
  }),
  route('POST', '/v3/users', (call) => {
    const body = objectAt(call.body, 'user')
    enforce(call, 'identity:create_user', { target: { user: body } })
    return created({ user: showUser(call.world, createUser(call, body)) })
  }),
  route('GET', '/v3/users/:user_id', (call) => {
    enforce(call, 'identity:get_user', { target: userTargetOf(call) })
    return ok({ user: showUser(call.world, findUser(call, param(call, 'user_id'))) })
  }),
  route('PATCH', '/v3/users/:user_id', (call) => {
    enforce(call, 'identity:update_user', { target: userTargetOf(call) })
    const row = findUser(call, param(call, 'user_id'))
    const next = updateUser(call, row, objectAt(call.body, 'user'))
    // The answer to an update also has `extra`, left over from LP 1437407.
    const { links, options, ...shown } = showUser(call.world, next)
    return ok({ user: { ...shown, extra: next.extra, options, links } })
  }),
  route('DELETE', '/v3/users/:user_id', (call) => {
    enforce(call, 'identity:delete_user', { target: userTargetOf(call) })
    const row = findUser(call, param(call, 'user_id'))
    assertWritable(call, row.domain_id)
    deleteUser(call.world, row.id)
    return noContent
  }),
  route('POST', '/v3/users/:user_id/password', (call) => {
    const body = objectAt(call.body, 'user')
    const row = call.world.state.users.get(param(call, 'user_id'))
    const original = textAt(body, 'original_password')
    const password = textAt(body, 'password')
    if (row === undefined || original === undefined || password === undefined) throw unauthorized(call.world)
    if (!isHashOf(row.passwordHash, original)) throw unauthorized(call.world)
    assertWritable(call, row.domain_id)
    assertFits(call.world, password)
    call.world.state.users.set(row.id, { ...row, ...passwordChanged(call.world, password, row) })
    endTokensOf(call.world, row.id)
    return noContent
  }),
  route('GET', '/v3/users/:user_id/projects', (call) => {
    const filters = ['domain_id', 'enabled', 'name']
    enforce(call, 'identity:list_user_projects', { filters, target: userTargetOf(call) })
    const rows = projectsOf(call, param(call, 'user_id'))
    return list(
      call,
      'projects',
      filtered(
        call,
        rows.map((row) => showProject(call.world, row)),
        filters,
      ),
    )
  }),
  route('GET', '/v3/users/:user_id/groups', (call) => {
    const filters = ['name']
    enforce(call, 'identity:list_groups_for_user', { filters, target: userTargetOf(call) })
    const { domain } = call.caller()
    const userId = param(call, 'user_id')
    const { state } = call.world
    const rows = state.groups
      .filter((row) => state.memberships.has(`${row.id}/${userId}`))
      .filter((row) => domain === undefined || row.domain_id === domain.id)
    return list(
      call,
      'groups',
      filtered(
        call,
        rows.map((row) => ({ ...showGroup(call.world, row), membership_expires_at: null })),
        filters,
      ),
    )
  }),
]
