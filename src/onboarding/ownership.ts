import { carriesMarker, describe } from '../tenant/names.ts'
import type { Change } from './resource.ts'

/**
 * The description of a resource of ours. One that was changed by hand stays while it has the marker; an adopted one
 * gets the marker appended.
 */
export function descriptionChange(tenant: string, wanted: string, found: string | null | undefined): Change[] {
  if (carriesMarker(tenant, found)) return []
  const from = found ?? ''
  return [{ field: 'description', from, to: describe(tenant, from === '' ? wanted : from) }]
}
