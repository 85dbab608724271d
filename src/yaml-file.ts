import { LineCounter, isMap, isScalar, parseDocument, visit } from 'yaml'
import type { Document, Node } from 'yaml'
import type { z, ZodType } from 'zod'
import { InputError } from './errors.ts'
import type { Problem } from './errors.ts'
import { nearest } from './nearest.ts'

/** Problems of one file that are told; more do not help anybody. */
const mostProblems = 20

/**
 * Reads a YAML file that a person wrote, with a schema. Reports every problem at once, each with the line and the
 * column of its key or value. Duplicate keys and unknown keys are problems. Anchors, aliases and merge keys are allowed.
 */
export function parseYamlFile<T>(file: string, text: string, schema: ZodType<T>): T {
  try {
    return parsed(file, text, schema)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError([unreadable(file, text, error)], { cause: error })
  }
}

function parsed<T>(file: string, text: string, schema: ZodType<T>): T {
  const lines = new LineCounter()
  const much = tooMuch(text)
  if (much !== undefined) throw new InputError([{ file, ...much }])
  // the reader's own search for duplicates compares each key with each other one
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    logLevel: 'error',
  })
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  // after a tab the reader guesses at the structure
  const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  const broken = [
    ...(tabs.length > 0 ? tabs : document.errors).map(({ pos, code, message }) => ({
      file,
      ...at(pos[0]),
      ...wordsOf(code, message),
    })),
    ...unknownAliases(document).map(({ offset, ...words }) => ({ file, ...at(offset), ...words })),
  ]
  const problems: Problem[] = [
    ...broken,
    ...duplicateKeys(document).map(({ offset, name }) => ({
      file,
      ...at(offset),
      message: `key \`${name}\` is defined twice in the same map`,
    })),
  ]
  // a broken document has no reliable values, but its duplicate keys can be reported
  if (broken.length > 0) throw refusal(problems)

  const result = schema.safeParse(document.toJS(), { error: wordsOfIssue })
  if (result.success) {
    if (problems.length > 0) throw refusal(problems)
    return result.data
  }
  for (const issue of result.error.issues) {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, path)
      for (const key of issue.keys.slice(0, mostProblems + 1)) {
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
    if (issue.code === 'invalid_type' && path.length === 0) {
      const message = document.contents === null ? 'this file is empty' : 'this file is no mapping of keys to values'
      problems.push({ file, line: 1, message, hint: `valid here: ${knownKeys(schema, path).join(', ')}` })
      continue
    }
    const isMissing = issue.code === 'invalid_type' && document.getIn(path) === undefined
    problems.push({
      file,
      ...at(valueOffset(document, path)),
      message: `\`${path.join('.')}\`${isMissing ? ' is missing' : `: ${issue.message}`}`,
    })
  }
  throw refusal(problems)
}

function refusal(problems: readonly Problem[]): InputError {
  const [first] = problems
  if (problems.length <= mostProblems || first === undefined) return new InputError(problems)
  const rest = { ...(first.file === undefined ? {} : { file: first.file }), message: 'there are more problems' }
  return new InputError([...problems.slice(0, mostProblems), rest])
}

/** What the reader gives up on without a place: too many aliases, or more levels than its stack has. */
function unreadable(file: string, text: string, error: unknown): Problem {
  const bomb = text.search(/[*][^\s,\]}]/)
  if (error instanceof ReferenceError && bomb >= 0) {
    const line = text.slice(0, bomb).split('\n').length
    return { file, line, message: 'its aliases make too many copies', hint: 'write the values instead' }
  }
  return {
    file,
    line: 1,
    message: 'this is not a YAML file that can be read',
    hint: 'examples/acme/tenant.yaml is one',
  }
}

const mostLevels = 64
const mostLines = 20_000

/** More levels or lines than any file of ours has. Counts brackets, dashes and indentation, before anything recurses. */
function tooMuch(text: string): { readonly line: number; readonly message: string; readonly hint: string } | undefined {
  let flow = 0
  let line = 1
  let inRow = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\n') {
      line++
      inRow = 0
      if (line > mostLines)
        return {
          line,
          message: `this file has more than ${mostLines} lines`,
          hint: 'check that it is the file you mean',
        }
    } else if (character === '[' || character === '{') flow++
    else if (character === ']' || character === '}') flow = Math.max(0, flow - 1)
    else if ((character === '-' || character === '?' || character === ':') && /^\s/.test(text.charAt(at + 1))) inRow++
    if (flow > mostLevels || inRow > mostLevels || (inRow === 0 && isIndented(text, at, mostLevels * 8)))
      return {
        line,
        message: `this is nested in more than ${mostLevels} levels`,
        hint: 'no key of this file needs that',
      }
  }
  return undefined
}

function isIndented(text: string, at: number, spaces: number): boolean {
  return text.charAt(at) === ' ' && text.charAt(at + spaces) === ' ' && text.slice(at, at + spaces).trim() === ''
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
}

/** What a person may write instead, where the schema itself does not say it; the schema library speaks of its own types. */
function wordsOfIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return `write ${kinds[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `write ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}`
  if (issue.code === 'too_small') return `write at least ${amount(issue.minimum, issue.origin)}`
  if (issue.code === 'too_big') return `write at most ${amount(issue.maximum, issue.origin)}`
  if (issue.code !== 'invalid_union') return undefined
  const words = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first.message.replace(/^write /, '')]))
  return words.length === 0 ? undefined : `write ${[...new Set(words)].join(', or ')}`
}

function amount(limit: number | bigint, origin: string): string {
  const unit = origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : ''
  return `${limit}${unit}`
}

/** The reader's own errors, in words for somebody who does not know its source. */
function wordsOf(code: string, message: string): { readonly message: string; readonly hint?: string } {
  if (code === 'MULTIPLE_DOCS')
    return { message: 'this file has several documents', hint: 'one file is one document: remove what follows `---`' }
  if (code === 'TAB_AS_INDENT') return { message: 'a tab is not allowed as indentation', hint: 'write spaces' }
  return { message: firstLine(message) }
}

function unknownAliases(document: Document): readonly { offset: number; message: string; hint: string }[] {
  const anchors = new Set<string>()
  const found: { offset: number; message: string; hint: string }[] = []
  visit(document, {
    Alias: (_, { source, range }) => {
      if (!anchors.has(source))
        found.push({
          offset: range?.[0] ?? 0,
          message: `there is no anchor \`&${source}\` before \`*${source}\``,
          hint: `a value that begins with \`*\` needs quotes`,
        })
    },
    Value: (_, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor)
    },
  })
  return found
}

function duplicateKeys(document: Document): readonly { readonly offset: number; readonly name: string }[] {
  const found: { offset: number; name: string }[] = []
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue
        if (seen.has(key.value)) found.push({ offset: key.range?.[0] ?? 0, name: String(key.value) })
        seen.add(key.value)
      }
    },
  })
  return found
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
