import type { EvidenceRecord, RequestRecord } from '../tenant/evidence.ts'
import type { StageName } from '../tenant/stage.ts'

/** How long one stage took the last time, and its waiting for each service. */
export type StageTime = {
  readonly stage: StageName
  readonly gate: GateRecord['gate']
  readonly at: string
  /** Steps and gate together, by our clock. */
  readonly milliseconds: number
  /** Requests are concurrent, so their sum may exceed the time of the stage. */
  readonly services: readonly ServiceTime[]
}

export type ServiceTime = { readonly service: string; readonly requests: number; readonly milliseconds: number }

export type GateRecord = EvidenceRecord & { readonly kind: 'gate' }

export function timeOf(record: GateRecord): StageTime {
  const { stage, gate, at, milliseconds, began, requests = [] } = record
  return {
    stage,
    gate,
    at,
    milliseconds: began === undefined ? milliseconds : Math.max(0, Date.parse(at) - Date.parse(began)),
    services: servicesOf(requests),
  }
}

function servicesOf(requests: readonly RequestRecord[]): readonly ServiceTime[] {
  const sums = new Map<string, ServiceTime>()
  for (const { service, ms } of requests) {
    const { requests: count, milliseconds } = sums.get(service) ?? { requests: 0, milliseconds: 0 }
    sums.set(service, { service, requests: count + 1, milliseconds: milliseconds + ms })
  }
  return [...sums.values()]
    .map((one) => ({ ...one, milliseconds: Math.round(one.milliseconds) }))
    .sort((a, b) => b.milliseconds - a.milliseconds || (a.service < b.service ? -1 : 1))
}

/** Over all stages. Requests are concurrent, so this is waiting and not wall time. */
export function serviceSums(times: readonly StageTime[]): readonly ServiceTime[] {
  const sums = new Map<string, ServiceTime>()
  for (const { service, requests, milliseconds } of times.flatMap((time) => time.services)) {
    const known = sums.get(service) ?? { service, requests: 0, milliseconds: 0 }
    const requested = known.requests + requests
    sums.set(service, { service, requests: requested, milliseconds: known.milliseconds + milliseconds })
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}
