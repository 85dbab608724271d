/** Where a probe aimed, seen from who tried: the columns of the access matrix. */

/** `own`: its own domain or project; `other`: another tenant's; `cloud`: what belongs to nobody's domain. */
export type ReportPlace = 'own' | 'other' | 'cloud'

/** Whose side tries. `neighbour` is everybody who is not of the tenant, and then `other` is the tenant itself. */
export type Side = 'manager' | 'account' | 'neighbour'

export function sideOf(who: string): Side {
  if (/\banother domain\b/.test(who)) return 'neighbour'
  return /\bdomain manager\b/.test(who) ? 'manager' : 'account'
}

/** Reads it out of the words that the probe has for its aim: `a user of a throwaway foreign domain`. */
export function placeOf(whom: string): ReportPlace {
  if (/^itself$|\bits own\b/.test(whom)) return 'own'
  if (/\b(?:another|other|foreign|neighbour's|tenant's)\b|\bof the operator$|^(?:user|project) \S+, which/.test(whom))
    return 'other'
  return 'cloud'
}
