/** The hardened override for one running base: its rules, and the file for an operator. */
import { cloudFactsOf, usualMagnumDomain } from '../model/cloud-facts.ts'
import { renderRelease } from '../releases/release.ts'
import type { KeystoneRelease } from '../releases/release.ts'
import { keystoneRules } from '../releases/keystone.ts'
import type { Base, Keystone } from '../releases/keystone.ts'
import type { RuleSet } from '../engine/rules.ts'
import { beyondRules } from './beyond-rules.ts'
import { buildCommand } from './command.ts'
import type { BuiltFor } from './command.ts'
import { charmBaseSections } from './charm-base.ts'
import { defaultBaseSections } from './default-base.ts'
import { familyOf } from './family.ts'
import type { Family } from './family.ts'
import { assertManagedRoles, defaultManagedRoles } from './managed-roles.ts'
import { assertMagnumDomain } from './magnum-quota.ts'
import { nativePersonaSections } from './native-persona.ts'
import { renderSections } from './render.ts'
import { textOf } from './section.ts'
import type { Section } from './section.ts'

export type Override = {
  readonly family: Family
  readonly release: KeystoneRelease
  readonly managedRoles: readonly string[]
  /** Rules by name, as oslo.policy reads them. */
  readonly rules: Readonly<Record<string, string>>
  /** Who can do less than before. */
  readonly losses: readonly string[]
  /** The file: ASCII, LF, the same bytes for the same input. */
  readonly text: string
}

export type BuildOptions = {
  readonly base?: Base
  readonly managedRoles?: readonly string[]
  /** The name of the domain of Magnum's trustees (magnum-quota.ts); absent: `magnum`. */
  readonly magnumDomain?: string | undefined
}

/** Throws InputError for roles that must not be managed, and for a base that Keystone cannot load. */
export function buildOverride(keystone: Keystone, options: BuildOptions = {}): Override {
  const managedRoles = options.managedRoles ?? defaultManagedRoles
  assertManagedRoles(managedRoles)
  const magnumDomain = options.magnumDomain ?? usualMagnumDomain
  assertMagnumDomain(magnumDomain)
  const base = options.base ?? { kind: 'default' }
  const { release } = keystone
  const rules = keystoneRules(keystone, { base })
  const family = familyOf(rules)
  const named = { managedRoles, magnumDomain }
  const sections = sectionsOf(family, release, rules, named).map((section) => knownTo(keystone, section))
  const losses = sections.flatMap((section) => section.losses ?? [])
  return {
    family,
    release,
    managedRoles,
    rules: Object.fromEntries(
      sections.flatMap((section) => section.rules.map((rule) => [rule.name, textOf(rule)] as const)),
    ),
    losses,
    text: renderSections(headOf({ ...options, release, base }, { family, managedRoles, losses }), sections),
  }
}

type Named = { readonly managedRoles: readonly string[]; readonly magnumDomain: string }

function sectionsOf(
  family: Family,
  release: KeystoneRelease,
  base: RuleSet,
  { managedRoles, magnumDomain }: Named,
): readonly Section[] {
  switch (family) {
    case 'default':
      return defaultBaseSections(release, {
        adminRole: cloudFactsOf(base, release).adminRole,
        managedRoles,
        magnumDomain,
      })
    case 'charm':
      return charmBaseSections(release, managedRoles, magnumDomain)
    case 'native':
      return nativePersonaSections(base, managedRoles)
  }
}

/**
 * Without the actions that this Keystone does not know: before OSSA-2025-002 everybody exchanges an EC2 key unasked.
 */
function knownTo({ registered }: Keystone, section: Section): Section {
  const actions = new Set(registered.map(({ name }) => name))
  const rules = section.rules.filter(({ name }) => !name.startsWith('identity:') || actions.has(name))
  return { ...section, rules }
}

/** A line that begins with a blank is kept as it is: `policy attach` reads the command. */
function headOf(
  built: BuiltFor,
  { family, managedRoles, losses }: Pick<Override, 'family' | 'managedRoles' | 'losses'>,
): readonly string[] {
  const { release, base } = built
  const over = base.kind === 'file' ? `the base ${base.file}` : `the ${base.kind} base`
  return [
    `The domain manager of a tenant, for Keystone ${renderRelease(release)} on ${over}.`,
    'Made by this command. Make it again when Keystone is upgraded or its base changes. Every rule that is not here stays as it is.',
    `  ${buildCommand(built)}`,
    `Managed roles: ${managedRoles.join(', ')}.`,
    ...beyondRules(release).map((sentence) => `WARNING: ${sentence}`),
    ...(family === 'native'
      ? []
      : [
          'A manager resets the password of every user of its domain, so no user of a managed domain may hold admin ' +
            'anywhere: `tenant-onboard audit` checks this.',
        ]),
    ...losses.map((loss) => `Lost, ${loss.replace(/\.$/, '')}.`),
  ]
}
