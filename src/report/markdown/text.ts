import { oneLine } from '../../visible.ts'
import type { Label } from '../view/label.ts'
import { piecesOf } from '../view/text.ts'
import type { Piece, Text } from '../view/text.ts'
import { timeText } from '../view/time.ts'

/* The elements of Markdown. No name from a cloud makes a link, a tag, a cell or a line. */

export function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  if (body.length === 0) return 'None.\n'
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return `${line(head)}${line(head.map(() => '---'))}${body.map(line).join('')}`
}

export function textOf(of: Text): string {
  const pieces = piecesOf(of)
  const shown = pieces.map((piece, index) => {
    const next = pieces[index + 1]
    // where another format has a badge, a word needs a colon before what it is about
    const isHead =
      typeof piece === 'object' && piece.kind === 'label' && typeof next === 'string' && next.startsWith(' ')
    return `${pieceText(piece)}${isHead ? ':' : ''}`
  })
  return shown.join('').trim()
}

function pieceText(piece: Piece): string {
  if (typeof piece === 'string') return text(piece)
  switch (piece.kind) {
    case 'label':
      return labelText(piece)
    case 'code':
    case 'literal':
      return code(piece.text)
    case 'strong':
      return `**${text(piece.text)}**`
    case 'answer':
    case 'aside':
    case 'part':
      return text(piece.text)
    case 'time':
      return timeText(piece.at)
    case 'lines':
      return piece.lines.map(textOf).join('; ')
    case 'requests':
      return piece.ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', ')
  }
}

/** Emphasises what is wrong. */
export function labelText({ text: word, tone }: Label): string {
  return tone === 'bad' ? `**${text(word)}**` : text(word)
}

export function text(value: string): string {
  return oneLine(value).replace(/[\\`*_[\]<>|~&#!]/g, '\\$&')
}

export function code(value: string): string {
  return value === '' ? '' : `\`${oneLine(value).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}
