/** Values and blocks in the syntax of Terraform. Source: HCL native syntax specification, "Template Expressions", hashicorp/hcl 2. */

/** Another value by its address, or a keyword: written as it is. */
export class Expression {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type HclValue = string | number | boolean | Expression | readonly string[] | Readonly<Record<string, string>>

/** `undefined`: the argument is left out. */
export type HclBody = Readonly<Record<string, HclValue | undefined>>

/** `resource "type" "name" { .. }`, laid out as `terraform fmt` does. */
export function hclBlock(words: readonly string[], body: HclBody, comment = ''): string {
  const given = Object.entries(body).filter((entry): entry is [string, HclValue] => entry[1] !== undefined)
  const width = Math.max(0, ...given.map(([key]) => key.length))
  const [kind = '', ...labels] = words
  const head = [kind, ...labels.map(hclText)].join(' ')
  const lines = given.map(([key, value]) => `  ${key.padEnd(width)} = ${hclValue(value)}\n`)
  return `${head} {\n${comment === '' ? '' : `  # ${comment}\n`}${lines.join('')}}\n`
}

export function hclValue(value: HclValue): string {
  if (typeof value === 'string') return hclText(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Expression) return value.text
  if (isList(value)) return `[${value.map(hclText).join(', ')}]`
  const entries = Object.entries(value).map(([key, text]) => `${hclText(key)} = ${hclText(text)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/**
 * Text in quotes, which says exactly this text. `${` and `%{` begin a template, so `$` and `%` are written by their code before a
 * brace: the other way, `$${`, depends on what stands before it.
 */
export function hclText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    // codes: what begins a template, and what hides or moves text on a screen
    .replaceAll(/[$%](?=\{)|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, code)
  return `"${escaped}"`
}

function code(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const digits = point.toString(16)
  return point > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value)
}
