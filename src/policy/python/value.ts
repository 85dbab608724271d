/**
 * Values as Python sees them, and how Python prints them. oslo.policy compares the results of `str()` and `%` on
 * credentials and targets, so `5` is not `5.0`, and a missing value is the text `None`.
 */

/**
 * JSON values in Python's terms. A `bigint`, or a number without fraction, is an int; any other number is a float; a
 * float without fraction (`5.0`) is a `PythonFloat`.
 */
export type Value = null | boolean | number | bigint | string | PythonFloat | readonly Value[] | Dict

/** A dict with string keys. A plain object will do; a Map keeps the order even of keys that look like numbers. */
export type Dict = ReadonlyMap<string, Value> | { readonly [key: string]: Value | undefined }

export type PythonFloat = { readonly [float]: number }

const float: unique symbol = Symbol('float')

/** The exception that Python would raise here. A service answers 500 to the request: neither yes nor no. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
  /** Python's name of it, or `Refused` for what is not supported (an arbitrary Python expression). */
  readonly type: RuleErrorType

  constructor(type: RuleErrorType, message: string) {
    super(message)
    this.type = type
  }
}

export type RuleErrorType =
  'AttributeError' | 'OverflowError' | 'RecursionError' | 'SyntaxError' | 'TypeError' | 'ValueError' | 'Refused'

export function pythonFloat(value: number): number | PythonFloat {
  return Number.isInteger(value) ? { [float]: value } : value
}

/** The number of a Python float, `undefined` for anything else. */
export function floatOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? undefined : value
  if (typeof value === 'object' && value !== null && float in value) {
    return typeof value[float] === 'number' ? value[float] : undefined
  }
  return undefined
}

/** The number of a Python int. A bool is one too: `'%d' % True` is `1`. */
export function intOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isDict(value: Value): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(float in value)
}

/** `dict[key]`; `undefined` is a KeyError. */
export function lookUp(dict: Dict, key: string): Value | undefined {
  if (dict instanceof Map) return mapGet(dict, key)
  return Object.hasOwn(dict, key) ? propertyOf(dict, key) : undefined
}

export function keysOf(dict: Dict): readonly string[] {
  if (dict instanceof Map) return [...mapKeys(dict)]
  return Object.keys(dict).filter((key) => propertyOf(dict, key) !== undefined)
}

/** `bool(value)`: what an `if` in Python sees. */
export function isTrue(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  if (isList(value)) return value.length > 0
  if (isDict(value)) return keysOf(value).length > 0
  const number = floatOf(value) ?? (typeof value === 'bigint' ? (value === 0n ? 0 : 1) : value)
  return number !== 0
}

export function str(value: Value): string {
  return typeof value === 'string' ? value : repr(value)
}

export function repr(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return stringRepr(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  const fraction = floatOf(value)
  if (fraction !== undefined) return floatRepr(fraction)
  const int = intOf(value)
  if (int !== undefined) return int.toString()
  if (isList(value)) return `[${value.map(repr).join(', ')}]`
  if (!isDict(value)) return ''
  return `{${keysOf(value)
    .map((key) => `${stringRepr(key)}: ${repr(lookUp(value, key) ?? null)}`)
    .join(', ')}}`
}

/** Python switches to an exponent at 1e16 and below 1e-4, JavaScript elsewhere; the digits are the same. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 16) {
    const head = digits.length === 1 ? digits : `${digits[0] ?? ''}.${digits.slice(1)}`
    return `${sign}${head}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

// str.isprintable: everything but controls, unassigned, surrogates and separators; the blank is printable.
const unprintable = /^(?! )[\p{C}\p{Z}]$/u

export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let body = ''
  for (const character of text) {
    if (character === quote || character === '\\') body += `\\${character}`
    else body += unprintable.test(character) ? escape(character) : character
  }
  return `${quote}${body}${quote}`
}

/** The additional effect of `ascii()` over `repr()`. */
export function asciiOnly(printed: string): string {
  let text = ''
  for (const character of printed) text += character > '\x7f' ? escape(character) : character
  return text
}

function escape(character: string): string {
  const named = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

// `instanceof Map` loses the type arguments of a ReadonlyMap; these three restore them.
function mapGet(map: ReadonlyMap<string, Value>, key: string): Value | undefined {
  return map.get(key)
}

function mapKeys(map: ReadonlyMap<string, Value>): Iterable<string> {
  return map.keys()
}

function propertyOf(dict: Dict, key: string): Value | undefined {
  return dict instanceof Map ? undefined : (dict as { readonly [key: string]: Value | undefined })[key]
}
