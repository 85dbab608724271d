import type { Io } from './io.ts'

export type Format = 'text' | 'json'

/** Results go to stdout: JSON as documented in docs/json.md, or what `render` makes of it. */
export function print<T>(io: Io, format: Format, data: T, render: (data: T) => string): void {
  io.out(format === 'json' ? `${JSON.stringify(data, undefined, 2)}\n` : render(data))
}

/**
 * Rows as columns, two blanks apart. The last column is wrapped so that nothing is wider than `width`; words longer
 * than that are left whole.
 */
export function table(rows: readonly (readonly string[])[], width: number, indent = ''): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns - 1 }, (_, column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const before = indent.length + widths.reduce((sum, one) => sum + one + 2, 0)
  const room = Math.max(20, width - before)
  let text = ''
  for (const row of rows) {
    const head = widths.map((one, column) => (row[column] ?? '').padEnd(one)).join('  ')
    const [first = '', ...further] = wrap(row[columns - 1] ?? '', room)
    text += `${`${indent}${head}${columns > 1 ? '  ' : ''}${first}`.trimEnd()}\n`
    for (const line of further) text += `${' '.repeat(before)}${line}\n`
  }
  return text
}

export function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** Colour where a person looks on, and nowhere else. */
export function paint(io: Io, color: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string): string {
  const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 }
  return io.hasColor ? `\u001b[${codes[color]}m${text}\u001b[0m` : text
}
