import { findByName, get, list, send } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { flag, inside, listOf, object, optional, orNull, text } from '../shape.ts'

export type Project = {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  /** The domain, for a project at the top of it. */
  readonly parent_id: string | null
  readonly enabled: boolean
  readonly is_domain: boolean
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
}

const project = object<Project>({
  id: text,
  name: text,
  domain_id: text,
  parent_id: orNull(text),
  enabled: flag,
  is_domain: flag,
  description: optional(text),
  tags: optional(listOf(text)),
})

export type ProjectFilter = {
  readonly domain_id?: string
  readonly name?: string
  readonly parent_id?: string
  readonly enabled?: boolean
  readonly is_domain?: boolean
}

/** A domain manager that filters on another domain gets an empty list and no refusal. */
export function listProjects(session: Session, filter: ProjectFilter = {}): Promise<readonly Project[]> {
  return list(session, { service: 'identity', path: '/projects', query: filter }, 'projects', project)
}

/** The projects that this identity may scope to. */
export function listOwnProjects(session: Session): Promise<readonly Project[]> {
  return list(session, { service: 'identity', path: '/auth/projects' }, 'projects', project)
}

export function findProject(session: Session, name: string, domainId: string): Promise<Project | undefined> {
  const query = { name, domain_id: domainId }
  return findByName(
    session,
    { service: 'identity', path: '/projects', query },
    { key: 'projects', read: project, name },
  )
}

export function getProject(session: Session, id: string): Promise<Project> {
  return get(session, { service: 'identity', path: `/projects/${id}` }, inside('project', project))
}

export type ProjectFields = {
  readonly name: string
  readonly domain_id: string
  readonly parent_id?: string
  readonly description?: string
  readonly enabled?: boolean
  readonly tags?: readonly string[]
}

export function createProject(session: Session, fields: ProjectFields): Promise<Project> {
  const body = { project: fields }
  return send(session, { service: 'identity', method: 'POST', path: '/projects', body }, inside('project', project))
}

export function updateProject(
  session: Session,
  id: string,
  fields: { readonly name?: string; readonly description?: string; readonly enabled?: boolean },
): Promise<Project> {
  const body = { project: fields }
  return send(
    session,
    { service: 'identity', method: 'PATCH', path: `/projects/${id}`, body, isRepeatable: true },
    inside('project', project),
  )
}

/** Leaves behind its resources and quotas in other services. */
export function deleteProject(session: Session, id: string): Promise<void> {
  return send(session, { service: 'identity', method: 'DELETE', path: `/projects/${id}` })
}
