import { html } from '../markup.ts'
import type { Hole, Markup } from '../markup.ts'
import { numbering, numbersOf } from '../requests.ts'
import type { ReportedRequest } from '../requests.ts'
import type { Label } from '../labels.ts'

/** The small parts of every section. */

/** A part of the report that `--check` can name. */
export function section(id: string, title: string, body: Hole, isLeaf = false): Markup {
  return html`<section id="${id}" ${isLeaf ? trustedLeaf : ''}>
    <h2>${title}</h2>
    ${body}
  </section> `
}

const trustedLeaf = html` class="leaf"`

export function badge({ text, tone, symbol }: Label): Markup {
  return html`<span class="badge ${tone}" data-symbol="${symbol}">${text}</span>`
}

/** The numbers of requests, each a link to the row with its id. */
export type Cite = (ids: readonly string[]) => Markup

export function citing(requests: readonly ReportedRequest[]): Cite {
  const numbers = numbering(requests)
  return (ids) => {
    const ranges = numbersOf(ids, numbers).map(({ from, to }) =>
      from === to
        ? html`<a href="#request-${from}">${from}</a>`
        : html`<a href="#request-${from}">${from}</a>-<a href="#request-${to}">${to}</a>`,
    )
    return html`${ranges.map((range, index) => html`${index === 0 ? '' : ', '}${range}`)}`
  }
}

export type Column = {
  readonly title: string
  readonly kind?: 'number' | 'ids'
}

/** On a narrow screen each row becomes a block with named cells. The first cell of a row is its heading. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Hole[])[]): Markup {
  const head = columns.map(({ title, kind }) => html`<th scope="col" ${classOf(kind)}>${title}</th>`)
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) =>
          index === 0
            ? html`<th scope="row">${cell}</th>`
            : html`<td${classOf(columns[index]?.kind)} data-label="${columns[index]?.title ?? ''}">${cell}</td>`,
        )}
      </tr> `,
  )
  return html`<div class="scroll">
    <table class="stack">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div> `
}

function classOf(kind: Column['kind']): Markup | undefined {
  return kind === undefined ? undefined : html` class="${kind}"`
}
