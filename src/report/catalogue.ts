import type { Finding } from '../finding.ts'
import { scsChecks, scsVerdicts } from '../isolation/scs.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { probeRecord } from './probe-record.ts'
import type { ProbeRecord } from './probe-record.ts'
import type { GateRecord } from './times.ts'

/** The latest run of the whole catalogue of `verify`. */
export type Catalogue = {
  readonly at: string
  readonly serverTime?: string | undefined
  readonly seq: number
  readonly hash: string
  readonly ok: boolean
  readonly milliseconds: number
  readonly probes: readonly ProbeRecord[]
  /** Of its probes, and of where the tenant's packets may go. */
  readonly findings: readonly Finding[]
  /** Checks of the SCS suite for scs-0302, and how many of them hold. */
  readonly scs: { readonly held: number; readonly of: number; readonly failing: readonly string[] }
  /** Ids of the steps that changed the tenant after it. */
  readonly changedSince: readonly string[]
}

const scsProbes = new Set(scsChecks.flatMap(({ probes }) => probes))

/** The gate of `apply` has only a few probes; the catalogue has every probe of the SCS suite. */
export function catalogueOf(records: readonly EvidenceRecord[]): Catalogue | undefined {
  for (const record of records.toReversed()) {
    if (record.kind !== 'gate' || record.stage !== 'isolation') continue
    const probes = probesOf(record)
    const ids = new Set(probes.map(({ id }) => id))
    if ([...scsProbes].every((id) => ids.has(id))) return catalogue(record, probes, records)
  }
  return undefined
}

export function probesOf(record: GateRecord): readonly ProbeRecord[] {
  return record.checks.flatMap((check) => probeRecord(check) ?? [])
}

function catalogue(record: GateRecord, probes: readonly ProbeRecord[], records: readonly EvidenceRecord[]): Catalogue {
  const { at, serverTime, seq, hash, ok, findings, milliseconds } = record
  const verdicts = scsVerdicts(probes.flatMap(({ id, ok: isHeld }) => (id === undefined ? [] : [{ id, ok: isHeld }])))
  const failing = verdicts.filter((one) => !one.ok).map(({ check }) => check)
  return {
    at,
    serverTime,
    seq,
    hash,
    ok,
    milliseconds,
    probes,
    findings,
    scs: { held: verdicts.length - failing.length, of: verdicts.length, failing },
    changedSince: records.flatMap((one) => (one.kind === 'made' && one.seq > seq ? [one.step] : [])),
  }
}
