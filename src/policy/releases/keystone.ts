/**
 * The rules of a Keystone: those that its release registers in code at its security level, the cloud's base policy over
 * it, and the operator's override on top.
 */
import { charmEnforces, renderCharmPolicy } from './charm.ts'
import type { CharmRule, CharmSettings } from './charm.ts'
import { enforcesNewDefaults, isAtLeast } from './release.ts'
import type { KeystoneRelease, Release } from './release.ts'
import { parsePolicyFile } from '../engine/file.ts'
import { createRuleSet } from '../engine/rules.ts'
import type { Registered, RuleSet } from '../engine/rules.ts'

/** Everything known about a Keystone of this release. Loaded once; the rest is plain functions. */
export type Keystone = {
  readonly release: KeystoneRelease
  readonly registered: readonly Registered[]
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
  const rules = await loadRules(release.name)
  return {
    release,
    registered: [...rules.values()].map((rule) => registeredFrom(rule, release)),
    operations: new Map([...rules.values()].map((rule) => [rule.name, rule.operations ?? []])),
    charm: charm.rules,
  }
}

/** Every rule name of a Keystone of this release, whatever its base. */
export function ruleNames({ registered, charm }: Keystone): readonly string[] {
  return [...registered, ...charm].map(({ name }) => name)
}

/** Throws InputError for a base or an override that Keystone cannot load. */
export function keystoneRules(keystone: Keystone, options: KeystoneOptions = {}): RuleSet {
  const base = options.base ?? { kind: 'default' }
  const files = [...baseFiles(keystone, base), ...(options.overrides ?? [])]
  const { name: release } = keystone.release
  const enforces = base.kind === 'charm' ? charmEnforces(release) : enforcesNewDefaults(release)
  return createRuleSet(
    keystone.registered,
    files.map(({ file, text }) => parsePolicyFile(text, { file }).rules),
    {
      enforceScope: options.enforceScope ?? enforces,
      enforceNewDefaults: options.enforceNewDefaults ?? enforces,
    },
  )
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

/** One entry of a release's data. An absent field is the ancestor's; `null` removes the ancestor's. */
type RuleData = {
  readonly name: string
  readonly check?: string
  readonly scopes?: readonly string[] | null
  readonly was?: string | null
  readonly wasNamed?: string | null
  readonly operations?: readonly string[] | null
}

type ReleaseData = { readonly removed: readonly string[]; readonly rules: readonly RuleData[] }

async function loadRules(release: Release): Promise<Map<string, RuleData>> {
  switch (release) {
    case '2024.1': {
      const { default: data } = await import('./rules/2024.1.json', { with: { type: 'json' } })
      return merge(new Map(), data)
    }
    case '2024.2': {
      const { default: data } = await import('./rules/2024.2.json', { with: { type: 'json' } })
      return merge(await loadRules('2024.1'), data)
    }
    case '2025.1': {
      const { default: data } = await import('./rules/2025.1.json', { with: { type: 'json' } })
      return merge(await loadRules('2024.2'), data)
    }
    case 'zed': {
      const { default: data } = await import('./rules/zed.json', { with: { type: 'json' } })
      return merge(await loadRules('2024.1'), data)
    }
    case 'debian-27': {
      const { default: data } = await import('./rules/debian-27.json', { with: { type: 'json' } })
      return merge(await loadRules('2025.1'), data)
    }
    case 'debian-22': {
      const { default: data } = await import('./rules/debian-22.json', { with: { type: 'json' } })
      return merge(await loadRules('2024.1'), data)
    }
  }
}

function merge(ancestor: Map<string, RuleData>, data: ReleaseData): Map<string, RuleData> {
  for (const name of data.removed) ancestor.delete(name)
  for (const rule of data.rules) ancestor.set(rule.name, { ...ancestor.get(rule.name), ...rule })
  return ancestor
}

function registeredFrom(rule: RuleData, release: KeystoneRelease): Registered {
  const { name, scopes, was, wasNamed } = rule
  return {
    name,
    check: atLevel(name, rule.check ?? '', release),
    scopes: scopes ?? undefined,
    deprecated: typeof was === 'string' ? { name: wasNamed ?? name, check: was } : undefined,
  }
}

/** The data is from a build at one level; the fixes changed these rules in every release. */
function atLevel(name: string, check: string, release: KeystoneRelease): string {
  switch (name) {
    // keystone 2743acbcb (CVE-2026-42999): create_trust gets the body as its target.
    case 'identity:create_trust':
      return isAtLeast(release, 'ossa-2026-015')
        ? 'user_id:%(target.trust.trustor_user_id)s'
        : 'user_id:%(trust.trustor_user_id)s'
    // Debian 22.0.2-0+deb12u4 (CVE-2026-80182 to 80184): a token without a domain no longer matches None.
    case 'identity:list_role_assignments':
    case 'identity:list_role_assignments_for_tree': {
      const plain = check.replace(' and not None:%(target.domain_id)s', '')
      if (!isAtLeast(release, 'aug-2026')) return plain
      return plain.replace('domain_id:%(target.domain_id)s', '$& and not None:%(target.domain_id)s')
    }
    default:
      return check
  }
}
