import { randomInt } from 'node:crypto'
import { stringify } from 'yaml'
import { oneLine, visible, visibleJson } from '../visible.ts'
import type { CommandContext } from './context.ts'

/** The properties of the output: its width, and whether it may have colours. */
export type Page = Pick<CommandContext, 'hasColor' | 'columns'>

export type Format = 'text' | 'json' | 'yaml'

/** Results go to stdout: a document as in docs/json.md, in JSON or YAML, or the text of `render`. */
export function print<T>(io: CommandContext, format: Format, data: T, render: (data: T) => string): void {
  io.out(format === 'text' ? render(data) : documentOf(format, data))
}

function documentOf(format: 'json' | 'yaml', data: unknown): string {
  if (format === 'json') return json(data)
  // through JSON, so that both have the same fields
  return stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0, aliasDuplicateObjects: false })
}

export type TableFormat = Format | 'csv' | 'value' | 'markdown'

/** A result that is a table. `rows`: a cell for each name of `head`. `render` is the text for people. */
export function printRows(
  io: CommandContext,
  format: TableFormat,
  { data, head, rows }: { readonly data: unknown; readonly head: readonly string[]; readonly rows: Rows },
  render: () => string,
): void {
  switch (format) {
    case 'csv':
      io.out(csv({ head, rows }))
      return
    case 'value':
      io.out(rows.map((row) => `${row.join(' ')}\n`).join(''))
      return
    case 'markdown':
      io.out([head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(markdownCell).join(' | ')} |\n`).join(''))
      return
    case 'text':
    case 'json':
    case 'yaml':
      print(io, format, data, render)
  }
}

type Rows = readonly (readonly string[])[]

export function csv({ head, rows }: { readonly head: readonly string[]; readonly rows: Rows }): string {
  return [head, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('')
}

/** RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function markdownCell(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')
}

/** As it is printed: no name in it reaches a terminal as more than text. */
export function json(data: unknown): string {
  return `${visibleJson(JSON.stringify(data, undefined, 2))}\n`
}

/**
 * The last step before a terminal or a file, for every text of a command: shows what a name holds beside letters, and turns the marks
 * of `paint` into colours.
 */
export function forTerminal(text: string): string {
  return visible(text).replaceAll(mark, '\u001b$1')
}

/** Two characters that nobody can guess stand for the escape of a colour of ours: a name cannot have them. */
const escape = String.fromCodePoint(...Array.from({ length: 2 }, () => 0xf0000 + randomInt(0xfffe)))
const mark = new RegExp(`${escape}(\\[\\d+m)`, 'gu')

/** The least width of every column but the last. */
const narrowest = 12

/**
 * Renders rows as columns, two blanks apart; the only renderer of tables for a terminal. Cells are wrapped so that no
 * line exceeds `width`. Words longer than their column stay whole, so that ids and paths can be copied. Colour codes in
 * a cell have no width.
 */
export function table(rows: readonly (readonly string[])[], width: number, indent = ''): string {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = columnWidths(rows, count, width - indent.length)
  let text = ''
  for (const row of rows) {
    const cells = Array.from({ length: count }, (_, column) => wrap(row[column] ?? '', widths[column] ?? width))
    const height = Math.max(...cells.map((lines) => lines.length))
    for (let line = 0; line < height; line++) {
      const parts = cells.map((lines, column) => padded(lines[line] ?? '', widths[column] ?? 0))
      text += `${indent}${parts.join('  ')}`.trimEnd() + '\n'
    }
  }
  return text
}

/** Puts a heading over the rows, in capitals, which also show without colours. Prints nothing if there are no rows. */
export function headedTable(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  if (rows.length === 0) return ''
  // a column without words needs no heading
  const isUsed = head.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''))
  const used = (row: readonly string[]): readonly string[] => row.filter((_, column) => isUsed[column] === true)
  return table([used(head.map((title) => title.toUpperCase())), ...rows.map(used)], width)
}

/** As wide as the widest cell. If that is too much, the widest columns shrink to 20, the last one first. */
function columnWidths(rows: readonly (readonly string[])[], count: number, room: number): readonly number[] {
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => widthOf(oneLine(row[column] ?? '')))),
  )
  const last = count - 1
  let excess = widths.reduce((sum, one) => sum + one, 0) + 2 * Math.max(0, last) - room
  const squeeze = (column: number, least: number): void => {
    const own = widths[column] ?? 0
    const given = Math.max(0, Math.min(excess, own - least))
    widths[column] = own - given
    excess -= given
  }
  if (excess > 0) squeeze(last, 20)
  while (excess > 0) {
    const widest = widths.slice(0, -1).reduce((best, one, column) => (one > (widths[best] ?? 0) ? column : best), 0)
    if ((widths[widest] ?? 0) <= narrowest || last < 1) break
    squeeze(widest, Math.max(narrowest, (widths[widest] ?? 0) - excess))
  }
  return widths
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)))
}

/** Width on a terminal, where colour codes take none. */
function widthOf(text: string): number {
  return text.replaceAll(mark, '').length
}

/** A command in backticks is one word: it is copied from the terminal. */
export function wrapAroundCommands(text: string, room: number): string[] {
  const held = oneLine(text).replaceAll(/`tenant-onboard [^`]*`/g, (command) => command.replaceAll(' ', heldBlank))
  return broken(held, room).map((line) => line.replaceAll(heldBlank, ' '))
}

/** Stands for a blank that must not end a line; no text has it. */
const heldBlank = '\u0000'

/** One paragraph: a line break in it is a blank, because no name may begin a line. */
export function wrap(text: string, room: number): string[] {
  return broken(oneLine(text), room)
}

/** Coloured texts are single words, so they are not broken. */
function broken(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** Colours only if a person watches the terminal. `forTerminal` makes them. */
export function paint(io: Page, color: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string): string {
  const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 }
  return io.hasColor ? `${escape}[${codes[color]}m${text}${escape}[0m` : text
}
