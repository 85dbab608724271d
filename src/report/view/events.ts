import type { Report } from '../report.ts'
import { paragraph, section, table } from './block.ts'
import type { SectionView } from './block.ts'
import { time } from './text.ts'

export function events({ events: all }: Report): SectionView {
  const rows = all.map(({ at, seq, text }) => [time(at), text, String(seq)])
  return section(
    'events',
    'Other events',
    all.length === 0
      ? paragraph('Nothing that the evidence knows of.')
      : table('Beside the stages', ['When', 'What', { title: 'Record', holds: 'amount' }], rows),
  )
}
