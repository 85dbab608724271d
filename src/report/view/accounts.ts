import type { Report } from '../report.ts'
import { paragraph, section, table } from './block.ts'
import type { SectionView } from './block.ts'
import { label, okLabel } from './label.ts'
import { citing } from './requests.ts'
import { aside, lines, time } from './text.ts'

export function accounts({ accounts: all, requests }: Report): SectionView {
  const cite = citing(requests)
  return section(
    'accounts',
    'Accounts and roles',
    paragraph(
      'What each account holds directly, and with what groups, inheritance and implied roles add to it. Only an operator sees all of the second.',
    ),
    table(
      'Accounts of the tenant that we made',
      [
        'Account',
        'Acts as',
        'Signs in by',
        'Holds',
        'In effect',
        'As expected',
        { title: 'Requests', holds: 'requests' },
      ],
      all.map(({ name, actor, signsInBy, asked, direct, effective, ok, at, requestIds }) => [
        name,
        actor,
        signsInBy,
        direct === undefined ? aside(`asked: ${asked.join(', ')}`) : lines(...direct),
        lines(...(effective ?? [])),
        ok === undefined ? label('not read', 'still') : [okLabel(ok), ' ', time(at)],
        cite(requestIds),
      ]),
    ),
  )
}
