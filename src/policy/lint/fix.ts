import type { Edit, LintFinding } from './subject.ts'

/**
 * The text with every certain fix. Edits go from the end of the file to its beginning, so that none moves another; of
 * two that overlap the second waits for the next run.
 */
export function applyFixes(text: string, findings: readonly LintFinding[]): string {
  const edits = [...findings.flatMap((finding) => finding.edits ?? [])].sort(
    (a, b) => b.start - a.start || b.end - a.end,
  )
  let fixed = text
  let last: Edit | undefined
  for (const edit of edits) {
    if (last !== undefined && edit.end > last.start) continue
    fixed = fixed.slice(0, edit.start) + edit.text + fixed.slice(edit.end)
    last = edit
  }
  return fixed
}
