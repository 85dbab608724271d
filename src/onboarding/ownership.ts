import { carriesMarker, describe } from '../tenant/names.ts'
import type { Change } from './resource.ts'

/**
 * The description that a thing of ours has. One that was changed by hand is left alone as long as the marker is in it;
 * one that is taken over gets the marker behind what it says.
 */
export function descriptionChange(tenant: string, wanted: string, found: string | null | undefined): Change[] {
  if (carriesMarker(tenant, found)) return []
  const from = found ?? ''
  return [{ field: 'description', from, to: describe(tenant, from === '' ? wanted : from) }]
}
