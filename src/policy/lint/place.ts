/**
 * From an offset in a rule to the place in the file. YAML folds lines and quotes hide characters, but characters other
 * than blanks have the same order in the rule and in the file, so it is enough to count them.
 */
import type { Span } from '../engine/check.ts'
import type { FileRule } from '../engine/rules.ts'

export type RawSpan = {
  /** From 1; columns count code points. */
  readonly line: number
  readonly column: number
  /** Offsets in the file's text, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** True if start and end are those of the span, not of the rule around it. */
  readonly isExact: boolean
}

/** Without a span, or for one in a list of lists, the place of the rule's value. */
export function rawSpan(text: string, rule: FileRule, span?: Span): RawSpan {
  const { source, value } = rule
  if (source.kind === 'code') return { line: 1, column: 1, start: 0, end: 0, isExact: false }
  const start = offsetOf(text, source.line, source.column)
  const whole = { line: source.line, column: source.column, start, end: start, isExact: false }
  if (span === undefined || span.item !== undefined || typeof value !== 'string' || span.end <= span.start) return whole
  const first = nth(text, start, solid(value.slice(0, span.start)))
  const last = nth(text, start, solid(value.slice(0, span.end).trimEnd()) - 1)
  if (first === undefined || last === undefined) return whole
  return { ...lineAndColumn(text, first.at), start: first.at, end: last.at + last.length, isExact: true }
}

const lineBreak = /\r\n|\n|\r/g

/** Offset of a line and column. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0
  let at = 1
  for (const found of text.matchAll(lineBreak)) {
    if (at === line) break
    start = found.index + found[0].length
    at++
  }
  return (
    start +
    Array.from(text.slice(start))
      .slice(0, column - 1)
      .join('').length
  )
}

export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(lineBreak)
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 }
}

/** The number of characters other than blanks. */
function solid(text: string): number {
  return text.replace(/[ \t\r\n]+/g, '').length
}

type Unit = { readonly at: number; readonly length: number }

/** The place of the n-th solid character of the scalar that begins at `start`. */
function nth(text: string, start: number, n: number): Unit | undefined {
  let left = n
  for (const unit of units(text, start)) {
    if (left < unit.width) return unit
    left -= unit.width
  }
  return undefined
}

/** The solid characters as written; `width` is the number of UTF-16 units of one. */
function* units(text: string, start: number): Generator<Unit & { readonly width: number }> {
  const quote = text.charAt(start)
  const isBlock = quote === '|' || quote === '>'
  const isQuoted = quote === '"' || quote === "'"
  const header = isBlock ? (/^[^\r\n]*/.exec(text.slice(start))?.[0].length ?? 0) : 0
  for (let at = start + header + (isQuoted ? 1 : 0); at < text.length;) {
    const { length, width } = unitAt(text, at, quote)
    if (length === 0) return
    if (width > 0) yield { at, length, width }
    at += length
  }
}

const escape = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|[^])/y

/** `length` 0 at the end of the scalar, `width` 0 for a blank. */
function unitAt(text: string, at: number, quote: string): { readonly length: number; readonly width: number } {
  const character = text.charAt(at)
  if (quote === '"' && character === '\\') {
    escape.lastIndex = at
    const raw = escape.exec(text)?.[0] ?? '\\'
    return { length: raw.length, width: widthOf(raw) }
  }
  if (quote === "'" && text.startsWith("''", at)) return { length: 2, width: 1 }
  if ((quote === '"' || quote === "'") && character === quote) return { length: 0, width: 0 }
  return { length: 1, width: /[ \t\r\n]/.test(character) ? 0 : 1 }
}

/** The meaning of an escape: blanks and continued lines do not count. */
function widthOf(raw: string): number {
  if (/^\\[ntr \t\r\n]/.test(raw) || /^\\(?:x(?:20|09|0[aAdD])|u00(?:20|09|0[aAdD]))$/.test(raw)) return 0
  return raw.startsWith('\\U') && Number.parseInt(raw.slice(2), 16) > 0xffff ? 2 : 1
}
