import { carriesMarker, describe, frozenMark } from '../tenant/names.ts'
import type { Change, Comparison } from './resource.ts'

/**
 * The description of a resource of ours. One that was changed by hand stays while it has the marker; an adopted one
 * gets the marker appended.
 */
export function descriptionChange(tenant: string, wanted: string, found: string | null | undefined): Change[] {
  if (carriesMarker(tenant, found)) return []
  const from = found ?? ''
  return [{ field: 'description', from, to: describe(tenant, from === '' ? wanted : from) }]
}

/** Whether a domain, project or user is disabled, and by whom as far as its description tells. */
export function disabledAs(
  tenant: string,
  found: { readonly enabled: boolean; readonly description?: string | null | undefined },
): Pick<Comparison, 'disabled'> {
  if (found.enabled) return {}
  return { disabled: found.description?.includes(frozenMark(tenant)) === true ? 'by a freeze' : 'by hand' }
}
