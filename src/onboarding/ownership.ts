import { carriesMarker, describe, frozenMark } from '../tenant/names.ts'
import type { Change, Comparison, ResolvedResources } from './resource.ts'

/**
 * Whether it has our marker or is in the evidence. Others' tools write the whole description (Ansible's modules, Terraform, a person in
 * Horizon) and so remove the marker of what we made.
 */
export function isOurs(
  tenant: string,
  { recorded }: Pick<ResolvedResources, 'recorded'>,
  found: { readonly id: string; readonly description?: string | null | undefined },
): boolean {
  return carriesMarker(tenant, found.description) || recorded.has(found.id)
}

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
