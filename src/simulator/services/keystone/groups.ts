/** /v3/groups and their members. keystone 22.0.2, keystone/api/groups.py. */
import { assertWritable } from './domains.ts'
import { conflict, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { deleteGroup } from './remove.ts'
import { enforce } from './enforcer.ts'
import { extraOf, filtered, list, showGroup, showUser } from './serializers.ts'
import { findUser, userTarget } from './users.ts'
import { objectAt, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import { requireName } from './validation.ts'
import type { Call, Route } from '../../service.ts'
import type { Group } from '../../state.ts'
import type { Json } from '../../json.ts'

export function findGroup(call: Call, id: string): Group {
  const row = call.world.state.groups.get(id)
  if (row === undefined) throw notFound('group', id)
  return row
}

function target(call: Call): Json {
  const row = call.world.state.groups.get(param(call, 'group_id'))
  return row === undefined ? {} : { group: row }
}

function memberTarget(call: Call): Json {
  const user = call.world.state.users.get(param(call, 'user_id'))
  return { ...target(call), ...(user === undefined ? {} : { user: userTarget(user) }) }
}

function assertNameIsFree(call: Call, row: Group): void {
  const isTaken = call.world.state.groups.some(
    (each) => each.name === row.name && each.domain_id === row.domain_id && each.id !== row.id,
  )
  if (isTaken) throw conflict('group', `Duplicate entry found with name ${row.name} at domain ID ${row.domain_id}`)
}

export const groupRoutes: readonly Route[] = [
  route('GET', '/v3/groups', (call) => {
    const filters = ['domain_id', 'name']
    const { domain, project } = call.caller()
    enforce(call, 'identity:list_groups', {
      filters,
      ...(domain === undefined ? {} : { target: { group: { domain_id: domain.id } } }),
    })
    const ofDrivers =
      call.world.profile.hasDomainDrivers && !call.query.has('domain_id') ? project?.domain_id : undefined
    const only = domain?.id ?? ofDrivers
    const rows = call.world.state.groups.filter((row) => only === undefined || row.domain_id === only)
    return list(
      call,
      'groups',
      filtered(
        call,
        rows.map((row) => showGroup(call.world, row)),
        filters,
      ),
    )
  }),
  route('POST', '/v3/groups', (call) => {
    const body = objectAt(call.body, 'group')
    enforce(call, 'identity:create_group', { target: { group: body } })
    const caller = call.caller()
    const row: Group = {
      id: call.world.ids.hex(),
      name: requireName(call.world, 'group', body),
      domain_id: textAt(body, 'domain_id') ?? caller.domain?.id ?? caller.project?.domain_id ?? 'default',
      description: textAt(body, 'description') ?? '',
      extra: extraOf(body),
    }
    if (!call.world.state.domains.has(row.domain_id)) throw notFound('domain', row.domain_id)
    assertWritable(call, row.domain_id)
    assertNameIsFree(call, row)
    call.world.state.groups.set(row.id, row)
    return created({ group: showGroup(call.world, row) })
  }),
  route('GET', '/v3/groups/:group_id', (call) => {
    enforce(call, 'identity:get_group', { target: target(call) })
    return ok({ group: showGroup(call.world, findGroup(call, param(call, 'group_id'))) })
  }),
  route('PATCH', '/v3/groups/:group_id', (call) => {
    enforce(call, 'identity:update_group', { target: target(call) })
    const row = findGroup(call, param(call, 'group_id'))
    assertWritable(call, row.domain_id)
    const body = objectAt(call.body, 'group')
    const next: Group = {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      extra: { ...row.extra, ...extraOf(body) },
    }
    assertNameIsFree(call, next)
    call.world.state.groups.set(row.id, next)
    return ok({ group: showGroup(call.world, next) })
  }),
  route('DELETE', '/v3/groups/:group_id', (call) => {
    // The enforcer loads the group itself here, so a missing one is 404 before the policy check.
    const row = findGroup(call, param(call, 'group_id'))
    enforce(call, 'identity:delete_group', { target: { group: row } })
    assertWritable(call, row.domain_id)
    deleteGroup(call.world, row.id)
    return noContent
  }),
  route('GET', '/v3/groups/:group_id/users', (call) => {
    const filters = ['domain_id', 'enabled', 'name', 'password_expires_at']
    enforce(call, 'identity:list_users_in_group', { filters, target: target(call) })
    const group = findGroup(call, param(call, 'group_id'))
    const { domain } = call.caller()
    const rows = call.world.state.users
      .filter((user) => call.world.state.memberships.has(`${group.id}/${user.id}`))
      .filter((user) => domain === undefined || user.domain_id === domain.id)
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
  route('GET', '/v3/groups/:group_id/users/:user_id', (call) => {
    enforce(call, 'identity:check_user_in_group', { target: memberTarget(call) })
    const group = findGroup(call, param(call, 'group_id'))
    const user = findUser(call, param(call, 'user_id'))
    if (!call.world.state.memberships.has(`${group.id}/${user.id}`)) {
      throw new Refusal(404, `User '${user.id}' not found in group '${group.id}'`)
    }
    return noContent
  }),
  route('PUT', '/v3/groups/:group_id/users/:user_id', (call) => {
    enforce(call, 'identity:add_user_to_group', { target: memberTarget(call) })
    const group = findGroup(call, param(call, 'group_id'))
    const user = findUser(call, param(call, 'user_id'))
    assertWritable(call, group.domain_id)
    call.world.state.memberships.set(`${group.id}/${user.id}`, { groupId: group.id, userId: user.id })
    return noContent
  }),
  route('DELETE', '/v3/groups/:group_id/users/:user_id', (call) => {
    enforce(call, 'identity:remove_user_from_group', { target: memberTarget(call) })
    const group = findGroup(call, param(call, 'group_id'))
    const user = findUser(call, param(call, 'user_id'))
    assertWritable(call, group.domain_id)
    if (!call.world.state.memberships.delete(`${group.id}/${user.id}`)) {
      throw new Refusal(404, `User '${user.id}' not found in group '${group.id}'`)
    }
    return noContent
  }),
]
