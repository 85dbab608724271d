/** The target of a probe, as its identity sees it: the columns of the access matrix. */

/** `own`: its own domain or project; `other`: another tenant's; `cloud`: belongs to no domain. */
export type ReportPlace = 'own' | 'other' | 'cloud'

/** The side of the attempt. `neighbour` is everyone outside the tenant, and then `other` is the tenant itself. */
export type Side = 'manager' | 'account' | 'neighbour'

export function sideOf(who: string): Side {
  if (/\banother domain\b/.test(who)) return 'neighbour'
  return /\bdomain manager\b/.test(who) ? 'manager' : 'account'
}

/** Derived from the probe's text for its target: `a user of a throwaway foreign domain`. */
export function placeOf(whom: string): ReportPlace {
  if (/^itself$|\bits own\b/.test(whom)) return 'own'
  if (/\b(?:another|other|foreign|neighbour's|tenant's)\b|\bof the operator$|^(?:user|project) \S+, which/.test(whom))
    return 'other'
  return 'cloud'
}
