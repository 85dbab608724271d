import type { EvidenceRecord, RequestRecord } from '../tenant/evidence.ts'
import type { Catalogue } from './catalogue.ts'
import type { AccountReport } from './accounts.ts'
import type { StageReport } from './stage-report.ts'

/** A request that a statement of the report cites, by its number. */
export type ReportedRequest = Omit<RequestRecord, 'id'> & { readonly number: number; readonly id: string }

export type NamedRequests = {
  readonly stages: readonly StageReport[]
  readonly accounts: readonly AccountReport[]
  readonly catalogue: Catalogue | undefined
}

/** In the order of the report. Older evidence has only the ids of requests. */
export function requestsOf(
  { stages, accounts, catalogue }: NamedRequests,
  records: readonly EvidenceRecord[],
): readonly ReportedRequest[] {
  const known = new Map<string, RequestRecord>()
  for (const record of records) {
    for (const request of (record.kind === 'gate' ? record.requests : undefined) ?? []) {
      if (request.id !== undefined) known.set(request.id, request)
    }
  }
  const ids = new Set([
    ...stages.flatMap(({ standing, gates }) => [
      ...standing.flatMap(({ made }) => made?.requestIds ?? []),
      ...gates.flatMap(({ checks }) => checks.flatMap(({ requestIds }) => requestIds)),
    ]),
    ...accounts.flatMap(({ requestIds }) => requestIds),
    ...(catalogue?.probes ?? []).flatMap(({ requestIds }) => requestIds),
  ])
  const unknown = { actor: '', service: '', method: '', path: '', ms: 0 }
  return [...ids].map((id, index) => ({ ...(known.get(id) ?? unknown), id, number: index + 1 }))
}

/** `1-12, 14`: the numbers of these requests. */
export function numbersOf(ids: readonly string[], requests: ReadonlyMap<string, number>): readonly NumberRange[] {
  const numbers = [...new Set(ids.flatMap((id) => requests.get(id) ?? []))].sort((a, b) => a - b)
  const ranges: NumberRange[] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last.to === number - 1) ranges.splice(-1, 1, { from: last.from, to: number })
    else ranges.push({ from: number, to: number })
  }
  return ranges
}

export type NumberRange = { readonly from: number; readonly to: number }

export function numbering(requests: readonly ReportedRequest[]): ReadonlyMap<string, number> {
  return new Map(requests.map(({ id, number }) => [id, number]))
}
