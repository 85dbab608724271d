const units = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 } as const

/** `50 GiB` in MiB, or why it is not an amount. Units are required, because Nova counts MiB and Cinder GiB. */
export function parseAmount(text: string): { readonly mebibytes: number } | { readonly problem: string } {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  if (match === null) return { problem: `\`${text}\` is not an amount; write it like \`50 GiB\`` }
  const [, digits = '', unit = ''] = match
  if (unit === '') return { problem: `\`${text}\` has no unit; write \`${digits} GiB\` or \`${digits} MiB\`` }
  const factor = unit === 'MiB' || unit === 'GiB' || unit === 'TiB' ? units[unit] : undefined
  if (factor === undefined) return { problem: `\`${unit}\` is not a unit; use MiB, GiB or TiB` }
  const mebibytes = Number(digits) * factor
  return Number.isInteger(mebibytes) ? { mebibytes } : { problem: `\`${text}\` is not a whole number of MiB` }
}
