import type { ProbeResult } from '../probes/claim.ts'

/** What a case shows: the persona works; it is bounded; nobody else lost anything. */
export type Group = 'pass' | 'deny' | 'unaffected'

export type GateCase = ProbeResult & { readonly group: Group }

/** Families about other accounts than the domain manager and its like. */
const others = new Set(['authority', 'others', 'trustee', 'domain-admin', 'delegation', 'cluster-quota'])

export function gateCase(result: ProbeResult): GateCase {
  const { family, expected } = result
  const group = others.has(family) ? 'unaffected' : expected === 'allowed' ? 'pass' : 'deny'
  return { ...result, group }
}
