import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { section } from './piece.ts'

export function recipes({ recipes: all }: Report): Markup {
  return section(
    'recipes',
    'How to check it yourself',
    html`<p>
        With the <code>openstack</code> command, and without us. The operator signs in as an admin of the cloud; the
        tenant in the folder of its handover.
      </p>
      ${all.map(
        ({ title, as, commands, expect }) =>
          html`<div class="recipe">
            <h4>${title}</h4>
            <p class="small soft">as ${as}</p>
            <pre>${commands.join('\n')}</pre>
            <p>Expect: ${expect}.</p>
          </div> `,
      )}`,
    true,
  )
}
