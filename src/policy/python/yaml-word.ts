/** Quoted and plain scalars. PyYAML 6.0, lib/yaml/scanner.py, scan_flow_scalar and scan_plain. */
import { blanks, breaks } from './yaml-text.ts'
import type { YamlText } from './yaml-text.ts'
import type { YamlToken } from './yaml-token.ts'

const quotedEnds = `'"\\${blanks}`

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '\\': '\\',
  '/': '/',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

export function scanQuoted(source: YamlText, quote: "'" | '"'): YamlToken {
  const place = source.place()
  source.forward()
  let text = scanQuotedText(source, quote)
  while (source.at() !== quote) text += scanQuotedBlanks(source) + scanQuotedText(source, quote)
  source.forward()
  return { kind: 'scalar', text, style: quote === '"' ? 'double' : 'single', place }
}

function scanQuotedText(source: YamlText, quote: "'" | '"'): string {
  let text = ''
  for (;;) {
    let length = 0
    while (!source.isAt(quotedEnds, length)) length++
    text += source.forward(length)
    const character = source.at()
    if (quote === "'" && character === "'" && source.at(1) === "'") text += source.forward(2).slice(1)
    else if ((character === "'" || character === '"') && character !== quote) text += source.forward()
    else if (character === '\\') {
      if (quote === "'") text += source.forward()
      else text += scanEscape(source)
    } else return text
  }
}

function scanEscape(source: YamlText): string {
  source.forward()
  const character = source.at()
  const replacement = escapes[character]
  if (replacement !== undefined && !source.isAtEnd()) {
    source.forward()
    return replacement
  }
  const length = escapeLengths[character]
  if (length !== undefined) {
    source.forward()
    const digits = source.prefix(length)
    if (digits.length !== length || !/^[0-9A-Fa-f]+$/.test(digits)) source.fail('hexadecimal digits are missing')
    const code = parseInt(digits, 16)
    if (code > 0x10ffff) source.fail('there is no such character')
    source.forward(length)
    return String.fromCodePoint(code)
  }
  if (source.takeBreak() === '') source.fail(`\`\\${character}\` is not an escape`)
  return scanQuotedBreaks(source)
}

function scanQuotedBlanks(source: YamlText): string {
  let length = 0
  while (source.isAt(' \t', length)) length++
  const text = source.forward(length)
  if (source.isAtEnd()) source.fail('a quote is not closed')
  const lineBreak = source.takeBreak()
  if (lineBreak === '') return text
  const more = scanQuotedBreaks(source)
  return (lineBreak !== '\n' ? lineBreak : more === '' ? ' ' : '') + more
}

function scanQuotedBreaks(source: YamlText): string {
  let text = ''
  for (;;) {
    // PyYAML looks for them here in any column
    if (/^(?:---|\.\.\.)$/.test(source.prefix(3)) && source.isAt(blanks, 3)) source.fail('a quote is not closed')
    source.skip(' \t')
    const lineBreak = source.takeBreak()
    if (lineBreak === '') return text
    text += lineBreak
  }
}

/** True if the word ended with its line: then a key may follow. */
export type PlainWord = { readonly token: YamlToken; readonly endsLine: boolean }

/** `parent` is the indentation of the word's parent; less than that ends it, except inside brackets. */
export function scanPlain(source: YamlText, parent: number, isFlow: boolean): PlainWord {
  const place = source.place()
  let text = ''
  let between = ''
  let { line } = source
  while (source.at() !== '#') {
    let length = 0
    while (!endsPlain(source, length, isFlow)) length++
    if (length === 0) break
    text += between + source.forward(length)
    line = source.line
    const found = scanPlainBlanks(source)
    if (found === undefined || found === '' || (!isFlow && source.column <= parent)) break
    between = found
  }
  return { token: { kind: 'scalar', text, style: 'plain', place }, endsLine: source.line !== line }
}

function endsPlain(source: YamlText, offset: number, isFlow: boolean): boolean {
  if (source.isAt(blanks, offset)) return true
  if (source.at(offset) === ':' && source.isAt(isFlow ? `${blanks},[]{}` : blanks, offset + 1)) return true
  return isFlow && source.isAt(',?[]{}', offset)
}

/** The separator between two words; `undefined` at the end of the document. */
function scanPlainBlanks(source: YamlText): string | undefined {
  let length = 0
  while (source.at(length) === ' ') length++
  const text = source.forward(length)
  const lineBreak = source.takeBreak()
  if (lineBreak === '') return text
  if (isSeparator(source)) return undefined
  let more = ''
  while (!source.isAtEnd() && source.isAt(` ${breaks}`)) {
    if (source.at() === ' ') source.forward()
    else {
      more += source.takeBreak()
      if (isSeparator(source)) return undefined
    }
  }
  return (lineBreak !== '\n' ? lineBreak : more === '' ? ' ' : '') + more
}

function isSeparator(source: YamlText): boolean {
  return /^(?:---|\.\.\.)$/.test(source.prefix(3)) && source.isAt(blanks, 3)
}
