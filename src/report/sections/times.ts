import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import type { StageTime } from '../times.ts'
import type { TimePlots } from '../time-plot.ts'
import { durationText } from '../labels.ts'
import { section, table } from './piece.ts'

export function timesOf({ stages }: Report): readonly StageTime[] {
  return stages.flatMap(({ gates }) => gates.map(({ time }) => time))
}

export function times(report: Report, plots: TimePlots | undefined): Markup {
  const all = timesOf(report)
  return section(
    'times',
    'Time',
    plots === undefined
      ? html`<p>Nothing was run yet.</p>`
      : html`<p>
            How long each stage took in its last run, steps and gate together, and how long all of them waited for each
            service. Requests are concurrent, so the sum of the waiting exceeds the elapsed time.
          </p>
          <figure>
            ${plots.stages}
            <figcaption>Stages</figcaption>
          </figure>
          <figure>
            ${plots.services}
            <figcaption>Waiting for services: time, in how many requests</figcaption>
          </figure>
          ${table(
            'Waiting by stage and service',
            [{ title: 'Stage' }, { title: 'Took', kind: 'number' }, { title: 'Waited for' }],
            all.map((time) => [
              time.gate === 'accepted' ? `${time.stage}, accepted` : time.stage,
              durationText(time.milliseconds),
              servicesWords(time),
            ]),
          )}`,
  )
}

export function servicesWords({ services }: StageTime): string {
  return services
    .map(({ service, requests, milliseconds }) => `${service} ${durationText(milliseconds)} in ${requests}`)
    .join(', ')
}
