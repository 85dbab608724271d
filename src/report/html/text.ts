import type { Label, Tone } from '../view/label.ts'
import { piecesOf } from '../view/text.ts'
import type { Piece, Text } from '../view/text.ts'
import { timeText } from '../view/time.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

/** How a tone looks: a class of the stylesheet, and a symbol, since colour alone tells nobody. */
export const looks: Readonly<Record<Tone, { readonly style: string; readonly symbol: string }>> = {
  good: { style: 'good', symbol: '\u2713' },
  warn: { style: 'warn', symbol: '!' },
  bad: { style: 'bad', symbol: '\u2717' },
  still: { style: 'still', symbol: '\u2212' },
  kept: { style: 'still', symbol: '\u2212' },
}

export function textMarkup(text: Text): Markup {
  return html`${piecesOf(text).map(pieceMarkup)}`
}

export function badge({ text, tone }: Label): Markup {
  const { style, symbol } = looks[tone]
  return html`<span class="badge ${style}" data-symbol="${symbol}">${text}</span>`
}

function pieceMarkup(piece: Piece): Markup {
  if (typeof piece === 'string') return html`${piece}`
  switch (piece.kind) {
    case 'label':
      return badge(piece)
    case 'code':
    case 'answer':
      return html`<code>${piece.text}</code>`
    case 'strong':
      return html`<strong>${piece.text}</strong>`
    case 'aside':
      return html`<span class="soft">${piece.text}</span>`
    case 'time':
      return html`<span class="time">${timeText(piece.at)}</span>`
    case 'part':
      return html`<a href="#${piece.id}">${piece.text}</a>`
    case 'literal':
      return html`<pre>${piece.text}</pre>`
    case 'lines':
      return html`${piece.lines.map((line, index) => [index === 0 ? '' : html`<br />`, textMarkup(line)])}`
    case 'requests':
      return html`${piece.ranges.map(({ from, to }, index) => [index === 0 ? '' : ', ', requestLink(from), from === to ? '' : html`-${requestLink(to)}`])}`
  }
}

/** To where a number stands with the id that a service's log has. */
function requestLink(number: number): Markup {
  return html`<a href="#request-${number}">${number}</a>`
}
