import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { section, table } from './piece.ts'

export function untested({ untested: all }: Report): Markup {
  return section(
    'untested',
    'What was not tested',
    html`<p>Where this report is silent, nobody looked. It shows none of these:</p>
      ${table(
        'Not shown',
        [{ title: 'What' }, { title: 'Why' }, { title: 'What would show it' }],
        all.map(({ what, why, remedy }) => [what, why, remedy === undefined ? '' : html`<code>${remedy}</code>`]),
      )}`,
  )
}
