import type { StageReport } from './stage-report.ts'
import type { ReportVerdict } from './verdict.ts'
import type { Finding } from '../finding.ts'

/** The texts and tones of all formats. A tone is never the only sign: the symbol and the word say the same. */
export type Tone = 'good' | 'warn' | 'bad' | 'still'

export type Label = { readonly text: string; readonly tone: Tone; readonly symbol: string }

const symbols: Readonly<Record<Tone, string>> = { good: '\u2713', warn: '!', bad: '\u2717', still: '\u2212' }

export function label(text: string, tone: Tone): Label {
  return { text, tone, symbol: symbols[tone] }
}

export function stageLabel({ state, isAccepted }: Pick<StageReport, 'state' | 'isAccepted'>): Label {
  switch (state) {
    case 'validated':
      return isAccepted ? label('accepted', 'warn') : label('validated', 'good')
    case 'stale':
      return label('stale', 'warn')
    case 'failed':
      return label('failed', 'bad')
    case 'never run':
      return label('never run', 'still')
    case 'held by the tenant':
      return label('held by the tenant', 'still')
  }
}

export function verdictLabel({ answer }: ReportVerdict): Label {
  switch (answer) {
    case 'isolated':
      return label('Yes: this tenant is isolated', 'good')
    case 'isolated as far as tried':
      return label('As far as it was tried, yes', 'warn')
    case 'not isolated':
      return label('No: this tenant is not isolated', 'bad')
    case 'not known':
      return label('Not known', 'still')
  }
}

export function severityLabel({ severity }: Pick<Finding, 'severity'>): Label {
  switch (severity) {
    case 'error':
      return label('error', 'bad')
    case 'warning':
      return label('warning', 'warn')
    case 'info':
      return label('info', 'still')
  }
}

export function okLabel(ok: boolean): Label {
  return ok ? label('holds', 'good') : label('does not hold', 'bad')
}

/** `2026-11-23 05:58:33 UTC`. */
export function timeText(iso: string | undefined): string {
  return iso === undefined ? '' : `${iso.slice(0, 19).replace('T', ' ')} UTC`
}

/** `12 ms`, `3.4 s`, `14 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${Math.round(milliseconds / 60_000)} min`
}

/** `1 probe`, `266 probes`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`
}
