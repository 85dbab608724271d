/**
 * Python's `template % mapping`, with all conversions. Written after CPython 3.11, Objects/unicodeobject.c,
 * PyUnicode_Format: the only argument is the mapping itself, until a `(key)` replaces it; using it twice is a
 * TypeError.
 */
import { decimal } from './decimal.ts'
import { RuleError, asciiOnly, floatOf, intOf, lookUp, repr, str } from './value.ts'
import type { Dict, Value } from './value.ts'

/** Python would build a text of any length; such a width is only written to do harm. */
const widest = 100_000

type Conversion = {
  readonly letter: string
  readonly isLeft: boolean
  readonly hasSign: boolean
  readonly hasBlank: boolean
  readonly isAlternate: boolean
  readonly hasZeros: boolean
  readonly width: number
  readonly precision: number | undefined
}

/** `undefined` is a KeyError. Errors come in the order of the text, so a missing key hides what follows it. */
export function formatPercent(template: string, mapping: Dict): string | undefined {
  const characters = Array.from(template)
  let at = 0
  let argument: Value = mapping
  let isUsed = false
  let result = ''

  function next(): Value {
    if (isUsed) throw new RuleError('TypeError', 'not enough arguments for format string')
    isUsed = true
    return argument
  }

  function number(): number {
    let digits = ''
    while (/^[0-9]$/.test(characters[at] ?? '')) digits += characters[at++] ?? ''
    return checkedWidth(Number(digits))
  }

  function star(): number {
    at++
    const value = intOf(next())
    if (value === undefined) throw new RuleError('TypeError', '* wants int')
    return checkedWidth(Number(value))
  }

  while (at < characters.length) {
    const character = characters[at++] ?? ''
    if (character !== '%') {
      result += character
      continue
    }
    if (characters[at] === '%') {
      at++
      result += '%'
      continue
    }
    if (characters[at] === '(') {
      const start = ++at
      for (let open = 1; open > 0; at++) {
        if (at >= characters.length) throw new RuleError('ValueError', 'incomplete format key')
        if (characters[at] === '(') open++
        else if (characters[at] === ')') open--
      }
      const value = lookUp(mapping, characters.slice(start, at - 1).join(''))
      if (value === undefined) return undefined
      argument = value
      isUsed = false
    }
    const flags = new Set<string>()
    while (/^[-+ #0]$/.test(characters[at] ?? '')) flags.add(characters[at++] ?? '')
    let width = characters[at] === '*' ? star() : number()
    if (width < 0) {
      flags.add('-')
      width = -width
    }
    let precision: number | undefined
    if (characters[at] === '.') {
      at++
      precision = Math.max(0, characters[at] === '*' ? star() : number())
    }
    if (/^[hlL]$/.test(characters[at] ?? '')) at++
    const letter = characters[at++]
    if (letter === undefined) throw new RuleError('ValueError', 'incomplete format')
    const conversion: Conversion = {
      letter,
      isLeft: flags.has('-'),
      hasSign: flags.has('+'),
      hasBlank: flags.has(' '),
      isAlternate: flags.has('#'),
      hasZeros: flags.has('0'),
      width,
      precision,
    }
    // An unknown letter is refused before the argument is read; either is an error.
    result += convert(conversion, next())
  }
  return result
}

function checkedWidth(width: number): number {
  if (Math.abs(width) > widest) throw new RuleError('Refused', 'a width or precision of this size is not supported')
  return width
}

function convert(conversion: Conversion, value: Value): string {
  switch (conversion.letter) {
    case 's':
      return padText(conversion, cut(conversion, str(value)))
    case 'r':
      return padText(conversion, cut(conversion, repr(value)))
    case 'a':
      return padText(conversion, cut(conversion, asciiOnly(repr(value))))
    case 'c':
      return padText(conversion, characterOf(value))
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return padNumber(conversion, integerText(conversion, value))
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return padNumber(conversion, floatText(conversion, value))
    default:
      throw new RuleError('ValueError', `unsupported format character '${conversion.letter}'`)
  }
}

function cut(conversion: Conversion, text: string): string {
  return conversion.precision === undefined ? text : Array.from(text).slice(0, conversion.precision).join('')
}

function padText(conversion: Conversion, text: string): string {
  const blanks = ' '.repeat(Math.max(0, conversion.width - Array.from(text).length))
  return conversion.isLeft ? text + blanks : blanks + text
}

/** Sign, then `0x`, then zeros: the flags apply to these, so they are separate from the digits. */
type NumberText = { readonly isNegative: boolean; readonly prefix: string; readonly digits: string }

function padNumber(conversion: Conversion, number: NumberText): string {
  const sign = number.isNegative ? '-' : conversion.hasSign ? '+' : conversion.hasBlank ? ' ' : ''
  const room = Math.max(0, conversion.width - sign.length - number.prefix.length - number.digits.length)
  if (conversion.isLeft) return sign + number.prefix + number.digits + ' '.repeat(room)
  if (conversion.hasZeros) return sign + number.prefix + '0'.repeat(room) + number.digits
  return ' '.repeat(room) + sign + number.prefix + number.digits
}

function integerText(conversion: Conversion, value: Value): NumberText {
  const { letter } = conversion
  const isDecimal = letter === 'd' || letter === 'i' || letter === 'u'
  const int = intOf(value) ?? (isDecimal ? truncated(value) : undefined)
  if (int === undefined) throw new RuleError('TypeError', `%${letter} format: a number is required`)
  const base = isDecimal ? 10 : letter === 'o' ? 8 : 16
  const digits = (int < 0n ? -int : int).toString(base).padStart(conversion.precision ?? 0, '0')
  const prefix = isDecimal || !conversion.isAlternate ? '' : `0${letter}`
  return { isNegative: int < 0n, prefix, digits: letter === 'X' ? digits.toUpperCase() : digits }
}

function truncated(value: Value): bigint | undefined {
  const float = floatOf(value)
  if (float === undefined) return undefined
  if (Number.isNaN(float)) throw new RuleError('ValueError', 'cannot convert float NaN to integer')
  if (!Number.isFinite(float)) throw new RuleError('OverflowError', 'cannot convert float infinity to integer')
  return BigInt(Math.trunc(float))
}

function floatText(conversion: Conversion, value: Value): NumberText {
  const int = intOf(value)
  const float = int === undefined ? floatOf(value) : Number(int)
  if (float === undefined) throw new RuleError('TypeError', 'must be real number')
  if (int !== undefined && !Number.isFinite(float)) throw new RuleError('OverflowError', 'int too large for a float')
  const lower = conversion.letter.toLowerCase()
  const style = lower === 'e' || lower === 'f' ? lower : 'g'
  const digits = decimal(Math.abs(float), style, conversion.precision ?? 6, conversion.isAlternate)
  const isNegative = float < 0 || Object.is(float, -0)
  return { isNegative, prefix: '', digits: conversion.letter === lower ? digits : digits.toUpperCase() }
}

function characterOf(value: Value): string {
  if (typeof value === 'string' && Array.from(value).length === 1) return value
  const code = intOf(value)
  if (code === undefined) throw new RuleError('TypeError', '%c requires int or char')
  if (code < 0n || code > 0x10ffffn) throw new RuleError('OverflowError', '%c arg not in range(0x110000)')
  return String.fromCodePoint(Number(code))
}
