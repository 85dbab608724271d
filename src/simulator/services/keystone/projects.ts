/** /v3/projects and their tags. keystone 22.0.2, keystone/api/projects.py and keystone/resource/core.py. */
import { hasTags } from '../../tags.ts'
import { booleanAt, objectAt, textAt, textsAt } from '../../json.ts'
import { conflict, notFound } from './error.ts'
import { created, noContent, ok, param, route } from '../../service.ts'
import { createDomain, deleteDomain } from './domains.ts'
import { deleteProject } from './remove.ts'
import { enforce } from './enforcer.ts'
import { filtered, isFlagSet, link, list, showDomainAsProject, showProject } from './serializers.ts'
import { Refusal } from '../../refusal.ts'
import { requireBoolean, requireName } from './validation.ts'
import { subtreeOf } from './effective.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Project } from '../../state.ts'

export function findProject(call: Call, id: string): Project {
  const row = call.world.state.projects.get(id)
  if (row === undefined) throw notFound('project', id)
  return row
}

/** The policy target of a project, and of a domain. */
export function projectTarget(call: Call, id: string): Json | undefined {
  const project = call.world.state.projects.get(id)
  if (project !== undefined) return { ...project, is_domain: false }
  const domain = call.world.state.domains.get(id)
  return domain === undefined ? undefined : { ...domain, domain_id: null, parent_id: null, is_domain: true }
}

function target(call: Call): Json {
  const project = projectTarget(call, param(call, 'project_id'))
  return project === undefined ? {} : { project }
}

function assertNameIsFree(call: Call, name: string, domainId: string, id: string): void {
  const taken = call.world.state.projects.some(
    (row) => row.name.toLowerCase() === name.toLowerCase() && row.domain_id === domainId && row.id !== id,
  )
  if (!taken) return
  throw conflict(
    'project',
    'it is not permitted to have two projects with either the same name or same id in the same domain: ' +
      `name is ${name}, project id ${id}`,
  )
}

function createProject(call: Call, body: Json): Project {
  const { world } = call
  const caller = call.caller()
  const name = requireName(call.world, 'project', body)
  requireBoolean(call.world, body, 'enabled')
  const parentId = textAt(body, 'parent_id')
  const parent = parentId === undefined ? undefined : world.state.projects.get(parentId)
  const given = textAt(body, 'domain_id')
  const parentDomain =
    parent?.domain_id ?? (parentId !== undefined && world.state.domains.has(parentId) ? parentId : undefined)
  if (parentId !== undefined && parentDomain === undefined) {
    throw new Refusal(404, `Could not find project: ${parentId}.`)
  }
  const domainId = given ?? parentDomain ?? caller.domain?.id ?? caller.project?.domain_id ?? 'default'
  if (!world.state.domains.has(domainId)) throw notFound('domain', domainId)
  if (parentDomain !== undefined && parentDomain !== domainId) {
    throw new Refusal(
      400,
      `Cannot create project, since it specifies its domain_id ${domainId}, but specifies a parent in a different domain (${parentDomain}).`,
    )
  }
  const row: Project = {
    id: world.ids.hex(),
    name,
    domain_id: domainId,
    description: textAt(body, 'description') ?? '',
    enabled: booleanAt(body, 'enabled') ?? true,
    parent_id: parentId ?? domainId,
    tags: textsAt(body, 'tags'),
    options: objectAt(body, 'options'),
  }
  assertNameIsFree(call, name, domainId, row.id)
  world.state.projects.set(row.id, row)
  return row
}

function parents(call: Call, row: Project): readonly Project[] {
  const parent = call.world.state.projects.get(row.parent_id)
  return parent === undefined ? [] : [parent, ...parents(call, parent)]
}

function idTree(call: Call, id: string): Json | null {
  const children = call.world.state.projects.filter((project) => project.parent_id === id)
  return children.length === 0 ? null : Object.fromEntries(children.map((child) => [child.id, idTree(call, child.id)]))
}

function family(call: Call, row: Project): Json {
  const show = (each: Project): Json => ({ project: showProject(call.world, each) })
  const below = subtreeOf(call.world.state, row.id).map((id) => findProject(call, id))
  const above = (at: Project): Json => {
    const parent = call.world.state.projects.get(at.parent_id)
    return { [at.parent_id]: parent === undefined ? null : above(parent) }
  }
  return {
    ...(isFlagSet(call, 'parents_as_list') ? { parents: parents(call, row).map(show) } : {}),
    ...(isFlagSet(call, 'parents_as_ids') ? { parents: above(row) } : {}),
    ...(isFlagSet(call, 'subtree_as_list') ? { subtree: below.map(show) } : {}),
    ...(isFlagSet(call, 'subtree_as_ids') ? { subtree: idTree(call, row.id) } : {}),
  }
}

function setTags(call: Call, row: Project, tags: readonly string[]): void {
  call.world.state.projects.set(row.id, { ...row, tags: [...tags].sort() })
}

function findTag(call: Call): { readonly row: Project; readonly value: string } {
  const row = findProject(call, param(call, 'project_id'))
  const value = param(call, 'value')
  if (!row.tags.includes(value)) throw notFound('project tag', value)
  return { row, value }
}

export const projectRoutes: readonly Route[] = [
  route('GET', '/v3/projects', (call) => {
    const filters = ['domain_id', 'enabled', 'name', 'parent_id', 'is_domain']
    const { domain } = call.caller()
    enforce(call, 'identity:list_projects', {
      filters,
      ...(domain === undefined ? {} : { target: { domain_id: domain.id } }),
    })
    const { state } = call.world
    const wantsDomains =
      call.query.has('is_domain') && isFlagSet(call, 'is_domain') && call.query.get('is_domain') !== 'false'
    const all: readonly Json[] = wantsDomains
      ? state.domains.map((row) => showDomainAsProject(call.world, row))
      : state.projects.map((row) => showProject(call.world, row))
    const rows = all
      .filter((row) => domain === undefined || row['domain_id'] === domain.id)
      .filter((row) => hasTags(call.query, textsAt(row, 'tags')))
    return list(call, 'projects', filtered(call, rows, ['domain_id', 'enabled', 'name', 'parent_id']))
  }),
  route('POST', '/v3/projects', (call) => {
    const body = objectAt(call.body, 'project')
    enforce(call, 'identity:create_project', { target: { project: body } })
    if (booleanAt(body, 'is_domain') === true) {
      const name = requireName(call.world, 'project', body)
      return created({ project: showDomainAsProject(call.world, createDomain(call, body, name)) })
    }
    return created({ project: showProject(call.world, createProject(call, body)) })
  }),
  route('GET', '/v3/projects/:project_id', (call) => {
    enforce(call, 'identity:get_project', { target: target(call) })
    const id = param(call, 'project_id')
    const domain = call.world.state.domains.get(id)
    if (domain !== undefined) return ok({ project: showDomainAsProject(call.world, domain) })
    const row = findProject(call, id)
    return ok({ project: { ...showProject(call.world, row), ...family(call, row) } })
  }),
  route('PATCH', '/v3/projects/:project_id', (call) => {
    enforce(call, 'identity:update_project', { target: target(call) })
    const id = param(call, 'project_id')
    const body = objectAt(call.body, 'project')
    const domain = call.world.state.domains.get(id)
    if (domain !== undefined) {
      const next = {
        ...domain,
        name: textAt(body, 'name') ?? domain.name,
        description: textAt(body, 'description') ?? domain.description,
        enabled: booleanAt(body, 'enabled') ?? domain.enabled,
      }
      call.world.state.domains.set(id, next)
      return ok({ project: { ...showDomainAsProject(call.world, next), extra: {} } })
    }
    const row = findProject(call, id)
    const movedTo = textAt(body, 'domain_id')
    if (movedTo !== undefined && movedTo !== row.domain_id) throw new Refusal(400, 'Cannot change Domain ID')
    const next: Project = {
      ...row,
      name: textAt(body, 'name') ?? row.name,
      description: textAt(body, 'description') ?? row.description,
      enabled: booleanAt(body, 'enabled') ?? row.enabled,
      tags: body['tags'] === undefined ? row.tags : textsAt(body, 'tags'),
    }
    assertNameIsFree(call, next.name, next.domain_id, next.id)
    call.world.state.projects.set(id, next)
    return ok({ project: { ...showProject(call.world, next), extra: {} } })
  }),
  route('DELETE', '/v3/projects/:project_id', (call) => {
    enforce(call, 'identity:delete_project', { target: target(call) })
    const id = param(call, 'project_id')
    const domain = call.world.state.domains.get(id)
    if (domain !== undefined) {
      deleteDomain(call, domain)
      return noContent
    }
    const row = findProject(call, id)
    if (subtreeOf(call.world.state, row.id).length > 0) {
      throw new Refusal(
        403,
        `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.`,
      )
    }
    deleteProject(call.world, id)
    return noContent
  }),
  route('GET', '/v3/projects/:project_id/tags', (call) => {
    enforce(call, 'identity:list_project_tags', { target: target(call) })
    const row = findProject(call, param(call, 'project_id'))
    return ok({
      tags: row.tags,
      links: { next: null, self: link(call.world, `/projects/${row.id}/tags`), previous: null },
    })
  }),
  route('PUT', '/v3/projects/:project_id/tags', (call) => {
    enforce(call, 'identity:update_project_tags', { target: target(call) })
    const row = findProject(call, param(call, 'project_id'))
    const tags = textsAt(call.body, 'tags')
    setTags(call, row, tags)
    return ok({ tags, links: { next: null, self: link(call.world, `/projects/${row.id}/tags`), previous: null } })
  }),
  route('DELETE', '/v3/projects/:project_id/tags', (call) => {
    enforce(call, 'identity:delete_project_tags', { target: target(call) })
    setTags(call, findProject(call, param(call, 'project_id')), [])
    return noContent
  }),
  route('GET', '/v3/projects/:project_id/tags/:value', (call) => {
    enforce(call, 'identity:get_project_tag', { target: target(call) })
    findTag(call)
    return noContent
  }),
  route('PUT', '/v3/projects/:project_id/tags/:value', (call) => {
    enforce(call, 'identity:create_project_tag', { target: target(call) })
    const row = findProject(call, param(call, 'project_id'))
    setTags(call, row, [...new Set([...row.tags, param(call, 'value')])])
    return { status: 201, headers: { Location: link(call.world, `/projects/${row.id}/tags/${param(call, 'value')}`) } }
  }),
  route('DELETE', '/v3/projects/:project_id/tags/:value', (call) => {
    enforce(call, 'identity:delete_project_tag', { target: target(call) })
    const { row, value } = findTag(call)
    setTags(
      call,
      row,
      row.tags.filter((tag) => tag !== value),
    )
    return noContent
  }),
]
