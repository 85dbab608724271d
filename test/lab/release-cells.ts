/** The requests of the oracle: every one that a rule of Keystone guards, by each persona, for own, foreign and cloud objects. */
import requests from './release-requests.json' with { type: 'json' }
import type { PlayedRequest } from './releases.ts'
import { worldPersonas } from './release-world.ts'
import type { World } from './release-world.ts'

/** `member | get user | foreign`, and the request with the ids of this Keystone. */
export type Cell = { readonly name: string; readonly persona: string; readonly request: PlayedRequest }

/**
 * A row is name, method, path, and a body if there is one. `{user}` and the like are objects at a place, `{role:admin}`
 * is a label of its own, and `@` before the name says that one place is enough. A body `subject:..` is the owner of the
 * token in X-Subject-Token.
 */
type Row = readonly [name: string, method: string, path: string, body?: unknown]

const missingId = `${'0'.repeat(31)}1`
const crossing =
  /^(?:grant (?:member|manager|admin)|check grant|list grants|revoke member|add to group|grant inherited) ?/

export function cellsOf(world: World): readonly Cell[] {
  return Object.keys(worldPersonas).flatMap((persona) =>
    (requests as unknown as readonly Row[]).flatMap((row) => cellsOfRow(row, persona, world)),
  )
}

type Place = Readonly<Record<string, string>>

function cellsOfRow([name, method, path, body]: Row, persona: string, world: World): readonly Cell[] {
  const { user, project, domain, foreign } = worldPersonas[persona] ?? {
    user: '',
    domain: '',
    foreign: '',
    project: '',
  }
  const mine = { me: `user:${user}`, mine: `domain:${domain}` }
  const isSubject = typeof body === 'string'
  const names = `${path}${JSON.stringify(body ?? '')}`.matchAll(/\{([a-z0-9]+)\}/g)
  const fields = new Set([...names].map((match) => match[1] ?? ''))
  for (const own of ['me', 'mine']) fields.delete(own)
  const cell = (where: string, at: Place, subjectDomain: string): Cell => ({
    name: `${persona} | ${name.replaceAll('@', '')} | ${where}`,
    persona,
    request: {
      method,
      path: `/v3${filled(path, at, world)}`,
      token: world.tokens[persona],
      restore: !['GET', 'HEAD'].includes(method),
      ...(isSubject
        ? { headers: { 'X-Subject-Token': subjectToken(body, persona, subjectDomain, world) } }
        : body === undefined
          ? {}
          : { body: filledBody(body, at, world) }),
    },
  })
  if (name.includes('@') || (fields.size === 0 && !isSubject)) return [cell('cloud-wide', mine, domain)]
  const at = (place: Place): Place => ({ ...place, ...mine })
  const needsProject = fields.has('project') && !fields.has('user') && project === undefined
  const hasSelf = !isSubject && (fields.has('user') || fields.has('project')) && !needsProject
  const places = [
    ...(hasSelf ? [cell('self', at(objectsOf(domain, user, project)), domain)] : []),
    ...(domain === 'default' ? [] : [cell('own', at(objectsOf(domain)), domain)]),
    cell('foreign', at(objectsOf(foreign)), foreign),
    cell('cloud', at(objectsOf('default')), 'default'),
  ]
  if (!crossing.test(name) || domain === 'default') return places
  const parties = ['user', name.startsWith('add to group') ? 'spare' : 'group']
  const crossed = [
    ['own on foreign', objectsOf(domain), objectsOf(foreign)],
    ['foreign on own', objectsOf(foreign), objectsOf(domain)],
  ] as const
  return [
    ...places,
    ...crossed.map(([where, near, far]) =>
      cell(where, at({ ...far, ...Object.fromEntries(parties.map((key) => [key, near[key] ?? ''])) }), domain),
    ),
  ]
}

function objectsOf(domain: string, user = `${domain}-alice`, project = `${domain}-dev`): Place {
  return {
    domain: `domain:${domain}`,
    user: `user:${user}`,
    project: `project:${project}`,
    spare: `user:${domain}-spare`,
    bob: `user:${domain}-bob`,
    group: `group:${domain}-team`,
    leaf: `project:${domain}-spare`,
    special: `role:${domain}-special`,
    appcred: `application_credential:${domain}-alice`,
    rule: `access_rule:${domain}-alice`,
    ec2: `ec2:${domain}-alice`,
    credential: `credential:${domain}-alice`,
    trust: `trust:${domain}-alice`,
    limit: `limit:${domain}`,
  }
}

function subjectToken(body: string, persona: string, domain: string, world: World): string {
  return world.tokens[body === 'subject:alice' ? `alice@${domain}` : persona] ?? ''
}

function filled(text: string, at: Place, { ids }: World): string {
  return text.replaceAll(/\{([\w:-]+)\}/g, (whole, name: string) => {
    const label = at[name] ?? name
    return ids[label] ?? (label.includes(':') ? missingId : whole)
  })
}

function filledBody(value: unknown, at: Place, world: World): unknown {
  if (typeof value === 'string') return filled(value, at, world)
  if (Array.isArray(value)) return value.map((each) => filledBody(each, at, world))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledBody(each, at, world)]))
}
