/** The input of lint, and its findings. */
import type { Finding, Severity } from '../../finding.ts'
import type { CloudFacts } from '../model/cloud-facts.ts'
import type { Span } from '../engine/check.ts'
import type { PolicyFile } from '../engine/file.ts'
import type { Ask } from '../model/operation.ts'
import type { Keystone } from '../releases/keystone.ts'
import type { FileRule, RuleSet } from '../engine/rules.ts'
import { rawSpan } from './place.ts'
import type { RawSpan } from './place.ts'

export type LintSubject = {
  readonly file: string
  readonly text: string
  readonly policy: PolicyFile
  /** The base of the file; without it lint checks only what holds for every Keystone. */
  readonly lintBase: LintBase | undefined
  /** The file is delivered by the charm's `policyd-override`. */
  readonly isCharmed: boolean
  /** Every rule name of any Keystone or of the charm's base. */
  readonly knownNames: ReadonlySet<string>
}

export type LintBase = {
  readonly keystone: Keystone
  readonly facts: CloudFacts
  /** The rules in force without the file, and with it. */
  readonly base: RuleSet
  readonly rules: RuleSet
  /** The requests to try. */
  readonly cases: readonly Ask[]
}

export type LintFinding = Finding & {
  /** The rule of the finding. */
  readonly rule?: string
  readonly line: number
  readonly column: number
  /** The correction, if it is certain. */
  readonly edits?: readonly Edit[]
}

/** Replaces part of the file's text; offsets in UTF-16 units. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string }

export type Lint = (subject: LintSubject) => readonly LintFinding[]

export type Report = {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly remedy?: string
  /** The place in the rule's text; the whole rule without it. */
  readonly span?: Span
  /** The text that replaces the span. */
  readonly replacement?: string
  /** The rule in the message, if another rule has the text. */
  readonly about?: string
}

/** A finding about a rule of the file. */
export function findingIn(subject: LintSubject, rule: FileRule, report: Report): LintFinding {
  const { span, replacement } = report
  const raw = rawSpan(subject.text, rule, span)
  return {
    code: report.code,
    severity: report.severity,
    where: `${subject.file}:${raw.line}:${raw.column}`,
    message: report.message,
    ...(report.remedy === undefined ? {} : { remedy: report.remedy }),
    owner: 'operator',
    rule: report.about ?? rule.name,
    line: raw.line,
    column: raw.column,
    ...(replacement === undefined || !raw.isExact ? {} : { edits: [editOf(raw, replacement)] }),
  }
}

function editOf(raw: RawSpan, text: string): Edit {
  return { start: raw.start, end: raw.end, text }
}
