import type { Report } from '../report.ts'
import { paragraph, section, table } from './block.ts'
import type { SectionView } from './block.ts'
import { code } from './text.ts'

export function untested({ untested: all }: Report): SectionView {
  return section(
    'untested',
    'Not tested',
    paragraph('Where this report is silent, nobody looked. It shows none of these:'),
    table(
      'Not shown',
      ['What', 'Why', 'How to show it'],
      all.map(({ what, why, remedy }) => [what, why, remedy === undefined ? '' : code(remedy)]),
    ),
  )
}
