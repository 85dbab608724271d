import { InputError } from '../errors.ts'
import { okLabel } from '../report/view/label.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { readPrivate } from '../tenant/private-file.ts'
import { visibleJson } from '../visible.ts'
import { isWholeId, mayHaveId } from './evidence-ids.ts'
import { listHomes } from './homes.ts'
import type { Ledger } from './ledger.ts'
import type { EvidenceAnswer, EvidenceHit } from './model.ts'

const enough = 100
/** Milliseconds: then the answer is what was found. */
const patience = 1250

type Place = {
  readonly root: string
  readonly ledger: Pick<Ledger, 'idsIn'>
  /** The client has left. */
  readonly signal: AbortSignal
}

/**
 * Every record of evidence with a text in it: a request id above all, but also an object's name or id, or a claim. A tenant's whole
 * chain is verified before a record of it is shown.
 */
export async function searchEvidence({ root, ledger, signal }: Place, text: string): Promise<EvidenceAnswer> {
  const wanted = text.toLowerCase()
  // as it is in a line of JSON
  const inLine = new RegExp(literal(visibleJson(JSON.stringify(wanted)).slice(1, -1)), 'i')
  const hits: EvidenceHit[] = []
  const problems: string[] = []
  const until = performance.now() + patience
  let unsearched = 0
  for (const found of await listHomes(root)) {
    if (signal.aborted || hits.length > enough) break
    const { cloud, tenant, home } = found
    const ids = isWholeId(wanted) ? await ledger.idsIn(found) : undefined
    if (ids !== undefined && !mayHaveId(ids, wanted)) continue
    if (performance.now() > until) {
      unsearched++
      continue
    }
    try {
      // most files do not contain it: those are not parsed, and their chain is not verified
      if (!inLine.test((await readPrivate(home.evidence)) ?? '')) continue
      for (const record of await readEvidence(home.evidence)) {
        const hit = hitOf(record, wanted)
        if (hit !== undefined) hits.push({ cloud, tenant, ...hit })
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(`${cloud}/${tenant}: ${error.message}`)
    }
  }
  return { hits: hits.slice(0, enough), isCut: hits.length > enough, unsearched, problems }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function hitOf(record: EvidenceRecord, wanted: string): Omit<EvidenceHit, 'cloud' | 'tenant'> | undefined {
  const { seq, at, kind, hash, prev: _, ...body } = record
  const has = (word: string): boolean => word.toLowerCase().includes(wanted)
  const matched = [...new Set(textsIn(body))].filter(has)
  if (matched.length === 0) return undefined
  const asked = record.kind === 'gate' ? (record.requests ?? []) : []
  const requests = asked.filter(({ id, path }) => has(path) || (id !== undefined && has(id)))
  return { seq, at, kind, hash, title: titleOf(record), matched: matched.slice(0, 20), requests, record }
}

function titleOf(record: EvidenceRecord): string {
  if (record.kind === 'gate') return `gate of ${record.stage} ${okLabel(record.ok).text}`
  if ('object' in record) return `${record.action} ${record.object.kind} ${record.object.name}`
  if ('stage' in record) return `${record.kind} ${record.stage}`
  return record.kind
}

/** Every text in it, at any depth: all that a person may search for. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
