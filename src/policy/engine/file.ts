/**
 * Policy files as the library loads them: JSON if Python's json accepts it, else YAML as PyYAML reads it. One rule that
 * cannot be loaded invalidates the file, as in the library. oslo.policy 4.0.0, oslo_policy/policy.py,
 * parse_file_contents and Rules.load.
 */
import { InputError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { JsonError, parseJsonMembers } from '../python/json.ts'
import type { JsonDocument, JsonMember } from '../python/json.ts'
import { isFalsy, parseRule } from './parse.ts'
import { RuleError, floatOf, floatRepr } from '../python/value.ts'
import type { FileRule, Source } from './rules.ts'
import { composeYaml } from '../python/yaml-composer.ts'
import { YamlError } from '../python/yaml-text.ts'
import type { YamlPosition } from '../python/yaml-text.ts'
import { readYaml } from '../python/yaml-value.ts'

export type PolicyFile = {
  readonly format: 'json' | 'yaml'
  readonly rules: readonly FileRule[]
  /** Rules whose name occurs again further down: dropped silently. */
  readonly shadowed: readonly Shadowed[]
  /** Rules whose name is not text (`no:`, `1:`): no request ever uses one. */
  readonly unreachable: readonly Unreachable[]
}

/** `name` is the key in JSON form; a date has none. */
export type Unreachable = FileRule & { readonly isDate: boolean }

export type Shadowed = { readonly name: string; readonly source: Source }

/** Throws InputError if the library raises, with every invalid rule. */
export function parsePolicyFile(text: string, options: { readonly file?: string } = {}): PolicyFile {
  const file = options.file ?? 'policy.yaml'
  const { format, members } = readMembers(text, file)
  const last = new Map<unknown, Member>()
  const shadowed: Shadowed[] = []
  for (const member of members) {
    const id = identityOf(member.key)
    const before = last.get(id)
    if (before !== undefined) shadowed.push({ name: nameOf(before.key), source: sourceOf(before, file) })
    // a dict keeps the first of two equal keys, and the last value
    last.set(id, before === undefined ? member : { ...member, key: before.key })
  }
  const problems: Problem[] = []
  const rules: FileRule[] = []
  const unreachable: Unreachable[] = []
  for (const member of last.values()) {
    const name = nameOf(member.key)
    try {
      const rule = { name, value: member.value, check: parseRule(member.value), source: sourceOf(member, file) }
      if (typeof member.key === 'string') rules.push(rule)
      else unreachable.push({ ...rule, isDate: typeof member.key === 'symbol' })
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      problems.push({ file, ...member.place, message: `\`${name}\` cannot be loaded: ${error.message}` })
    }
  }
  if (problems.length > 0) throw new InputError(problems)
  return { format, rules, shadowed, unreachable }
}

/** The names of policy files in a folder as the library loads them: sorted by byte, without hidden files. */
export function sortPolicyFiles(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.startsWith('.')).sort(byCodePoint)
}

/** Python sorts text by code points, JavaScript by UTF-16 units. */
function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0)
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0)
  const at = left.findIndex((code, index) => code !== right[index])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}

type Member = {
  readonly key: unknown
  readonly value: unknown
  readonly place: YamlPosition
  readonly isQuoted: boolean
}
type Members = { readonly format: 'json' | 'yaml'; readonly members: readonly Member[] }

function readMembers(text: string, file: string): Members {
  const json = tryJson(text)
  if (json !== undefined) {
    if (!(json.value instanceof Map)) assertEmpty(json.value, file, { line: 1, column: 1 })
    return { format: 'json', members: json.members.map((member) => placed(member, text)) }
  }
  try {
    const node = composeYaml(text)
    if (node === undefined) return { format: 'yaml', members: [] }
    const { value, members } = readYaml(node)
    if (!(value instanceof Map)) assertEmpty(value, file, node.place)
    return { format: 'yaml', members }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new InputError([{ file, ...error.place, message: error.message }], { cause: error })
  }
}

function tryJson(text: string): JsonDocument | undefined {
  try {
    return parseJsonMembers(text)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

/** An empty file has no rules; anything else that is not a mapping raises. */
function assertEmpty(value: unknown, file: string, place: YamlPosition): void {
  if (!isFalsy(value))
    throw new InputError([{ file, ...place, message: 'a policy file is a mapping of names to rules' }])
}

function placed(member: JsonMember, text: string): Member {
  const before = text.slice(0, member.offset).split('\n')
  const place = { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 }
  return { key: member.name, value: member.value, place, isQuoted: typeof member.value === 'string' }
}

function sourceOf(member: Member, file: string): Source {
  return { kind: 'file', file, ...member.place, isQuoted: member.isQuoted }
}

/** Python treats `1`, `1.0` and `true` as the same key. */
function identityOf(key: unknown): unknown {
  if (typeof key === 'boolean' || typeof key === 'bigint') return Number(key)
  return floatOf(key) ?? key
}

/** A name as json.dumps writes it. */
function nameOf(key: unknown): string {
  if (typeof key === 'symbol') return 'date'
  const float = floatOf(key)
  return float === undefined ? String(key) : floatRepr(float)
}
