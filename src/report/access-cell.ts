import type { AccessCell, PaperCell } from './access.ts'
import { said } from './words.ts'
import type { Said } from './words.ts'

/** What one cell of the access matrix says: the word first, then how many, since colour alone tells nobody. */
export function accessWords(cell: AccessCell): Said {
  const { allowed, refused, unknown, reported, wrong } = cell
  if (wrong > 0 && unknown < wrong) return said(`${wrong} wrong: ${countsOf(cell)}`, 'bad')
  if (unknown > 0) return said(`no verdict: ${countsOf(cell)}`, 'warn')
  if (allowed + refused === 0) return said(`seen ${reported}`, 'still')
  return said(countsOf(cell), allowed > 0 ? 'good' : 'still')
}

// what is counted stays with its number
function countsOf({ allowed, refused, unknown }: AccessCell): string {
  const parts = [
    allowed === 0 ? [] : [`allowed\u00a0${allowed}`],
    refused === 0 ? [] : [`refused\u00a0${refused}`],
    unknown === 0 ? [] : [`unanswered\u00a0${unknown}`],
  ]
  return parts.flat().join(', ')
}

/** `policy: yes 4, no 8`, beside what was tried. */
export function paperWords({ allowed, refused, unknown }: PaperCell): string {
  const parts = [
    allowed === 0 ? [] : [`yes ${allowed}`],
    refused === 0 ? [] : [`no ${refused}`],
    unknown === 0 ? [] : [`open ${unknown}`],
  ]
  return `policy: ${parts.flat().join(', ')}`
}
