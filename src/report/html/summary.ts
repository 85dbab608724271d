import type { SectionView } from '../view/block.ts'
import type { SummaryView } from '../view/summary.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { looks, textMarkup } from './text.ts'

/** The page's head, with the way to each section. */
export function summaryMarkup(summary: SummaryView, sections: readonly SectionView[]): Markup {
  const { tenant, about, question, answer, because, facts } = summary
  const { style, symbol } = looks[answer.tone]
  return html`<header class="page" id="summary">
    <p class="eyebrow">Tenant report</p>
    <h1>${tenant}</h1>
    <p class="soft">${textMarkup(about)}</p>
    <div class="verdict ${style}">
      <p class="soft small">${question}</p>
      <p class="answer"><span aria-hidden="true">${symbol}</span> ${answer.text}.</p>
      <ul>
        ${because.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
    </div>
    <dl class="facts">
      ${facts.map(
        ({ term, text }) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${textMarkup(text)}</dd>
          </div>`,
      )}
    </dl>
    <nav class="contents" aria-label="Contents">
      <ol>
        ${sections.filter(({ level }) => level === 2).map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `)}
      </ol>
    </nav>
  </header> `
}
