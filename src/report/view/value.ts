/** A recorded value on one line: small values, as the gate recorded them. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  if (value === undefined || value === null) return 'none'
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  const probe: Readonly<Record<string, unknown>> = { ...value }
  if (typeof probe['observed'] === 'string' && typeof probe['detail'] === 'string')
    return `${probe['observed']}: ${probe['detail']}`
  return Object.entries(probe)
    .map(([key, one]) => `${key} ${valueText(one)}`)
    .join(', ')
}
