import type { Column, RequestView, Table } from '../view/block.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { textMarkup } from './text.ts'

/** On a narrow screen each row becomes a block, its cells named. */
export function tableMarkup({ caption, columns, rows }: Table): Markup {
  const head = columns.map(({ title, holds }) => html`<th scope="col" ${classOf(holds)}>${title}</th>`)
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) =>
          index === 0
            ? html`<th scope="row">${textMarkup(cell)}</th>`
            : html`<td${classOf(columns[index]?.holds)} data-label="${columns[index]?.title ?? ''}">${textMarkup(cell)}</td>`,
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

function classOf(holds: Column['holds']): Markup | undefined {
  return holds === undefined ? undefined : html` class="${holds === 'amount' ? 'number' : 'ids'}"`
}

/** Many narrow rows, each the target of the numbers in the report. */
export function requestTable(requests: readonly RequestView[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Every request">
    <table class="requests">
      <thead>
        <tr>
          <th class="number" scope="col">No.</th>
          <th scope="col">Id</th>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th class="number" scope="col">Answer</th>
        </tr>
      </thead>
      <tbody>
        ${requests.map(requestRow)}
      </tbody>
    </table>
  </div>`
}

function requestRow({ number, requestId, at, who, service, method, path, status }: RequestView): Markup {
  return html`<tr id="request-${number}">
    <td class="number">${number}</td>
    <td><code>${requestId}</code></td>
    <td>${at === undefined ? '' : at.slice(11, 19)}</td>
    <td>${who}</td>
    <td>${service} <code>${method} ${shortened(path)}</code></td>
    <td class="number">${status}</td>
  </tr> `
}

/** Ids within a path to their heads: the id of the request is what finds it. Markdown and JSON have them whole. */
function shortened(path: string): string {
  return path.replace(/\b([0-9a-f]{8})(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f-]{22,27})\b/g, '$1..')
}
