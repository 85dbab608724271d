import { drawing } from '../drawing.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Report } from '../report.ts'
import { section } from './piece.ts'

export function network({ networks }: Report): Markup {
  return section(
    'network',
    'The network',
    networks.length === 0
      ? html`<p>No project asks for a network.</p>`
      : networks.map(
          (one) =>
            html`<figure>
              ${drawing(one, 'across')}${drawing(one, 'down')}
              <figcaption>
                Project ${one.project}.
                ${one.snat.addresses.length === 0 ? 'The outside address was not read yet.' : `Its outside address is ${one.snat.addresses.join(', ')}.`}
              </figcaption>
            </figure> `,
        ),
  )
}
