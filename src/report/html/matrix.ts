import type { Matrix, MatrixCell, MatrixRow } from '../view/block.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { badge, looks, textMarkup } from './text.ts'

/** A table that scrolls sideways in a box of its own. */
export function matrixMarkup({ caption, rowTitle, columns, legend, groups }: Matrix): Markup {
  const heads = [...new Set(columns.map(({ group }) => group))].map((group) => ({
    group,
    span: columns.filter((column) => column.group === group).length,
  }))
  return html`${legend.length === 0 ? '' : legendMarkup(legend)}
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="access">
        <thead>
          <tr>
            <th rowspan="2" scope="col">${rowTitle}</th>
            ${heads.map(({ group, span }) => html`<th scope="colgroup" colspan="${span}">${group}</th>`)}
          </tr>
          <tr>
            ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        ${groups.map(({ title, rows }) => [
          title === undefined ? '' : groupHead(title, columns.length + 1),
          bodyMarkup(rows),
        ])}
      </table>
    </div> `
}

function legendMarkup(legend: Matrix['legend']): Markup {
  return html`<ul class="legend">
    ${legend.map((entry) => html`<li>${badge(entry)}</li>`)}
  </ul>`
}

function groupHead(title: string, span: number): Markup {
  return html`<tbody class="service">
    <tr>
      <th colspan="${span}" scope="rowgroup">${title}</th>
    </tr>
  </tbody> `
}

function bodyMarkup(rows: readonly MatrixRow[]): Markup {
  return html`<tbody>
    ${rows.map(
      ({ name, cells }) =>
        html`<tr>
          <th scope="row">${textMarkup(name)}</th>
          ${cells.map(cellMarkup)}
        </tr> `,
    )}
  </tbody> `
}

function cellMarkup(cell: MatrixCell | undefined): Markup {
  if (cell === undefined) return html`<td></td>`
  const { style, symbol } = looks[cell.label.tone]
  return html`<td class="tone ${style}">
    ${`${symbol}\u00a0${cell.label.text}`}${cell.notes.map((note) => html`<span class="paper">${note}</span>`)}
  </td>`
}
