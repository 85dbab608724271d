/** The answer of a diagnosis: what it found, and whether it could look at everything. */
import { isBlocked } from '../finding.ts'
import { success } from '../success.ts'
import type { Diagnosis } from './diagnose.ts'

export type DiagnosisVerdict = {
  /** 0: every known cause is excluded. 3: a cause, or a cause that could not be checked. 4: nothing could be asked. */
  readonly exitCode: 0 | 3 | 4
  /** Absent if the findings say it. */
  readonly sentence?: string
}

export function verdictOfDiagnosis({ findings, hypotheses, experiments, milliseconds }: Diagnosis): DiagnosisVerdict {
  if (isBlocked(findings)) return { exitCode: 3 }
  const tried = experiments.filter(({ outcome }) => outcome !== 'inapplicable')
  if (tried.length > 0 && tried.every(({ outcome }) => outcome === 'unseen'))
    return { exitCode: 4, sentence: `nothing could be asked in ${(milliseconds / 1000).toFixed(1)} s` }
  const open = hypotheses.filter(({ verdict }) => verdict === 'open').length
  if (open > 0)
    return {
      exitCode: 3,
      sentence: `not shown: no cause was found, and ${open} of ${hypotheses.length} causes could not be checked`,
    }
  return { exitCode: 0, ...(findings.length > 0 ? {} : { sentence: success.diagnose() }) }
}
