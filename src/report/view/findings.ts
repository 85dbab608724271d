import type { Report } from '../report.ts'
import { paragraph, section } from './block.ts'
import type { SectionView } from './block.ts'
import { findingView } from './finding.ts'

export function findings({ findings: all }: Report): SectionView {
  return section(
    'findings',
    'Findings',
    all.length === 0
      ? paragraph('The latest gate of each stage found nothing to remark.')
      : { kind: 'findings', findings: all.map(({ stage, at, ...finding }) => findingView(finding, { stage, at })) },
  )
}
