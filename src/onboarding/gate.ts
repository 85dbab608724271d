import { requestIdsOf } from '../openstack/exchange.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { refusalOf } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import type { Auth } from '../openstack/auth.ts'
import { StopError } from '../errors.ts'
import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import type { TenantContext } from '../tenant/context.ts'
import type { ProbeRuns, ProbeScope } from '../tenant/probe-runs.ts'
import type { Identity } from '../tenant/sessions.ts'
import type { Check, OperatorPoint } from '../tenant/stage.ts'
import type { ExternalAccess } from './external-access.ts'
import { idOf } from './inventory.ts'
import type { ResolvedResources, Resource } from './resource.ts'

/** What a gate works with. It reads the cloud again; `known` only gives it the ids to ask for. */
export type GateContext = GateSource & {
  /** Adds what was proved elsewhere, by probes that read back their own effects. */
  readonly record: (checks: readonly Check[], findings: readonly Finding[]) => void
  /** Notes where an operator would read, in a run without one. */
  readonly withoutOperator: (point: OperatorPoint) => void
  /** Sends requests as that identity. Claims about their answers carry their request ids. */
  readonly read: <A extends Actor, T>(
    identity: Identity<A>,
    ask: (session: Session<A>) => Promise<T>,
  ) => Promise<Reading<T>>
}

/** What of it is there before the gate is read. */
export type GateSource = Pick<TenantContext, 'tenant' | 'secrets' | 'sessions' | 'digests'> & {
  readonly known: ResolvedResources
  readonly external: ExternalAccess
  readonly clock: GateClock
  /** Whether a look that is still true serves: not for a gate that waits for something to come true. */
  readonly isRecalling: boolean
  /** The probe runs of this data directory that ended too early; a gate that probes removes what they left. */
  readonly probeRuns: (scope: ProbeScope) => Promise<ProbeRuns>
}

/** Claims what the probes of a cloud say. They sign in as throwaway identities, which no other gate may. */
export type ProveCloud = (context: GateContext, open: OpenProbe) => Promise<void>
export type OpenProbe = (actor: string, auth: Auth) => Session

/** For gates that wait for something. */
export type GateClock = {
  readonly now: () => Date
  /** Throws `StopError` when the user asked to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Reports what the gate waits for. */
  readonly note: (because: string) => void
}

export type Reading<T> = Claims & {
  readonly value: T
  /** For claims about one resource. A report joins them by its id. */
  readonly about: (resource: { readonly id: string }) => Claims
}

type Claims = {
  /** Records a claim about what was read; `perimeter` if only an operator can read it. */
  readonly claim: (claim: string, ok: boolean, value: unknown, reach?: Check['reach']) => void
}

/**
 * Neutron and Magnum keep several things of one name: one create that was delivered twice makes two. Only a look by name sees
 * that; a look by id finds the one that we know. Returns that one, `undefined` if it is not there any more.
 */
export async function claimOnly<T, A extends Actor>(
  { known, secrets, read }: GateContext,
  resource: Resource<T, A>,
): Promise<Reading<T | undefined>> {
  const { kind, name, identity } = resource
  const found = await read(
    identity,
    async (session): Promise<{ readonly rows: readonly T[]; readonly refused?: number }> => {
      try {
        return { rows: await resource.observe({ session, known, secrets }) }
      } catch (error) {
        const refused = refusalOf(error)
        if (refused === undefined) throw error
        return { rows: [], refused }
      }
    },
  )
  const { rows, ...refused } = found.value
  const ids = rows.map(idOf)
  found
    .about(resource)
    .claim(`there is one ${kind} ${name}, and no other of its name`, ids.length === 1, { ids, ...refused })
  const wanted = idOf(known.need(resource))
  return { ...found, value: rows.find((one) => idOf(one) === wanted) }
}

export type GateRecord = {
  readonly context: GateContext
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  readonly points: readonly OperatorPoint[]
  readonly serverTime: () => string | undefined
  /** What was asked for it, here or by the look before it. */
  readonly asked: readonly Exchange[]
}

export function gateRecord(source: GateSource): GateRecord {
  const checks: Check[] = []
  const findings: Finding[] = []
  const points: OperatorPoint[] = []
  const asked: Exchange[] = []
  return {
    checks,
    findings,
    points,
    asked,
    serverTime: () =>
      asked
        .map((exchange) => exchange.date)
        .filter((date) => date !== undefined)
        .sort()
        .at(-1),
    context: {
      ...source,
      record: (proved, found) => {
        checks.push(...proved)
        findings.push(...found)
      },
      withoutOperator: (point) => {
        points.push(point)
      },
      read: async (identity, ask) => {
        const session = await source.sessions.at(identity)
        if (session === undefined)
          throw new StopError(`${identity.actor} cannot sign in here: its secret is not in the data directory`)
        // what was read since the last change of it is not asked again
        const { session: recorded, exchanges } = (
          source.isRecalling ? source.sessions.look(session) : session
        ).recording()
        const value = await ask(recorded)
        asked.push(...exchanges)
        const requestIds = requestIdsOf(exchanges)
        const claims = (about?: string): Claims => ({
          claim: (claim, ok, read, reach = identity.actor === 'operator' ? 'perimeter' : 'tenant could') => {
            const said = { claim, ok, value: read, actor: identity.actor, reach, requestIds }
            checks.push(about === undefined ? said : { ...said, about })
          },
        })
        return { value, ...claims(), about: ({ id }) => claims(id) }
      },
    },
  }
}
