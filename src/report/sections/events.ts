import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { timeText } from '../labels.ts'
import { section, table } from './piece.ts'

export function events({ events: all }: Report): Markup {
  if (all.length === 0) return section('events', 'What else happened', html`<p>Nothing that the evidence knows of.</p>`)
  const rows = all.map(({ at, seq, text }) => [timeText(at), text, String(seq)])
  return section(
    'events',
    'What else happened',
    table('Beside the stages', [{ title: 'When' }, { title: 'What' }, { title: 'Record', kind: 'number' }], rows),
  )
}
