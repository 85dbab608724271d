/** All checks of lint, on one file. */
import { casesOf } from '../model/cases.ts'
import { cloudFactsOf } from '../model/cloud-facts.ts'
import { parsePolicyFile } from '../engine/file.ts'
import { keystoneRules } from '../releases/keystone.ts'
import type { Base, Keystone } from '../releases/keystone.ts'
import { lintAdminGrants, lintManagedRoles } from './admin.ts'
import { lintAttributes } from './attributes.ts'
import { lintBrokenClaims } from './broken-claim.ts'
import { lintCharmed } from './charmed.ts'
import { lintConfinement } from './confinement.ts'
import { lintCrashes } from './crash.ts'
import { lintDeadTargets } from './dead-target.ts'
import { lintDuplicates } from './duplicate.ts'
import { lintForeign } from './foreign.ts'
import { lintGrammar } from './grammar.ts'
import { lintNeverAsked } from './never-asked.ts'
import { lintNoRules } from './no-rules.ts'
import { lintNoneEqualsNone } from './none-equals-none.ts'
import { lintAllowsEverybody, lintNegations } from './open.ts'
import { lintCycles, lintUndefinedRules, lintUnusedRules } from './references.ts'
import { lintGluedChecks, lintKindCase, lintOperatorCase, lintQuotedNames } from './spelling.ts'
import type { LintBase, Lint, LintFinding } from './subject.ts'
import { lintLineEnding, lintNonAscii } from './text.ts'
import { lintUndoneFixes } from './undone-fix.ts'

export type LintOptions = {
  readonly file: string
  /** The base of the file; without it lint checks only what holds for every Keystone. */
  readonly over?: { readonly keystone: Keystone; readonly base: Base }
  /** Every rule name of any Keystone or of the charm's base, for references without a base. */
  readonly knownNames?: Iterable<string>
}

const lints: readonly Lint[] = [
  lintNonAscii,
  lintLineEnding,
  lintDuplicates,
  lintGrammar,
  lintOperatorCase,
  lintGluedChecks,
  lintKindCase,
  lintQuotedNames,
  lintCrashes,
  lintAttributes,
  lintUndefinedRules,
  lintCycles,
  lintUnusedRules,
  lintAllowsEverybody,
  lintNegations,
  lintDeadTargets,
  lintNoneEqualsNone,
  lintUndoneFixes,
  lintNeverAsked,
  lintConfinement,
  lintManagedRoles,
  lintAdminGrants,
  lintCharmed,
  lintNoRules,
  lintForeign,
]

/** Findings in the order of the file. Throws InputError for a file that Keystone cannot load either. */
export function lintPolicy(text: string, options: LintOptions): readonly LintFinding[] {
  const { file, over } = options
  const subject = {
    file,
    text,
    policy: parsePolicyFile(text, { file }),
    lintBase: over && lintBaseOf(text, file, over.keystone, over.base),
    isCharmed: over?.base.kind === 'charm',
    knownNames: new Set(options.knownNames ?? []),
  }
  const found = lints.flatMap((lint) => lint(subject))
  return [...found, ...lintBrokenClaims(subject, found)].sort((a, b) => a.line - b.line || a.column - b.column)
}

function lintBaseOf(text: string, file: string, keystone: Keystone, base: Base): LintBase {
  const rules = keystoneRules(keystone, { base, overrides: [{ file, text }] })
  const facts = cloudFactsOf(rules, keystone.release)
  return { keystone, facts, base: keystoneRules(keystone, { base }), rules, cases: casesOf(facts, keystone) }
}
