/** Scalars behind `|` and `>`. PyYAML 6.0, lib/yaml/scanner.py, scan_block_scalar. */
import { breaks, end } from './yaml-text.ts'
import type { YamlText } from './yaml-text.ts'
import type { YamlToken } from './yaml-token.ts'

/** `parent` is the indentation of the scalar's parent. */
export function scanBlock(source: YamlText, style: '|' | '>', parent: number): YamlToken {
  const place = source.place()
  source.forward()
  const { chomping, increment } = scanBlockHeader(source)
  source.endLine()
  const least = Math.max(1, parent + 1)
  let found: string[]
  let indent: number
  if (increment === undefined) {
    const scanned = scanBlockIndentation(source)
    found = scanned.found
    indent = Math.max(least, scanned.indent)
  } else {
    indent = least + increment - 1
    found = scanBlockBreaks(source, indent)
  }
  let text = ''
  let lineBreak = ''
  while (source.column === indent && !source.isAtEnd()) {
    text += found.join('')
    const isFolding = !source.isAt(' \t')
    while (!source.isAt(breaks + end)) text += source.forward()
    lineBreak = source.takeBreak()
    found = scanBlockBreaks(source, indent)
    if (source.column !== indent || source.isAtEnd()) break
    if (style === '|' || lineBreak !== '\n' || !isFolding || source.isAt(' \t')) text += lineBreak
    else if (found.length === 0) text += ' '
  }
  if (chomping !== '-') text += lineBreak
  if (chomping === '+') text += found.join('')
  return { kind: 'scalar', text, style: 'block', place }
}

function scanBlockHeader(source: YamlText): {
  readonly chomping: string | undefined
  readonly increment: number | undefined
} {
  let chomping: string | undefined
  let increment: number | undefined
  if (source.isAt('+-')) chomping = source.forward()
  if (source.isAt('0123456789')) {
    increment = Number(source.forward())
    if (increment === 0) source.fail('an indentation of 0')
    if (chomping === undefined && source.isAt('+-')) chomping = source.forward()
  }
  source.expect(` ${breaks}${end}`)
  return { chomping, increment }
}

function scanBlockIndentation(source: YamlText): { readonly found: string[]; readonly indent: number } {
  const found: string[] = []
  let indent = 0
  while (!source.isAtEnd() && source.isAt(` ${breaks}`)) {
    if (source.at() === ' ') {
      source.forward()
      indent = Math.max(indent, source.column)
    } else found.push(source.takeBreak())
  }
  return { found, indent }
}

function scanBlockBreaks(source: YamlText, indent: number): string[] {
  const found: string[] = []
  for (;;) {
    while (source.column < indent && source.at() === ' ') source.forward()
    const lineBreak = source.takeBreak()
    if (lineBreak === '') return found
    found.push(lineBreak)
  }
}
