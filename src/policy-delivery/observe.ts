/**
 * What the personas can do on a cloud, by its own answers: the matrix of the policy tools, observed instead of
 * computed.
 */
import { attempt } from '../probes/attempt.ts'
import type { Attempt } from '../probes/attempt.ts'
import type { Session } from '../openstack/session.ts'
import { defaultManagedRoles } from '../policy/build/managed-roles.ts'
import { casesOf } from '../policy/model/cases.ts'
import type { CaseKey } from '../policy/model/cases.ts'
import { releaseWith } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Ask } from '../policy/model/operation.ts'
import { personaNames } from '../policy/model/persona.ts'
import type { PersonaName } from '../policy/model/persona.ts'
import { targetPlaces } from '../policy/model/request-context.ts'
import type { TargetPlace } from '../policy/model/request-context.ts'
import { probedFacts } from './persona-sessions.ts'
import type { PersonaSessions } from './persona-sessions.ts'

/** One cell. */
export type Observation = {
  readonly persona: PersonaName
  /** As in `policy matrix`: `identity:create_grant member to a user on a project`. */
  readonly operation: string
  readonly action: string
  readonly place: TargetPlace
  /** The policy's answer; a refusal by the handler itself counts as allowed. `unknown`: no answer. */
  readonly answer: 'allow' | 'deny' | 'unknown'
  readonly requestId: string | undefined
}

/** The key of a cell, equal for the same question asked again. */
export function cellOf({ persona, operation, place }: Pick<Observation, 'persona' | 'operation' | 'place'>): string {
  return `${persona} ${operation} at ${place}`
}

/** The first three, for a message. */
export function someCells(cells: readonly Parameters<typeof cellOf>[0][]): string {
  return cells.slice(0, 3).map(cellOf).join('; ')
}

/** Reads of objects in throwaway domains, and lists; they change nothing. */
const reads = new Set([
  'identity:get_domain',
  'identity:list_domains',
  'identity:get_project',
  'identity:list_projects',
  'identity:get_user',
  'identity:list_users',
  'identity:list_roles',
  'identity:list_role_assignments on a project',
  'identity:list_role_assignments_for_tree',
  'identity:list_trusts',
  'identity:list_trusts_for_trustor',
  'identity:list_application_credentials',
])

/** Grants of these, by the personas that may be allowed. All go to disabled throwaways. */
const grants = new Set(
  [...defaultManagedRoles, 'manager', 'admin'].map((role) => `identity:create_grant ${role} to a user on a project`),
)
const grantors: ReadonlySet<PersonaName> = new Set([
  'domain-admin',
  'project-admin',
  'domain-manager',
  'project-manager',
  'member',
])

/** Every question that is asked. The same on all clouds, so that two observations can be compared. */
async function questions(): Promise<readonly Ask[]> {
  const keystone = await loadKeystone(releaseWith('unmaintained/2024.1', ['ossa-2026-015']))
  return casesOf(probedFacts, keystone, isAsked)
}

/** Few enough to take seconds, and enough to distinguish any two releases with different rules. */
export function isAsked({ operation: { id, action }, persona, place }: CaseKey): boolean {
  switch (action) {
    case 'identity:create_grant':
      return grants.has(id) && grantors.has(persona.name) && (place === 'own' || place === 'other')
    // of oneself to oneself without roles: the code refuses it after the policy check (probes/delegation.ts)
    case 'identity:create_trust':
      return place === 'self'
    // for a project that does not exist: the handler answers 404 after the policy check
    case 'identity:ec2_create_credential':
      return place === 'self' && persona.name === 'reader'
    // only for the record of a domain under /v3/projects is `none` a separate place
    default:
      return reads.has(id) && (place !== 'none' || !/identity:(?:list_users|list_projects|get_user)$/.test(id))
  }
}

export async function observe(sessions: PersonaSessions): Promise<readonly Observation[]> {
  return observeAll(sessions, await questions())
}

/** The questions of some cells, to be asked more than once. */
export async function questionsOf(cells: ReadonlySet<string>): Promise<readonly Ask[]> {
  return (await questions()).filter(({ persona, operation, place }) =>
    cells.has(cellOf({ persona: persona.name, operation: operation.id, place })),
  )
}

export async function observeAll(sessions: PersonaSessions, asks: readonly Ask[]): Promise<readonly Observation[]> {
  const observed = await Promise.all(
    asks.map(async (ask) => {
      const session = sessions.sessions.get(ask.persona.name)
      if (session === undefined) return undefined
      const first = await observeOne(session, ask, sessions)
      // one silence decides nothing; each question means the same when it is asked twice
      return first?.answer === 'unknown' ? observeOne(session, ask, sessions) : first
    }),
  )
  return observed.filter((one) => one !== undefined)
}

async function observeOne(
  session: Session,
  ask: Ask,
  { translate }: PersonaSessions,
): Promise<Observation | undefined> {
  const { operation, persona, place } = ask
  const request = translate(ask.request)
  if (request === undefined) return undefined
  const { method, path, body } = request
  if (method !== 'GET' && method !== 'PUT' && method !== 'POST') return undefined
  const [plain = '', query] = path.replace(/^\/v3/, '').split('?')
  const tried = await attempt(session, (recorded) =>
    recorded.request({
      service: 'identity',
      method,
      path: plain,
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(body === undefined ? {} : { body: harmless(operation.action, body) }),
    }),
  )
  return {
    persona: persona.name,
    operation: operation.id,
    action: operation.action,
    place,
    answer: answerIn(tried, operation.action),
    requestId: tried.requestIds.at(-1),
  }
}

/** What the policy allows, the handler refuses: nothing is made. */
function harmless(action: string, body: object): object {
  switch (action) {
    case 'identity:create_trust':
      return withoutRoles(body)
    // keystone 22.0.2 to 30.0.0, api/users.py, UserOSEC2CredentialsResourceListCreate.post: get_project
    case 'identity:ec2_create_credential':
      return { tenant_id: 'no-such-project' }
    default:
      return body
  }
}

/** An empty list prevents the trust from being made. */
function withoutRoles(body: object): object {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'object' && value !== null ? { ...value, roles: [] } : value,
    ]),
  )
}

/** Only a policy's refusal names its action. keystone/exception.py, ForbiddenAction. */
function answerIn(tried: Attempt<unknown>, action: string): Observation['answer'] {
  switch (tried.kind) {
    case 'answered':
      return 'allow'
    case 'refused':
      return tried.status === 403 && tried.message.includes(`requested action: ${action}.`) ? 'deny' : 'allow'
    case 'unanswered':
      return 'unknown'
  }
}

/** Observations from a file; what this version does not know is left out. */
export function recordedObservations(
  recorded: readonly {
    readonly persona: string
    readonly operation: string
    readonly action: string
    readonly place: string
    readonly answer: Observation['answer']
    readonly requestId?: string | undefined
  }[],
): readonly Observation[] {
  return recorded.flatMap((one) => {
    const persona = personaNames.find((name) => name === one.persona)
    const place = targetPlaces.find((name) => name === one.place)
    return persona === undefined || place === undefined ? [] : [{ ...one, persona, place, requestId: one.requestId }]
  })
}
