import { gravestFirst } from '../../finding.ts'
import type { Finding } from '../../finding.ts'
import type { StageName } from '../../tenant/stage.ts'
import { severityLabel } from './label.ts'
import type { Label } from './label.ts'

/** A finding in words: the same in a report and in the console. */
export type FindingView = {
  readonly severity: Label
  readonly code: string
  readonly where: string
  readonly message: string
  readonly remedy?: string | undefined
  /** Whose the remedy is. */
  readonly owner: Finding['owner']
  /** Whose gate found it, and when it was read. */
  readonly foundBy?: { readonly stage: StageName; readonly at: string } | undefined
}

/** The gravest first. */
export function findingViews(findings: readonly Finding[]): readonly FindingView[] {
  return gravestFirst(findings).map((finding) => findingView(finding))
}

export function findingView(
  { severity, code, where, message, remedy, owner }: Finding,
  foundBy?: FindingView['foundBy'],
): FindingView {
  return {
    severity: severityLabel(severity),
    code,
    where,
    message,
    remedy,
    owner,
    foundBy,
  }
}
