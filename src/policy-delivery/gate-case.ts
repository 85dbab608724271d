import type { ProbeResult } from '../probes/claim.ts'

/** What a case is for: the persona works; it is bounded; nobody else is worse off. */
export type Group = 'pass' | 'deny' | 'unaffected'

export type GateCase = ProbeResult & { readonly group: Group }

/** Families about others than the domain manager and whoever could pass for one. */
const others = new Set(['authority', 'others', 'trustee', 'domain-admin', 'delegation'])

export function gateCase(result: ProbeResult): GateCase {
  const { family, expected } = result
  const group = others.has(family) ? 'unaffected' : expected === 'allowed' ? 'pass' : 'deny'
  return { ...result, group }
}
