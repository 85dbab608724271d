/**
 * The rules of a Keystone: those that its package registers in code with its fixes, the cloud's base policy over them,
 * and the operator's override on top.
 */
import { charmEnforces, renderCharmPolicy } from './charm.ts'
import type { CharmRule, CharmSettings } from './charm.ts'
import { unaskedActions, withFix } from './fixes.ts'
import type { RuleData, RuleTable } from './fixes.ts'
import { alwaysEnforcesScope, enforcesNewDefaults, hasFix, packageOf, releases } from './release.ts'
import type { KeystoneRelease } from './release.ts'
import { parsePolicyFile } from '../engine/file.ts'
import { parseRule } from '../engine/parse.ts'
import { createRuleSet } from '../engine/rules.ts'
import type { Registered, Rule, RuleSet } from '../engine/rules.ts'

/** Everything known about a Keystone of this release. Loaded once; the rest is plain functions. */
export type Keystone = {
  readonly release: KeystoneRelease
  readonly registered: readonly Registered[]
  /** Actions whose handlers ask no rule here, although other packages have one: whoever sends the request may. */
  readonly unasked: readonly string[]
  /** The requests that each action guards: `POST /v3/users`. */
  readonly operations: ReadonlyMap<string, readonly string[]>
  /** Rules of charm-keystone's policy.json, with its settings still as placeholders. */
  readonly charm: readonly CharmRule[]
}

/** The policy file that a cloud runs with before any override. */
export type Base =
  | { readonly kind: 'default' }
  | { readonly kind: 'charm'; readonly settings?: Partial<CharmSettings> }
  | { readonly kind: 'file'; readonly file: string; readonly text: string }

/** A policy file and its name for problems and sources. */
export type PolicyText = { readonly file: string; readonly text: string }

export type KeystoneOptions = {
  readonly base?: Base
  /** In the order in which Keystone loads them: policy_dirs in order, the files of each by name. */
  readonly overrides?: readonly PolicyText[]
  readonly enforceScope?: boolean
  readonly enforceNewDefaults?: boolean
}

/** Reads the data of one release. Only the files that it needs are loaded. */
export async function loadKeystone(release: KeystoneRelease): Promise<Keystone> {
  const { default: charm } = await import('./rules/charm.json', { with: { type: 'json' } })
  const rules = await loadRules(release)
  const unasked = hasFix(release, 'ossa-2025-002') ? [] : unaskedActions
  return {
    release,
    registered: [...rules].map(([name, rule]) => registeredFrom(name, rule)),
    unasked: unasked.map(({ action }) => action),
    operations: new Map([
      ...[...rules].map(([name, rule]) => [name, rule.operations ?? []] as const),
      ...unasked.map(({ action, request }) => [action, [request]] as const),
    ]),
    charm: charm.rules,
  }
}

/** Every rule name of a Keystone of this release, whatever its base. */
export function ruleNames({ registered, unasked, charm }: Keystone): readonly string[] {
  return [...[...registered, ...charm].map(({ name }) => name), ...unasked]
}

/** Throws InputError for a base or an override that Keystone cannot load. */
export function keystoneRules(keystone: Keystone, options: KeystoneOptions = {}): RuleSet {
  const base = options.base ?? { kind: 'default' }
  const files = [...baseFiles(keystone, base), ...(options.overrides ?? [])]
  const { release } = keystone
  const enforces = base.kind === 'charm' ? charmEnforces(release) : enforcesNewDefaults(release)
  const rules = createRuleSet(
    keystone.registered,
    files.map(({ file, text }) => parsePolicyFile(text, { file }).rules),
    {
      enforceScope: alwaysEnforcesScope(release) || (options.enforceScope ?? enforces),
      enforceNewDefaults: options.enforceNewDefaults ?? enforces,
    },
  )
  const open = keystone.unasked.map((name) => [name, openRule(name)] as const)
  return { ...rules, rules: new Map([...rules.rules, ...open]) }
}

/** Stands for a handler that asks no rule, whatever a file says. */
function openRule(name: string): Rule {
  const check = parseRule('@')
  const source = { kind: 'code' } as const
  return { name, value: '@', check, source, scopes: undefined, deprecated: undefined, relaxed: undefined }
}

function baseFiles(keystone: Keystone, base: Base): readonly PolicyText[] {
  switch (base.kind) {
    case 'default':
      return []
    case 'charm':
      return [{ file: 'policy.json', text: renderCharmPolicy(keystone.charm, base.settings) }]
    case 'file':
      return [base]
  }
}

type Stored = {
  /** The rules that these are the differences from. A field that is absent is that one's; `null` removes it. */
  readonly after: string | null
  readonly removed: readonly string[]
  readonly rules: Readonly<Record<string, RuleData>>
}

async function loadRules(release: KeystoneRelease): Promise<RuleTable> {
  const { default: data } = await import('./rules/rules.json', { with: { type: 'json' } })
  const sets = new Map<string, Stored>(Object.entries(data))
  const { rules } = packageOf(release.name)
  const known = releases.find((name) => name === rules)
  const missing = release.fixes.filter((fix) => known === undefined || !packageOf(known).fixes.includes(fix))
  return new Map([...missing.reduce(withFix, storedRules(sets, rules))].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function storedRules(sets: ReadonlyMap<string, Stored>, name: string): RuleTable {
  const stored = sets.get(name)
  if (stored === undefined) throw new Error(`there are no rules of \`${name}\``)
  const rules = new Map(stored.after === null ? [] : storedRules(sets, stored.after))
  for (const gone of stored.removed) rules.delete(gone)
  for (const [rule, data] of Object.entries(stored.rules)) rules.set(rule, { ...rules.get(rule), ...data })
  return rules
}

function registeredFrom(name: string, { check, scopes, was, wasNamed }: RuleData): Registered {
  return {
    name,
    check: check ?? '',
    scopes: scopes ?? undefined,
    deprecated: typeof was === 'string' ? { name: wasNamed ?? name, check: was } : undefined,
  }
}
