import { LineCounter, isMap, isScalar, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import type { ZodType } from 'zod'
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { nearest } from '../nearest.ts'

/**
 * Reads a YAML file that a person wrote, with a schema. Reports every problem at once, each with the line and the
 * column of its key or value. Duplicate keys and unknown keys are problems.
 */
export function parseYamlFile<T>(file: string, text: string, schema: ZodType<T>): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' })
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problems: Problem[] = document.errors.map((error) => ({
    file,
    ...at(error.pos[0]),
    message: error.code === 'DUPLICATE_KEY' ? duplicateKey(text, error.pos) : firstLine(error.message),
  }))
  // a broken document has no reliable values, but its duplicate keys can be reported
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) throw new InputError(problems)

  const result = schema.safeParse(document.toJS())
  if (result.success) {
    if (problems.length > 0) throw new InputError(problems)
    return result.data
  }
  for (const issue of result.error.issues) {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, path)
      for (const key of issue.keys) {
        const close = nearest(key, known)
        problems.push({
          file,
          ...at(keyOffset(document, path, key)),
          message: `unknown key \`${[...path, key].join('.')}\``,
          ...(close === undefined
            ? { hint: `valid here: ${known.join(', ')}` }
            : { hint: `did you mean \`${close}\`?` }),
        })
      }
      continue
    }
    const isMissing = issue.code === 'invalid_type' && document.getIn(path) === undefined
    problems.push({
      file,
      ...at(valueOffset(document, path)),
      message: `\`${path.join('.')}\`${isMissing ? ' is missing' : `: ${issue.message}`}`,
    })
  }
  throw new InputError(problems)
}

/** The place of the value at a path, or of its nearest parent: for problems that only show between files. */
export function positionIn(text: string, path: readonly (string | number)[]): { line: number; column: number } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const { line, col } = lines.linePos(valueOffset(document, path))
  return { line, column: col }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message
}

function duplicateKey(text: string, [start, end]: readonly [number, number]): string {
  return `key \`${/^[^:\s]*/.exec(text.slice(start, Math.max(end, start + 80)))?.[0] ?? ''}\` is defined twice in the same map`
}

function keyOffset(document: Document, path: readonly (string | number)[], key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  if (isMap(map)) {
    for (const pair of map.items)
      if (isScalar(pair.key) && String(pair.key.value) === key) return pair.key.range?.[0] ?? 0
  }
  return valueOffset(document, path)
}

/** The place of a value, or of its nearest parent if it is missing. */
function valueOffset(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value
}

/** The keys of a schema at a path; empty if it is not an object. */
function knownKeys(schema: unknown, path: readonly (string | number)[]): string[] {
  const shape = shapeOf(schema)
  const [first, ...rest] = path
  if (first === undefined) return Object.keys(shape ?? {})
  if (typeof first === 'number') return knownKeys(elementOf(schema), rest)
  return shape === undefined ? [] : knownKeys(shape[first], rest)
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner = unwrap(schema)
  if (typeof inner !== 'object' || inner === null || !('shape' in inner)) return undefined
  const { shape } = inner
  return typeof shape === 'object' && shape !== null ? { ...shape } : undefined
}

function elementOf(schema: unknown): unknown {
  const inner = unwrap(schema)
  return typeof inner === 'object' && inner !== null && 'element' in inner ? inner.element : undefined
}

/** Optional, default and piped schemas have their keys one level down. */
function unwrap(schema: unknown): unknown {
  for (let at = schema, depth = 0; depth < 8; depth++) {
    if (typeof at !== 'object' || at === null || !('def' in at)) return at
    const def = at.def
    if (typeof def !== 'object' || def === null) return at
    if ('innerType' in def) at = def.innerType
    else if ('in' in def) at = def.in
    else return at
  }
  return schema
}
