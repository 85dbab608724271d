import type { Block, RecipeView, SectionView } from '../view/block.ts'
import type { FindingView } from '../view/finding.ts'
import { timeText } from '../view/time.ts'
import { barChart } from './bar-chart.ts'
import { drawing } from './drawing.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { matrixMarkup } from './matrix.ts'
import { requestTable, tableMarkup } from './table.ts'
import { badge, looks, textMarkup } from './text.ts'

/** On paper these begin a page. */
const ownPage: readonly string[] = ['stages', 'access', 'recipes', 'probes', 'requests']

/** A part of the report that `--check` can name. */
export function sectionMarkup({ id, title, level, label, blocks }: SectionView): Markup {
  const shown = label === undefined ? '' : html` ${badge(label)}`
  const heading = level === 2 ? html`<h2>${title}${shown}</h2>` : html`<h3>${title}${shown}</h3>`
  return html`<section id="${id}" ${ownPage.includes(id) ? html` class="leaf"` : ''}>
    ${heading}${blocks.map(blockMarkup)}
  </section> `
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'paragraph':
      return block.isAside === true
        ? html`<p class="small soft">${textMarkup(block.text)}</p> `
        : html`<p>${textMarkup(block.text)}</p> `
    case 'heading':
      return block.level === 3 ? html`<h3>${block.text}</h3>` : html`<h4>${block.text}</h4>`
    case 'list':
      return html`<ul>
        ${block.items.map((item) => html`<li>${textMarkup(item)}</li>`)}
      </ul>`
    case 'table':
      return tableMarkup(block)
    case 'matrix':
      return matrixMarkup(block)
    case 'bars':
      return html`<figure>
        ${barChart(block)}
        <figcaption>${block.caption}</figcaption>
      </figure> `
    case 'findings':
      return html`${block.findings.map(findingMarkup)}`
    case 'network':
      return html`<figure>
        ${drawing(block, 'across')}${drawing(block, 'down')}
        <figcaption>${block.caption}</figcaption>
      </figure> `
    case 'recipe':
      return recipeMarkup(block)
    case 'requests':
      return requestTable(block.requests)
  }
}

function findingMarkup({ severity, code, where, message, remedy, owner, foundBy }: FindingView): Markup {
  const todo = remedy === undefined ? '' : html`<p><strong>Remedy, by the ${owner}:</strong> ${remedy}</p> `
  const found =
    foundBy === undefined ? '' : html`<p class="small soft">stage ${foundBy.stage}, ${timeText(foundBy.at)}</p>`
  return html`<div class="finding ${looks[severity.tone].style}">
    <h4>${badge(severity)} <code>${code}</code></h4>
    <p>${where}: ${message}</p>
    ${todo}${found}
  </div> `
}

function recipeMarkup({ title, as, commands, expect }: RecipeView): Markup {
  return html`<div class="recipe">
    <h4>${title}</h4>
    <p class="small soft">as ${as}</p>
    <pre>${commands.join('\n')}</pre>
    <p>Expect: ${expect}.</p>
  </div> `
}
