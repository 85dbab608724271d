/**
 * The rules of a service: those that its release registers in code, those in files, and the library's combination of
 * both. oslo.policy 4.0.0, oslo_policy/policy.py, Enforcer.load_rules and _handle_deprecated_rule.
 */
import type { Check } from './check.ts'
import { renderCheck } from './check.ts'
import { parseRule } from './parse.ts'
import { keysOf, lookUp } from '../python/value.ts'
import type { Dict } from '../python/value.ts'

/** The place of a rule. Lines and columns count from 1 and point at the rule's value. */
export type Source =
  | { readonly kind: 'code'; readonly release?: string }
  | {
      readonly kind: 'file'
      readonly file: string
      readonly line: number
      readonly column: number
      /** True if the text of the rule starts one column further right, behind a quote. */
      readonly isQuoted: boolean
    }

/** One entry of a policy file: a name and its value. */
export type FileRule = {
  readonly name: string
  readonly value: unknown
  readonly check: Check
  readonly source: Source
}

/** A rule that a service registers in code. */
export type Registered = {
  readonly name: string
  readonly check: string
  readonly scopes?: readonly string[] | undefined
  readonly deprecated?: Deprecated | undefined
}

/** The rule's earlier form. While new defaults are not enforced, it still allows its callers. */
export type Deprecated = { readonly name: string; readonly check: string }

export type Rule = {
  readonly name: string
  /** As written: text, or the old list of lists, or anything else that YAML can express. */
  readonly value: unknown
  /** The enforced check; differs from `value` if a deprecated rule is ORed in. */
  readonly check: Check
  readonly source: Source
  /** Kept from the registered rule even if a file overrides it. */
  readonly scopes: readonly string[] | undefined
  readonly deprecated: Deprecated | undefined
  /** Why `check` is more than `value`: the deprecated rule is ORed in, or a file's rule of the old name replaces it. */
  readonly relaxed: 'by-deprecated' | 'by-old-name' | undefined
}

export type RuleSet = {
  readonly rules: ReadonlyMap<string, Rule>
  readonly enforceScope: boolean
  readonly enforceNewDefaults: boolean
}

export type RuleSetOptions = {
  /** `[oslo_policy] enforce_scope`; off by default up to 2024.1, on from 2024.2. */
  readonly enforceScope?: boolean
  /** `[oslo_policy] enforce_new_defaults`; the same. */
  readonly enforceNewDefaults?: boolean
}

/** The name of the rule that replaces every undefined rule, if it is defined itself. */
export const defaultRule = 'default'

/** Files in the order in which they are loaded: the policy file, then each folder's files sorted by name. Later wins. */
export function createRuleSet(
  registered: readonly Registered[],
  files: readonly (readonly FileRule[])[] = [],
  options: RuleSetOptions = {},
): RuleSet {
  const enforceScope = options.enforceScope ?? false
  const enforceNewDefaults = options.enforceNewDefaults ?? false
  const written = new Map(files.flat().map((rule) => [rule.name, rule]))
  const known = new Map(registered.map((rule) => [rule.name, rule]))
  const rules = new Map<string, Rule>()
  for (const { name, value, check, source } of written.values()) {
    const own = known.get(name)
    rules.set(name, {
      name,
      value,
      check,
      source,
      scopes: own?.scopes,
      deprecated: own?.deprecated,
      relaxed: undefined,
    })
  }
  for (const rule of known.values()) {
    if (!rules.has(rule.name)) rules.set(rule.name, fromCode(rule, written, enforceNewDefaults))
  }
  return { rules, enforceScope, enforceNewDefaults }
}

function fromCode(rule: Registered, written: ReadonlyMap<string, FileRule>, enforceNewDefaults: boolean): Rule {
  const { name, check: value, scopes, deprecated } = rule
  const code: Source = { kind: 'code' }
  const check = parseRule(value)
  const plain: Rule = { name, value, check, source: code, scopes, deprecated, relaxed: undefined }
  if (deprecated === undefined) return plain
  const old = deprecated.name === name ? undefined : written.get(deprecated.name)
  if (old !== undefined && renderCheck(old.check) !== `rule:${name}`) {
    // Up to 4.x this holds even if the file repeats the old default: the checks are compared by identity.
    return { ...plain, value: old.value, check: old.check, source: old.source, relaxed: 'by-old-name' }
  }
  if (enforceNewDefaults || deprecated.check === value) return plain
  const both = { kind: 'or', checks: [check, parseRule(deprecated.check)], span: check.span } as const
  return { ...plain, check: both, relaxed: 'by-deprecated' }
}

/** The rule of that name, or `default`; `undefined` means a refusal. */
export function findRule(rules: Pick<RuleSet, 'rules'>, name: string): Rule | undefined {
  return rules.rules.get(name) ?? rules.rules.get(defaultRule)
}

/** Rules by name, without registered ones. Throws RuleError for what Python cannot load. */
export function rulesFrom(values: Dict, parse: (value: unknown) => Check = parseRule): RuleSet {
  const source: Source = { kind: 'code' }
  const rules = keysOf(values).map((name) => {
    const value = lookUp(values, name)
    return { name, value, check: parse(value), source }
  })
  return createRuleSet([], [rules])
}
