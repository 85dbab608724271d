import { InputError } from '../../errors.ts'
import { policydVerdict } from '../../policy/policyd.ts'
import type { PolicydVerdict } from '../../policy/policyd.ts'
import { success } from '../../success.ts'
import { resolve } from 'node:path'
import { isBlocked } from '../../finding.ts'
import type { Severity } from '../../finding.ts'
import { releases, releaseWith, renderRelease } from '../../policy/releases/release.ts'
import { loadKeystone, ruleNames } from '../../policy/releases/keystone.ts'
import { applyFixes } from '../../policy/lint/fix.ts'
import { lintPolicy } from '../../policy/lint/lint.ts'
import type { LintFinding } from '../../policy/lint/subject.ts'
import { withBuiltFor } from '../built-for.ts'
import type { CommandContext } from '../context.ts'
import { save } from '../save.ts'
import type { PolicyLintOptions } from '../definitions/policy.ts'
import { print, wrap } from '../output.ts'
import { loadPolicySubject, readPolicyText } from '../policy-subject.ts'
import { readPolicyZip } from '../policy-zip.ts'
import type { PolicyZip } from '../policy-zip.ts'
import type { PolicySubject } from '../policy-subject.ts'

/** 3 if there is a finding at error level. What `--fix` has corrected does not count. */
export async function policyLintCommand(file: string, given: PolicyLintOptions, io: CommandContext): Promise<number> {
  const zip = await readPolicyZip(file, io)
  if (zip !== undefined) return lintZip(file, zip, given, io)
  const text = await readPolicyText(file, io)
  const options = withBuiltFor(given, [text])
  const subject =
    options.base === undefined && options.release === undefined ? undefined : await loadPolicySubject(options, io)
  const lint = await linterOf(file, subject)
  const before = lint(text)
  const fixed = options.fix === true ? fixAll(text, before, lint) : text
  if (fixed !== text) await save(resolve(io.cwd, file), fixed, 'policy')
  const findings = fixed === text ? before : lint(fixed)
  const report = {
    file,
    over: subject === undefined ? null : { release: renderRelease(subject.keystone.release), base: subject.base.kind },
    fixed: before.length - findings.length,
    findings: findings.map(publicFinding),
  }
  print(io, options.output, report, () => renderFindings(findings, report.fixed, io.columns))
  if (subject === undefined) {
    io.err('without --base or --release, lint checks only what holds for every Keystone: no targets, no personas\n')
  }
  return isBlocked(findings) ? 3 : 0
}

/** What the charm will do with a zip, and the findings in the files that it installs. */
async function lintZip(file: string, zip: PolicyZip, given: PolicyLintOptions, io: CommandContext): Promise<number> {
  if (given.fix === true) throw new InputError('`--fix` writes a policy file, and not into a zip')
  const entries = zip.kind === 'files' ? zip.entries : []
  const options = withBuiltFor(
    given,
    entries.map(({ text }) => text),
  )
  const subject =
    options.base === undefined && options.release === undefined ? undefined : await loadPolicySubject(options, io)
  const verdict = zip.kind === 'files' ? policydVerdict(entries) : undefined
  const findings = [...charmFindings(file, zip, verdict)]
  if (verdict?.kind === 'accepted') {
    for (const { from } of verdict.files) {
      const entry = entries.find(({ path }) => path === from)
      if (entry !== undefined) findings.push(...(await linterOf(`${file}:${from}`, subject))(entry.text))
    }
  }
  const report = {
    file,
    over: subject === undefined ? null : { release: renderRelease(subject.keystone.release), base: subject.base.kind },
    charm: verdict ?? { kind: zip.kind === 'refused' ? 'rejected' : 'not shown', reason: charmReason(zip, verdict) },
    fixed: 0,
    findings: findings.map(publicFinding),
  }
  print(io, options.output, report, () => `${charmText(verdict)}${renderFindings(findings, 0, io.columns)}`)
  return isBlocked(findings) ? 3 : 0
}

function charmReason(zip: PolicyZip, verdict: PolicydVerdict | undefined): string {
  if (zip.kind !== 'files') return zip.reason
  return verdict?.kind === 'rejected' ? verdict.reason : ''
}

function charmFindings(file: string, zip: PolicyZip, verdict: PolicydVerdict | undefined): readonly LintFinding[] {
  if (verdict?.kind === 'accepted') return []
  const isKnown = zip.kind !== 'unknown'
  const reason = charmReason(zip, verdict)
  return [
    {
      code: 'policy/charm-refuses',
      severity: isKnown ? 'error' : 'unknown',
      where: verdict?.path === undefined ? file : `${file}:${verdict.path}`,
      message: isKnown
        ? `the charm takes none of the zip, empties its folder and shows \`PO (broken):\`: ${reason}`
        : `it is not known whether the charm takes this zip: ${reason}`,
      remedy:
        'mend the file and make the zip again: `tenant-onboard policy build --zip FILE.zip` makes one that the charm takes',
      owner: 'operator',
      line: 1,
      column: 1,
    },
  ]
}

/** One line for each file that Keystone will read, and one for what the charm leaves out. */
function charmText(verdict: PolicydVerdict | undefined): string {
  if (verdict?.kind !== 'accepted') return ''
  const files = verdict.files.map(({ from, name }) => `the charm installs ${from} as policy.d/${name}\n`)
  const ignored = verdict.ignored.length === 0 ? '' : `the charm leaves out ${verdict.ignored.join(', ')}\n`
  return `${files.join('')}${ignored}`
}

type Linter = (text: string) => readonly LintFinding[]

async function linterOf(file: string, subject: PolicySubject | undefined): Promise<Linter> {
  if (subject !== undefined) return (text) => lintPolicy(text, { file, over: subject })
  const keystones = await Promise.all(releases.map((release) => loadKeystone(releaseWith(release))))
  const names = new Set(keystones.flatMap(ruleNames))
  return (text) => lintPolicy(text, { file, knownNames: names })
}

/** One fix may uncover the next. Each round leaves fewer, so the loop ends. */
function fixAll(text: string, findings: readonly LintFinding[], lint: Linter): string {
  let fixed = text
  let left = findings
  for (let round = 0; round < 10; round++) {
    const next = applyFixes(fixed, left)
    if (next === fixed) break
    fixed = next
    left = lint(fixed)
  }
  return fixed
}

/** The edits are internal; the user only needs to know that there is one. */
function publicFinding({ edits, ...finding }: LintFinding): object {
  return { ...finding, isFixable: edits !== undefined }
}

function renderFindings(findings: readonly LintFinding[], fixed: number, columns: number): string {
  const room = Math.max(40, columns - 2)
  const blocks = findings.map(({ where, severity, code, message, remedy, edits }) => {
    const lines = wrap(message, room)
    const remedyLines =
      remedy === undefined ? [] : wrap(`remedy: ${remedy}${edits === undefined ? '' : ' (--fix)'}`, room)
    return `${where}: ${severity} ${code}\n${[...lines, ...remedyLines].map((line) => `  ${line}\n`).join('')}`
  })
  const done = fixed > 0 ? `${fixed} fixed\n` : ''
  return `${blocks.join('')}${done}${summary(findings)}\n`
}

function summary(findings: readonly LintFinding[]): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length
  const parts = (['error', 'unknown', 'warning', 'info'] as const)
    .map((severity) => [count(severity), severity] as const)
    .filter(([number]) => number > 0)
    .map(([number, severity]) => `${number} ${severity}${number === 1 || severity === 'info' ? '' : 's'}`)
  return parts.length === 0 ? success['policy lint']() : parts.join(', ')
}
