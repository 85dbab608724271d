import { stageNames } from '../../tenant/stage.ts'
import type { TenantRow } from '../model.ts'
import { shapes } from './mark.tsx'
import { stageSigns } from './status-icons.ts'

const pitch = 24

/** The stages in order, an icon each, as one drawing, because every row of a long list has eight of them. */
export function Strip({ row }: { readonly row: TenantRow }) {
  const label = row.stages.map((state, index) => `${stageNames[index] ?? ''} ${state}`).join(', ')
  const width = pitch * stageNames.length
  return (
    <svg class="strip" role="img" aria-label={label} viewBox={`0 0 ${width} ${pitch}`} width={width} height={pitch}>
      {row.stages.map((state, index) => {
        const name = stageNames[index] ?? ''
        const isNow = row.stage === name
        const sign = isNow ? 'run' : stageSigns[state]
        return (
          <g key={name} class={`tick tick-${sign}`} transform={`translate(${index * pitch} 0)`}>
            <title>{`${name}: ${isNow ? 'at work' : state}`}</title>
            <rect y="1" width="22" height="22" rx="3" />
            <path class={`mark mark-${sign}`} transform="translate(3 4)" d={shapes[sign]} />
          </g>
        )
      })}
    </svg>
  )
}
