import type { Bar, Bars } from '../view/block.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

const pitch = 34
const thickness = 10

/**
 * Bars as inline SVG, each below its name and amount, the longest as wide as the chart. Lengths are percentages, so
 * the chart follows the page and the text keeps its size on a phone. There is no axis: every bar says its amount.
 */
export function barChart({ id, caption, bars }: Bars): Markup {
  const longest = Math.max(...bars.map(({ amount }) => amount), 1)
  return html`<svg class="chart" width="100%" height="${bars.length * pitch}" role="img" aria-labelledby="${id}">
    <title id="${id}">${caption}: ${bars.map(({ name, text }) => `${name} ${text}`).join('; ')}</title>
    ${bars.map((bar, row) => barMarkup(bar, row * pitch, bar.amount / longest))}
  </svg>`
}

function barMarkup({ name, text }: Bar, y: number, share: number): Markup {
  const top = y + 18
  // next to nothing is still drawn
  const width = Math.max(0.3, share * 100).toFixed(1)
  return html`<text x="0" y="${y + 13}">${name} <tspan class="amount">${text}</tspan></text>
    <rect class="track" x="0" y="${top}" width="100%" height="${thickness}" rx="2" />
    <rect class="bar" x="0" y="${top}" width="${width}%" height="${thickness}" rx="2" /> `
}
