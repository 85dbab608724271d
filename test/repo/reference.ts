/** The pages of docs/reference, made from the definitions of the commands and from the schemas of the files. */
import { format } from 'prettier'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { z } from 'zod'
import { commandsBelow, environment, exitCodes, helpOf } from '../../src/cli/help.ts'

export async function commandsPage(program: CommandUnknownOpts): Promise<string> {
  const commands = commandsBelow(program)
  const groups = [...new Set(commands.map(({ path }) => helpOf[path]?.group ?? ''))]
  const parts = groups.map((group) => {
    const own = commands.filter(({ path }) => helpOf[path]?.group === group)
    return `## ${group}\n\n${own.map(({ path, command }) => commandText(path, command)).join('\n')}`
  })
  return pretty(`# Commands

${generated('the definitions of the commands')}

${table(
  ['Exit code', 'Meaning'],
  exitCodes.map(([code, meaning]) => [code, meaning]),
)}

## Environment

${table(
  ['Variable', 'Meaning'],
  environment.map(([name, meaning]) => [
    name
      .split(', ')
      .map((one) => `\`${one}\``)
      .join(', '),
    meaning,
  ]),
)}

## Options of every command

${optionsTable(program)}

${parts.join('\n')}`)
}

function commandText(path: string, command: CommandUnknownOpts): string {
  const takes = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`))
  const examples = (helpOf[path]?.examples ?? []).map((line) => `tenant-onboard ${line}`)
  return `### ${path}

${sentence(command.description())}

\`tenant-onboard ${[path, ...takes].join(' ')}\`

${optionsTable(command)}

\`\`\`sh
${examples.join('\n')}
\`\`\`
`
}

function optionsTable({ options }: CommandUnknownOpts): string {
  if (options.length === 0) return ''
  return table(
    ['Option', 'Meaning'],
    options.map(({ flags, description, argChoices }) => [
      `\`${flags}\``,
      argChoices === undefined ? description : `${description}: ${argChoices.map((one) => `\`${one}\``).join(', ')}`,
    ]),
  )
}

const schemaNode = z.looseObject({
  type: z.union([z.string(), z.array(z.string()).transform((all) => all.join(' or '))]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  pattern: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

/** A row for each key of a file, in the order of the schema. */
export async function schemaPage(title: string, about: string, schema: unknown): Promise<string> {
  const rows = keysOf(schema, '').map(({ key, kind, isRequired, about: meaning }) => [
    `\`${key}\``,
    kind,
    isRequired ? 'yes' : '',
    meaning,
  ])
  return pretty(`# ${title}

${about}

${generated('the schema that the program checks the file with')}

${table(['Key', 'Value', 'Required', 'Meaning'], rows)}`)
}

type Key = { readonly key: string; readonly kind: string; readonly isRequired: boolean; readonly about: string }

function keysOf(schema: unknown, path: string): readonly Key[] {
  const { properties = {}, required = [] } = schemaNode.parse(schema)
  return Object.entries(properties).flatMap(([name, below]) => {
    const node = schemaNode.parse(below)
    const key = path === '' ? name : `${path}.${name}`
    const isWritten = required.includes(name) && node.default === undefined
    const fallback = node.default === undefined ? '' : `default: \`${JSON.stringify(node.default)}\``
    const about = [node.description ?? '', fallback].filter((one) => one !== '').join('; ')
    const items = node.items === undefined ? [] : keysOf(node.items, `${key}[]`)
    const inner = [
      ...keysOf(node, key),
      ...keysOfVariants([...(node.anyOf ?? []), ...(node.oneOf ?? [])], key),
      ...items,
    ]
    return [{ key, kind: kindOf(below), isRequired: isWritten, about }, ...inner]
  })
}

/** Variants of one object have keys in common: a row for each key, with what it is in which of them. */
function keysOfVariants(schemas: readonly unknown[], path: string): readonly Key[] {
  const variants = schemas.map((schema) => ({ label: labelOf(schema), keys: keysOf(schema, path) }))
  const names = [...new Set(variants.flatMap(({ keys }) => keys.map(({ key }) => key)))]
  return names.map((name) => {
    const found = variants.flatMap(({ label, keys }) =>
      keys.filter(({ key }) => key === name).map((one) => ({ label, one })),
    )
    const kinds = [...new Set(found.map(({ one }) => one.kind))]
    const words = [...new Set(found.map(({ one }) => one.about))]
    const isOfAll = found.length === variants.length && words.length === 1
    return {
      key: name,
      kind: kinds.join(' or '),
      isRequired: found.some(({ one }) => one.isRequired),
      about: isOfAll
        ? words.join('')
        : found.map(({ label, one }) => [label, one.about].filter((part) => part !== '').join(': ')).join('; '),
    }
  })
}

/** The key that tells a variant from the others, as it is written: `delivery: juju`. */
function labelOf(schema: unknown): string {
  const { properties = {} } = schemaNode.parse(schema)
  const fixed = Object.entries(properties).flatMap(([name, below]) => {
    const value = schemaNode.parse(below).const
    return typeof value === 'string' || typeof value === 'number' ? [`\`${name}: ${value}\``] : []
  })
  return fixed.length === 0 ? '' : `with ${fixed.join(', ')}`
}

function kindOf(schema: unknown): string {
  const { type, anyOf, oneOf, items, minimum, maximum, ...node } = schemaNode.parse(schema)
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((one) => `\`${String(one)}\``).join(', ')
  const variants = anyOf ?? oneOf
  if (variants !== undefined) return [...new Set(variants.map(kindOf))].join(' or ')
  if (type === 'array') return items === undefined ? 'list' : `list of ${kindOf(items)}`
  if (type === 'object') return 'map'
  const least = minimum !== undefined && minimum > -(2 ** 53) ? `from ${minimum}` : ''
  const most = maximum !== undefined && maximum < 2 ** 53 - 1 ? `to ${maximum}` : ''
  return [type ?? 'any', least, most].filter((one) => one !== '').join(' ')
}

function generated(source: string): string {
  return `Generated from ${source}; \`npx vitest run test/repo/reference.test.ts --update\` writes it again.`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;')
  // in code, < is itself
  const shown = (text: string): string =>
    text
      .split('`')
      .map((part, i) => (i % 2 === 0 ? cell(part) : part.replaceAll('|', String.raw`\|`)))
      .join('`')
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(shown).join(' | ')} |`).join('\n')
}

function pretty(text: string): Promise<string> {
  return format(text, { parser: 'markdown', printWidth: 120 })
}
