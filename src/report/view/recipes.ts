import type { Report } from '../report.ts'
import { paragraph, section } from './block.ts'
import type { SectionView } from './block.ts'
import { code } from './text.ts'

export function recipes({ recipes: all }: Report): SectionView {
  return section(
    'recipes',
    'How to check it yourself',
    paragraph([
      'With the ',
      code('openstack'),
      ' command, and without us. The operator signs in as an admin of the cloud; the tenant in the folder of its handover.',
    ]),
    ...all.map((recipe) => ({ kind: 'recipe', ...recipe }) as const),
  )
}
