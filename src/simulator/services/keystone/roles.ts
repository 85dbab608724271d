/** /v3/roles, their implications, and /v3/role_inferences. keystone 22.0.2, keystone/api/roles.py. */
import { conflict, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { deleteRole } from './remove.ts'
import { enforce } from './enforcer.ts'
import { extraOf, filtered, link, list, showRole } from './serializers.ts'
import { isJson, objectAt, textAt } from '../../json.ts'
import { Refusal } from '../../refusal.ts'
import { requireName } from './validation.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Role } from '../../state.ts'
import type { World } from '../../world.ts'

export function findRole(call: Call, id: string): Role {
  const row = call.world.state.roles.get(id)
  if (row === undefined) throw notFound('role', id)
  return row
}

/** By name among the roles of no domain; a domain's role of that name makes it ambiguous. */
export function findRoleByName(world: World, name: string): Role {
  const rows = world.state.roles.filter((row) => row.name === name)
  const [row] = rows
  if (row === undefined) throw new Refusal(404, `Role ${name} is not defined`)
  if (rows.length > 1) {
    const said = `There are multiple role entities named '${name}'. Please use ID instead of names to resolve the ambiguity.`
    throw new Refusal(400, said)
  }
  return row
}

function target(role: Role | undefined): Json {
  return role === undefined ? {} : { role }
}

/** A role of a domain has its own rules. */
function ruleFor(verb: string, role: Role | undefined): string {
  return (role?.domain_id ?? null) === null ? `identity:${verb}_role` : `identity:${verb}_domain_role`
}

function assertMutable(row: Role, verb: 'update' | 'delete', body: Json = {}): void {
  if (row.options['immutable'] !== true) return
  if (verb === 'update' && objectAt(body, 'options')['immutable'] === false) return
  throw new Refusal(
    403,
    `Unable to ${verb} immutable role resource: \`${row.id}. Set resource option "immutable" to false first.`,
  )
}

function inferenceRole(world: World, row: Role): Json {
  return { id: row.id, links: { self: link(world, `/roles/${row.id}`) }, name: row.name }
}

function impliedBy(call: Call, prior: Role): readonly Role[] {
  return call.world.state.inferences
    .filter((each) => each.priorId === prior.id)
    .map((each) => findRole(call, each.impliedId))
}

function showInference(call: Call, prior: Role, implied: Role): Json {
  const { world } = call
  return {
    role_inference: { prior_role: inferenceRole(world, prior), implies: inferenceRole(world, implied) },
    links: { self: link(world, `/roles/${prior.id}/implies/${implied.id}`) },
  }
}

function implicationTarget(call: Call): Json {
  const prior = call.world.state.roles.get(param(call, 'prior_role_id'))
  const impliedId = textAt(call.params, 'implied_role_id')
  const implied = impliedId === undefined ? undefined : call.world.state.roles.get(impliedId)
  return {
    ...(prior === undefined ? {} : { prior_role: prior }),
    ...(implied === undefined ? {} : { implied_role: implied }),
  }
}

function findImplication(call: Call): { readonly prior: Role; readonly implied: Role } {
  const priorId = param(call, 'prior_role_id')
  const impliedId = param(call, 'implied_role_id')
  if (!call.world.state.inferences.has(`${priorId}/${impliedId}`)) {
    throw new Refusal(404, `${priorId} does not imply ${impliedId}.`)
  }
  return { prior: findRole(call, priorId), implied: findRole(call, impliedId) }
}

export const roleRoutes: readonly Route[] = [
  route('GET', '/v3/roles', (call) => {
    const filters = ['name', 'domain_id']
    const domainId = call.query.get('domain_id')
    enforce(call, domainId === null ? 'identity:list_roles' : 'identity:list_domain_roles', { filters })
    const rows = call.world.state.roles.filter((row) => row.domain_id === domainId)
    return list(
      call,
      'roles',
      filtered(
        call,
        rows.map((row) => showRole(call.world, row)),
        filters,
      ),
    )
  }),
  route('POST', '/v3/roles', (call) => {
    const body = objectAt(call.body, 'role')
    const domainId = textAt(body, 'domain_id') ?? null
    enforce(call, domainId === null ? 'identity:create_role' : 'identity:create_domain_role')
    const name = requireName(call.world, 'role', body)
    if (call.world.state.roles.some((row) => row.name === name && row.domain_id === domainId)) {
      throw conflict(
        'role',
        `Duplicate entry found with name ${name}${domainId === null ? '' : ` at domain ID ${domainId}`}`,
      )
    }
    const row: Role = {
      id: call.world.ids.hex(),
      name,
      domain_id: domainId,
      description: textAt(body, 'description') ?? null,
      options: objectAt(body, 'options'),
      extra: extraOf(body),
    }
    call.world.state.roles.set(row.id, row)
    return created({ role: showRole(call.world, row) })
  }),
  route('GET', '/v3/roles/:role_id', (call) => {
    const row = call.world.state.roles.get(param(call, 'role_id'))
    enforce(call, ruleFor('get', row), { target: target(row) })
    return ok({ role: showRole(call.world, findRole(call, param(call, 'role_id'))) })
  }),
  route('PATCH', '/v3/roles/:role_id', (call) => {
    const found = call.world.state.roles.get(param(call, 'role_id'))
    enforce(call, ruleFor('update', found), { target: target(found) })
    const row = findRole(call, param(call, 'role_id'))
    const body = objectAt(call.body, 'role')
    assertMutable(row, 'update', body)
    const next: Role = {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      options: isJson(body['options']) ? { ...row.options, ...body['options'] } : row.options,
      extra: { ...row.extra, ...extraOf(body) },
    }
    call.world.state.roles.set(row.id, next)
    return ok({ role: showRole(call.world, next) })
  }),
  route('DELETE', '/v3/roles/:role_id', (call) => {
    const found = call.world.state.roles.get(param(call, 'role_id'))
    enforce(call, ruleFor('delete', found), { target: target(found) })
    const row = findRole(call, param(call, 'role_id'))
    assertMutable(row, 'delete')
    deleteRole(call.world, row.id)
    return noContent
  }),
  route('GET', '/v3/roles/:prior_role_id/implies', (call) => {
    enforce(call, 'identity:list_implied_roles', { target: implicationTarget(call) })
    const prior = findRole(call, param(call, 'prior_role_id'))
    const implies = impliedBy(call, prior).map((row) => inferenceRole(call.world, row))
    return ok({
      role_inference: { prior_role: inferenceRole(call.world, prior), implies },
      links: { self: link(call.world, `/roles/${prior.id}/implies`) },
    })
  }),
  route('GET', '/v3/roles/:prior_role_id/implies/:implied_role_id', (call) => {
    const rule = call.method === 'HEAD' ? 'identity:check_implied_role' : 'identity:get_implied_role'
    enforce(call, rule, { target: implicationTarget(call) })
    const { prior, implied } = findImplication(call)
    return call.method === 'HEAD' ? noContent : ok(showInference(call, prior, implied))
  }),
  route('PUT', '/v3/roles/:prior_role_id/implies/:implied_role_id', (call) => {
    enforce(call, 'identity:create_implied_role', { target: implicationTarget(call) })
    const prior = findRole(call, param(call, 'prior_role_id'))
    const implied = findRole(call, param(call, 'implied_role_id'))
    if (prior.domain_id === null && implied.domain_id !== null)
      throw new Refusal(403, 'Global role cannot imply a domain-specific role')
    const key = `${prior.id}/${implied.id}`
    if (call.world.state.inferences.has(key)) throw conflict('implied_role', 'Duplicate entry')
    call.world.state.inferences.set(key, { priorId: prior.id, impliedId: implied.id })
    return created(showInference(call, prior, implied))
  }),
  route('DELETE', '/v3/roles/:prior_role_id/implies/:implied_role_id', (call) => {
    enforce(call, 'identity:delete_implied_role', { target: implicationTarget(call) })
    const { prior, implied } = findImplication(call)
    call.world.state.inferences.delete(`${prior.id}/${implied.id}`)
    return noContent
  }),
  route('GET', '/v3/role_inferences', (call) => {
    enforce(call, 'identity:list_role_inference_rules')
    const priors = new Set(call.world.state.inferences.map((each) => each.priorId))
    const rows = [...priors].map((id) => {
      const prior = findRole(call, id)
      const implies = impliedBy(call, prior).map((row) => inferenceRole(call.world, row))
      return { prior_role: inferenceRole(call.world, prior), implies }
    })
    return ok({ role_inferences: rows })
  }),
]
