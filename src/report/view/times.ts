import type { Report } from '../report.ts'
import { serviceSums } from '../times.ts'
import type { ServiceTime, StageTime } from '../times.ts'
import { paragraph, section, table } from './block.ts'
import type { Bar, SectionView } from './block.ts'
import { durationText } from './time.ts'

export function times({ stages }: Report): SectionView {
  const all = stages.flatMap(({ gates }) => gates.map(({ time }) => time))
  if (all.length === 0) return section('times', 'Time', paragraph('Nothing was run yet.'))
  return section(
    'times',
    'Time',
    paragraph(
      'What each stage took when it was last run, steps and gate together; and how long all of them waited for each service. Requests run beside each other, so waiting adds up to more than the clock.',
    ),
    { kind: 'bars', id: 'chart-stages', caption: 'Time of each stage', bars: all.map(stageBar) },
    {
      kind: 'bars',
      id: 'chart-services',
      caption: 'Time waited for each service, in how many requests',
      bars: serviceSums(all).map(serviceBar),
    },
    table(
      'Waiting by stage and service',
      ['Stage', { title: 'Took', holds: 'amount' }, 'Waited for'],
      all.map((time) => [stageName(time), durationText(time.milliseconds), time.services.map(waitText).join(', ')]),
    ),
  )
}

function stageName({ stage, gate }: StageTime): string {
  return gate === 'accepted' ? `${stage}, accepted` : stage
}

function waitText({ service, requests, milliseconds }: ServiceTime): string {
  return `${service} ${durationText(milliseconds)} in ${requests}`
}

function stageBar(time: StageTime): Bar {
  return { name: stageName(time), amount: time.milliseconds, text: durationText(time.milliseconds) }
}

function serviceBar({ service, milliseconds, requests }: ServiceTime): Bar {
  return { name: service, amount: milliseconds, text: `${durationText(milliseconds)} in ${requests}` }
}
