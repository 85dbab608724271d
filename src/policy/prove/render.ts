import { isDict, keysOf, lookUp } from '../python/value.ts'
import type { Dict } from '../python/value.ts'
import type { CallerKind } from './caller.ts'
import type { Counterexample, WireRequest } from './counterexample.ts'
import type { ClaimProof, Proof } from './prove.ts'

export function renderProof({ answers, assumptions }: Proof): string {
  const parts = answers.map(renderAnswer)
  return `${parts.join('\n')}\nAssumed:\n${assumptions.map((assumption) => `  - ${assumption}\n`).join('')}`
}

function renderAnswer({ claim, title, verdict, counterexamples, notShown }: ClaimProof): string {
  const found = counterexamples.map(renderCounterexample)
  const open = notShown.map(({ action, why }) => `    ${action}: ${why}\n`)
  return `${verdict.padEnd(9)}  ${title} (${claim})\n${[...found, ...open].join('')}`
}

export function renderCounterexample(found: Counterexample): string {
  const { action, decision, request } = found
  const lines = [`${decision === 'allow' ? 'allowed' : 'denied'}: ${action}`, `  who      ${renderCaller(found)}`]
  const about = aboutOf(found)
  lines.push(`  request  ${renderRequest(request)}`, ...(about === '' ? [] : [`  where    ${about}`]))
  return lines.map((line) => `    ${line}\n`).join('')
}

/** Its roles, and where it holds them. */
export function renderCaller({ caller, creds }: Counterexample): string {
  return `${caller.roles.join(', ') || 'no role'} ${placeOf(caller.scope, creds)}`
}

function placeOf(scope: CallerKind, creds: Dict): string {
  const own = (key: string): string => {
    const value = lookUp(creds, key)
    return typeof value === 'string' ? value : ''
  }
  switch (scope) {
    case 'system':
      return 'on the system'
    case 'domain':
      return `on the domain ${own('domain_id')}`
    case 'admin-project':
      return `on the admin project ${own('project_id')}`
    case 'project':
      return `on the project ${own('project_id')} of the domain ${own('project_domain_id')}`
    case 'unscoped':
      return 'without a scope'
  }
}

/** What the URL does not show: the domains of objects, and the names of roles. */
function aboutOf({ objects, caller, creds }: Counterexample): string {
  const facts = Object.entries(objects).flatMap(([key, value]) => {
    const [, member, attribute] = /^target\.(\w+)\.(domain_id|name|user_id)$/.exec(key) ?? []
    if (member === undefined || attribute === undefined) return []
    const what = `the ${member.replace('_', ' ')}`
    if (attribute === 'name') return [`${what} is called ${value ?? 'None'}`]
    if (attribute === 'user_id') return [`${what} is of user ${value ?? 'None'}`]
    if (value !== null) return [`${what} is of domain ${value}`]
    return [member === 'project' ? `${what} is the record of a domain` : `${what} is of no domain`]
  })
  const user = lookUp(creds, 'user_id')
  const isSelf = caller.scope !== 'unscoped' && typeof user === 'string' && objects['target.user.id'] === user
  return [...facts, ...(isSelf ? ['the user is the caller'] : [])].join('; ')
}

export function renderRequest({ method, path, headers, body }: WireRequest): string {
  const heads = Object.entries(headers ?? {}).map(([name, value]) => ` ${name}: ${value}`)
  return `${method} ${path}${heads.join('')}${body === undefined ? '' : ` ${JSON.stringify(plain(body))}`}`
}

function plain(dict: Dict): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    keysOf(dict).map((key) => {
      const value = lookUp(dict, key) ?? null
      return [key, isDict(value) ? plain(value) : value]
    }),
  )
}
