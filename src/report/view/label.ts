import { success } from '../../success.ts'
import type { Severity } from '../../finding.ts'
import type { StageStatus } from '../../tenant/status.ts'
import type { ReportVerdict } from '../verdict.ts'

/**
 * A word with a tone. Every format says the word; what it makes of the tone (a colour, a symbol, bold type) adds to
 * it and never stands alone.
 */
export type Label = { readonly kind: 'label'; readonly text: string; readonly tone: Tone }

/** `still`: nothing to be glad or sorry about. `kept`: left as it was, or with the tenant. */
export type Tone = 'good' | 'warn' | 'bad' | 'still' | 'kept'

export function label(text: string, tone: Tone): Label {
  return { kind: 'label', text, tone }
}

/** `isAccepted`: only the first of two gates holds. */
export function stageLabel(state: StageStatus['state'], isAccepted = false): Label {
  switch (state) {
    case 'validated':
      return isAccepted ? label('accepted', 'warn') : label(success.status(), 'good')
    case 'stale':
      return label('stale', 'warn')
    case 'failed':
      return label('failed', 'bad')
    case 'never run':
      return label('never run', 'still')
    case 'not asked':
      return label('not asked', 'still')
    case 'held by the tenant':
      return label('held by the tenant', 'kept')
  }
}

export function verdictLabel(answer: ReportVerdict['answer']): Label {
  switch (answer) {
    case 'isolated':
      return label(success.report(), 'good')
    case 'isolated as far as tried':
      return label('As far as it was tried, yes', 'warn')
    case 'not isolated':
      return label('No: this tenant is not isolated', 'bad')
    case 'not known':
      return label('Not known', 'still')
  }
}

export function severityLabel(severity: Severity): Label {
  switch (severity) {
    case 'error':
      return label('error', 'bad')
    case 'unknown':
      return label('not shown', 'warn')
    case 'warning':
      return label('warning', 'warn')
    case 'info':
      return label('info', 'still')
  }
}

export function okLabel(ok: boolean): Label {
  return ok ? label('holds', 'good') : label('does not hold', 'bad')
}

/** Of a claim about a policy, on paper. */
export function proofLabel(verdict: 'proved' | 'refuted' | 'not shown'): Label {
  switch (verdict) {
    case 'proved':
      return label('proved', 'good')
    case 'refuted':
      return label('refuted', 'bad')
    case 'not shown':
      return label('not shown', 'warn')
  }
}
