import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { severityLabel, timeText } from '../labels.ts'
import { badge, section } from './piece.ts'

export function findings({ findings: all }: Report): Markup {
  return section(
    'findings',
    'Findings',
    all.length === 0
      ? html`<p>The latest gate of each stage has no findings.</p>`
      : all.map((finding) => {
          const said = severityLabel(finding)
          return html`<div class="finding ${said.tone}">
            <h4>${badge(said)} <code>${finding.code}</code></h4>
            <p>${finding.where}: ${finding.message}</p>
            ${
              finding.remedy === undefined
                ? ''
                : html`<p><strong>Remedy, by the ${finding.owner}:</strong> ${finding.remedy}</p> `
            }
            <p class="small soft">stage ${finding.stage}, ${timeText(finding.at)}</p>
          </div> `
        }),
  )
}
