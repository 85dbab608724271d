import { isAdminRole } from '../openstack/keystone/role-names.ts'
import { isDict, keysOf, lookUp } from '../policy/python/value.ts'
import type { Dict, Value } from '../policy/python/value.ts'
import type { WireRequest } from '../policy/model/operation.ts'
import type { Roles } from '../probes/throwaway/domain.ts'

type Ids = ReadonlyMap<string, string>

/** The meaning of the names in the tools' requests on this cloud. */
export type Names = {
  readonly domains: Ids
  readonly users: Ids
  readonly groups: Ids
  readonly projects: Ids
  readonly roles: Roles
}

type Kind = 'domain' | 'user' | 'group' | 'project' | 'role'

class NotThere extends Error {}

/** Replaces the names of the tools by real ids: in the path, the query and the body. */
export function translator(names: Names): (request: WireRequest) => WireRequest | undefined {
  return (request) => {
    try {
      return translate(request, names)
    } catch (error) {
      if (error instanceof NotThere) return undefined
      throw error
    }
  }
}

function translate({ method, path, body }: WireRequest, names: Names): WireRequest {
  const [plain = '', query] = path.split('?')
  const real = plain.replace(/\/(domain|user|group|project|role)s\/([^/]+)/g, (_, kind: string, name: string) => {
    return `/${kind}s/${idOf(kindIn(kind), name, names)}`
  })
  const pairs = query?.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split('=')
    return `${key}=${valueOf(key, value, names)}`
  })
  return {
    // a HEAD has no body to name the action; GET asks the same
    method: method === 'HEAD' ? 'GET' : method,
    path: pairs === undefined ? real : `${real}?${pairs.join('&')}`,
    ...(body === undefined ? {} : { body: dictOf(body, names) }),
  }
}

function dictOf(dict: Dict, names: Names): Dict {
  return Object.fromEntries(
    keysOf(dict).map((key): readonly [string, Value] => {
      const value: Value = lookUp(dict, key) ?? null
      if (isDict(value)) return [key, dictOf(value, names)]
      return [key, typeof value === 'string' ? valueOf(key, value, names) : value]
    }),
  )
}

/** `trustor_user_id`, `scope.project.id`. */
function valueOf(key: string, value: string, names: Names): string {
  const kind = /(domain|user|group|project|role)[._]id$/.exec(key)?.[1]
  return kind === undefined ? value : idOf(kindIn(kind), value, names)
}

function kindIn(word: string): Kind {
  switch (word) {
    case 'domain':
    case 'user':
    case 'group':
    case 'project':
      return word
    default:
      return 'role'
  }
}

function idOf(kind: Kind, name: string, names: Names): string {
  const id = find(kind, name, names)
  if (id === undefined) throw new NotThere(`${kind} ${name}`)
  return id
}

function find(kind: Kind, name: string, { domains, users, groups, projects, roles }: Names): string | undefined {
  switch (kind) {
    case 'domain':
      return domains.get(name)
    case 'user':
      return users.get(name)
    case 'group':
      return groups.get(name)
    case 'project':
      // the record of a domain is among the projects, under the id of the domain
      return projects.get(name) ?? domains.get(name)
    case 'role': {
      const plain = name.replace(/-role$/, '')
      return (isAdminRole(plain) ? roles.admin : roles.byName(plain))?.id
    }
  }
}
