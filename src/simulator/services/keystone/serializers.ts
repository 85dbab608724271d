/** Keystone's output of rows: links, lists, filters. */
import { showExpiry } from './passwords.ts'
import type { ServiceResponse, Call } from '../../service.ts'
import type { Domain, Group, Project, Role, User } from '../../state.ts'
import type { World } from '../../world.ts'
import type { Json } from '../../json.ts'

export function link(world: World, path: string): string {
  return `${world.bases.identity}/v3${path}`
}

export function showDomain(world: World, row: Domain): Json {
  const { id, name, description, enabled, tags, options } = row
  return { id, name, description, enabled, tags, options, links: { self: link(world, `/domains/${id}`) } }
}

export function showProject(world: World, row: Project): Json {
  const { id, name, domain_id, description, enabled, parent_id, tags, options } = row
  const links = { self: link(world, `/projects/${id}`) }
  return { id, name, domain_id, description, enabled, parent_id, is_domain: false, tags, options, links }
}

/** A domain is a project, and Keystone shows it as one on request. */
export function showDomainAsProject(world: World, row: Domain): Json {
  const { id, name, description, enabled, tags, options } = row
  const links = { self: link(world, `/projects/${id}`) }
  return { id, name, domain_id: null, description, enabled, parent_id: null, is_domain: true, tags, options, links }
}

export function showUser(world: World, row: User): Json {
  const { id, name, domain_id, enabled, options } = row
  return {
    ...row.extra,
    id,
    name,
    domain_id,
    enabled,
    ...(row.default_project_id === undefined ? {} : { default_project_id: row.default_project_id }),
    password_expires_at: showExpiry(row),
    options,
    links: { self: link(world, `/users/${id}`) },
  }
}

export function showGroup(world: World, row: Group): Json {
  const { id, name, domain_id, description } = row
  return { ...row.extra, id, name, domain_id, description, links: { self: link(world, `/groups/${id}`) } }
}

/** Keys that Keystone does not know. It keeps them in the column `extra` and shows them: keystone 22.0.2, common/sql/core.py. */
export function extraOf(body: Json): Json {
  const known = ['id', 'name', 'domain_id', 'description', 'options', 'links']
  return Object.fromEntries(Object.entries(body).filter(([key]) => !known.includes(key)))
}

/** Without links inside a token or an application credential. */
export function showRoleBare(row: Role): Json {
  const { id, name, domain_id, description, options } = row
  return { id, name, domain_id, description, options }
}

export function showRole(world: World, row: Role): Json {
  return { ...row.extra, ...showRoleBare(row), links: { self: link(world, `/roles/${row.id}`) } }
}

/** A collection. Keystone never pages: `next` and `previous` are always null. */
export function list(call: Call, key: string, rows: readonly Json[]): ServiceResponse {
  const self = link(call.world, `${call.path.slice('/v3'.length).replace(/\/$/, '')}${call.search}`)
  return { status: 200, body: { [key]: rows, links: { next: null, self, previous: null } } }
}

/** A query flag is set unless its value says otherwise: `?effective` and `?effective=true`, not `?effective=0`. */
export function isFlagSet(call: Call, name: string): boolean {
  const value = call.query.get(name)
  return value !== null && value !== '0'
}

const COMPARISONS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  contains: (value, wanted) => value.includes(wanted),
  icontains: (value, wanted) => value.toLowerCase().includes(wanted.toLowerCase()),
  startswith: (value, wanted) => value.startsWith(wanted),
  istartswith: (value, wanted) => value.toLowerCase().startsWith(wanted.toLowerCase()),
  endswith: (value, wanted) => value.endsWith(wanted),
  iendswith: (value, wanted) => value.toLowerCase().endsWith(wanted.toLowerCase()),
}

/** Rows that match the query's filters. MySQL ignores case in names, and so do clouds on it. */
export function filtered<Row extends Json>(call: Call, rows: readonly Row[], names: readonly string[]): readonly Row[] {
  const tests: ((row: Row) => boolean)[] = []
  for (const [key, wanted] of call.query) {
    const [name = '', comparison] = key.split('__')
    if (!names.includes(name)) continue
    const compare = comparison === undefined ? undefined : COMPARISONS[comparison]
    tests.push((row) => {
      const value = row[name]
      if (typeof value === 'boolean') return value === !['0', 'false', 'False'].includes(wanted)
      const text = typeof value === 'string' ? value : ''
      return compare === undefined ? text.toLowerCase() === wanted.toLowerCase() : compare(text, wanted)
    })
  }
  return rows.filter((row) => tests.every((test) => test(row)))
}
