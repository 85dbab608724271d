/**
 * Requests that would do harm if a planted rule let them through: by everybody in a tenant, at objects that are not
 * theirs, with every trick of a body or a query that the rule could read. What is harm is said here again, about the
 * objects of the world and without the prover's formulas.
 */
import { classOf } from '../../src/policy/model/actions.ts'
import type { Cell } from './release-cells.ts'
import type { PlayedRequest } from './releases.ts'
import { worldPersonas } from './release-world.ts'
import type { World } from './release-world.ts'

/** Nobody of these has power over the cloud. */
const tenants = [
  ...['domain-manager', 'foreign-manager', 'domain-member', 'domain-reader'],
  ...['project-manager', 'member', 'reader', 'app-credential', 'trustee'],
]
const ofDomains = new Set(tenants.slice(0, 4))

/** Requests about one object, whose domain is known. */
const onOneObject =
  /^identity:(?:(?:get|create|update|delete)_(?:user|group|project|domain)|(?:get|create|delete)_project_tag|(?:list|update|delete)_project_tags|(?:add|remove)_user_(?:to|from)_group|check_user_in_group|list_users_in_group|list_groups_for_user|list_user_projects|(?:check|create|revoke)_grant|list_grants)$/

/** Whether a claim of `policy prove` forbids that this persona does it here. */
export function isHarm(action: string, { persona, name }: Cell): boolean {
  if (!tenants.includes(persona)) return false
  const [, row = '', place = ''] = name.split(' | ')
  const known = classOf(action)
  const isForeign = place !== 'self' && place !== 'own' && place !== 'cloud-wide'
  const isOthers = place !== 'self' && place !== 'cloud-wide'
  if (/_implied_role$/.test(action)) return known?.does === 'write' && !row.includes('special')
  if (known?.of === 'cloud' && known.does === 'write') return true
  if (known?.of === 'user' && (known.credential !== undefined || known.endsSession === true)) return isOthers
  if (action === 'identity:create_grant' && /\badmin\b/.test(row)) return true
  if (ofDomains.has(persona)) return isForeign && onOneObject.test(action) && !row.includes('without domain')
  // a project's token: other accounts, and the records of domains
  if (action === 'identity:update_user' || action === 'identity:add_user_to_group') return isOthers
  if (/_domain as project$|^domain as project$/.test(row) || row.endsWith('domain as project')) return true
  return /^identity:(?:create|update|delete)_domain$/.test(action)
}

/** The harmful cells of an action, plain and with everything in body and query that its rule names. */
export function attacksOn(
  action: string,
  check: string,
  cells: readonly Cell[],
  world: World,
): readonly (Cell & { readonly request: PlayedRequest })[] {
  const keys = [...new Set([...check.matchAll(/%\(([^)]+)\)s/g)].map((match) => match[1] ?? ''))]
  return cells
    .filter((cell) => isHarm(action, cell))
    .flatMap((cell) => [cell, ...valuesOf(cell.persona, world).flatMap((value) => tricked(cell, keys, value))])
}

/** What a rule compares with the caller. */
function valuesOf(persona: string, { ids }: World): readonly (string | null)[] {
  const { user, project, domain } = worldPersonas[persona] ?? { user: '', project: '', domain: '' }
  return [ids[`user:${user}`], ids[`domain:${domain}`], ids[`project:${project ?? ''}`], null, 'member'].filter(
    (value) => value !== undefined,
  )
}

function tricked(cell: Cell, keys: readonly string[], value: string | null): readonly Cell[] {
  const inBody = keys.filter((key) => key.startsWith('request_body.')).map((key) => key.slice('request_body.'.length))
  const inQuery = keys.filter((key) => key.startsWith('filter_attr.')).map((key) => key.slice('filter_attr.'.length))
  if (inBody.length + inQuery.length === 0) return []
  const { request } = cell
  const body = typeof request.body === 'object' && request.body !== null ? structuredClone(request.body) : {}
  for (const key of inBody) put(body as Record<string, unknown>, key.split('.'), value)
  const query = inQuery.map((key) => `${key}=${value ?? 'None'}`).join('&')
  const path = query === '' ? request.path : `${request.path}${request.path.includes('?') ? '&' : '?'}${query}`
  return [{ ...cell, name: `${cell.name} with ${String(value)}`, request: { ...request, path, body } }]
}

function put(at: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: string | null): void {
  if (rest.length === 0) {
    at[first] = value
    return
  }
  const inner = at[first]
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
  at[first] = next
  put(next, rest, value)
}
