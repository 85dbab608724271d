import type { Finding } from '../finding.ts'
import type { ProbeResult } from './claim.ts'

/** The findings of all results, each once per code and rule: one hole shows in many probes. */
export function findingsOf(results: readonly ProbeResult[]): readonly Finding[] {
  const groups = new Map<string, { readonly finding: Finding; readonly others: string[] }>()
  for (const { id, finding } of results) {
    if (finding === undefined) continue
    // one override fixes everything that the persona lacks
    const where = finding.code === 'isolation/persona' ? '' : finding.where
    const key = `${finding.code} ${finding.severity} ${where}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { finding, others: [] })
    else known.others.push(`\`${id}\``)
  }
  return [...groups.values()].map(({ finding, others }) =>
    others.length === 0 ? finding : { ...finding, message: `${finding.message}; the same in ${others.join(', ')}` },
  )
}
