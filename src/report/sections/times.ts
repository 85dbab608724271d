import { barChart } from '../bar-chart.ts'
import type { Bar } from '../bar-chart.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { serviceSums } from '../times.ts'
import type { ServiceTime, StageTime } from '../times.ts'
import { durationText } from '../labels.ts'
import { section, table } from './piece.ts'

export function timesOf({ stages }: Report): readonly StageTime[] {
  return stages.flatMap(({ gates }) => gates.map(({ time }) => time))
}

export function times(report: Report): Markup {
  const all = timesOf(report)
  return section(
    'times',
    'Time',
    all.length === 0
      ? html`<p>Nothing was run yet.</p>`
      : html`<p>
            What each stage took when it was last run, steps and gate together; and how long all of them waited for each
            service. Requests run beside each other, so waiting adds up to more than the clock.
          </p>
          <figure>
            ${barChart('chart-stages', 'Time of each stage', all.map(stageBar))}
            <figcaption>Stages</figcaption>
          </figure>
          <figure>
            ${barChart('chart-services', 'Time waited for each service', serviceSums(all).map(serviceBar))}
            <figcaption>Waiting for services: time, in how many requests</figcaption>
          </figure>
          ${table(
            'Waiting by stage and service',
            [{ title: 'Stage' }, { title: 'Took', kind: 'number' }, { title: 'Waited for' }],
            all.map((time) => [stageName(time), durationText(time.milliseconds), servicesWords(time)]),
          )}`,
  )
}

export function stageName({ stage, gate }: StageTime): string {
  return gate === 'accepted' ? `${stage}, accepted` : stage
}

export function servicesWords({ services }: StageTime): string {
  return services
    .map(({ service, requests, milliseconds }) => `${service} ${durationText(milliseconds)} in ${requests}`)
    .join(', ')
}

function stageBar(time: StageTime): Bar {
  return { name: stageName(time), amount: time.milliseconds, text: durationText(time.milliseconds) }
}

function serviceBar({ service, milliseconds, requests }: ServiceTime): Bar {
  return { name: service, amount: milliseconds, text: `${durationText(milliseconds)} in ${requests}` }
}
