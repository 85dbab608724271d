import { InputError } from '../errors.ts'
import { okLabel } from '../report/view/label.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { readPrivate } from '../tenant/private-file.ts'
import { listHomes } from './homes.ts'
import type { EvidenceAnswer, EvidenceHit } from './model.ts'

const enough = 100

/** Every record of evidence with a text in it: a request id above all, but also an object's name or id, or a claim. */
export async function searchEvidence(root: string, text: string): Promise<EvidenceAnswer> {
  const wanted = text.toLowerCase()
  const hits: EvidenceHit[] = []
  const problems: string[] = []
  for (const { cloud, tenant, home } of await listHomes(root)) {
    if (hits.length > enough) break
    try {
      // most files do not contain it: those are not parsed, and their chain is not checked
      if (!((await readPrivate(home.evidence)) ?? '').toLowerCase().includes(wanted)) continue
      for (const record of await readEvidence(home.evidence)) {
        const hit = hitOf(record, wanted)
        if (hit !== undefined) hits.push({ cloud, tenant, ...hit })
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(`${cloud}/${tenant}: ${error.message}`)
    }
  }
  return { hits: hits.slice(0, enough), isCut: hits.length > enough, problems }
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
