import { stageLabel } from '../../report/view/label.ts'
import { stageNames } from '../../tenant/stage.ts'
import type { TenantRow } from '../model.ts'
import { shapes } from './mark.tsx'

const pitch = 24

/** The stages in order, an icon each, as one drawing, because every row of a long list has eight of them. */
export function Strip({ row }: { readonly row: TenantRow }) {
  const labels = row.stages.map((state, index) =>
    stageLabel(state, row.isAccepted === true && stageNames[index] === 'cluster'),
  )
  const said = labels.map(({ text }, index) => `${stageNames[index] ?? ''} ${text}`).join(', ')
  const width = pitch * stageNames.length
  return (
    <svg class="strip" role="img" aria-label={said} viewBox={`0 0 ${width} ${pitch}`} width={width} height={pitch}>
      {labels.map(({ text, tone }, index) => {
        const name = stageNames[index] ?? ''
        const isNow = row.stage === name
        const sign = isNow ? 'running' : tone
        return (
          <g key={name} class={`tick tick-${sign}`} transform={`translate(${index * pitch} 0)`}>
            <title>{`${name}: ${isNow ? 'at work' : text}`}</title>
            <rect y="1" width="22" height="22" rx="3" />
            <path class={`mark mark-${sign}`} transform="translate(3 4)" d={shapes[sign]} />
          </g>
        )
      })}
    </svg>
  )
}
