import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { okLabel, label, timeText } from '../labels.ts'
import { badge, citing, section, table } from './piece.ts'

export function accounts({ accounts: all, requests }: Report): Markup {
  const cite = citing(requests)
  return section(
    'accounts',
    'Accounts and roles',
    html`<p>
        What each account holds directly, and its effective roles with groups, inheritance and implied roles. Only an
        operator sees all effective roles.
      </p>
      ${table(
        'Accounts of the tenant that we made',
        [
          { title: 'Account' },
          { title: 'Acts as' },
          { title: 'Signs in by' },
          { title: 'Holds' },
          { title: 'In effect' },
          { title: 'As expected' },
          { title: 'Requests', kind: 'ids' },
        ],
        all.map(({ name, actor, signsInBy, asked, direct, effective, ok, at, requestIds }) => [
          name,
          actor,
          signsInBy,
          direct === undefined ? html`<span class="soft">file: ${asked.join(', ')}</span>` : lines(direct),
          effective === undefined ? '' : lines(effective),
          ok === undefined
            ? badge(label('not read', 'still'))
            : html`${badge(okLabel(ok))} <span class="soft">${timeText(at)}</span>`,
          cite(requestIds),
        ]),
      )}`,
  )
}

function lines(list: readonly string[]): Markup {
  return html`${list.map((one, index) => html`${index === 0 ? '' : html`<br />`}${one}`)}`
}
