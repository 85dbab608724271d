import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { timeText } from '../labels.ts'
import { section, table } from './piece.ts'

export function events({ events: all }: Report): Markup {
  if (all.length === 0) return section('events', 'Other events', html`<p>The evidence has nothing else.</p>`)
  const rows = all.map(({ at, seq, text }) => [timeText(at), text, String(seq)])
  return section(
    'events',
    'Other events',
    table('Beside the stages', [{ title: 'When' }, { title: 'What' }, { title: 'Record', kind: 'number' }], rows),
  )
}
