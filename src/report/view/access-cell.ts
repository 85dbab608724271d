import type { AccessCell, PaperCell } from '../access.ts'
import { label } from './label.ts'
import type { Label } from './label.ts'

/** The text of one cell of the access matrix: first the word, then the count, because colour alone is not enough. */
export function accessLabel(cell: AccessCell): Label {
  const { allowed, refused, unknown, reported, wrong } = cell
  if (wrong > 0 && unknown < wrong) return label(`${wrong} wrong: ${countsOf(cell)}`, 'bad')
  if (unknown > 0) return label(`inconclusive: ${countsOf(cell)}`, 'warn')
  if (allowed + refused === 0) return label(`seen ${reported}`, 'still')
  return label(countsOf(cell), allowed > 0 ? 'good' : 'still')
}

// a count stays with its number
function countsOf({ allowed, refused, unknown }: AccessCell): string {
  const parts = [
    allowed === 0 ? [] : [`allowed\u00a0${allowed}`],
    refused === 0 ? [] : [`refused\u00a0${refused}`],
    unknown === 0 ? [] : [`unanswered\u00a0${unknown}`],
  ]
  return parts.flat().join(', ')
}

/** `policy: yes 4, no 8`, beside the result of the probes. */
export function paperText({ allowed, refused, unknown }: PaperCell): string {
  const parts = [
    allowed === 0 ? [] : [`yes ${allowed}`],
    refused === 0 ? [] : [`no ${refused}`],
    unknown === 0 ? [] : [`open ${unknown}`],
  ]
  return `policy: ${parts.flat().join(', ')}`
}
