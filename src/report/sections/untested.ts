import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { section, table } from './piece.ts'

export function untested({ untested: all }: Report): Markup {
  return section(
    'untested',
    'Not tested',
    html`<p>This report does not show any of these:</p>
      ${table(
        'Not shown',
        [{ title: 'What' }, { title: 'Why' }, { title: 'How to show it' }],
        all.map(({ what, why, remedy }) => [what, why, remedy === undefined ? '' : html`<code>${remedy}</code>`]),
      )}`,
  )
}
