import type { StageReport } from './stage-report.ts'
import type { ReportVerdict } from './verdict.ts'
import type { Finding } from '../finding.ts'

/** How things are said and toned in every format. A tone never stands alone: the symbol and the word say the same. */
export type Tone = 'good' | 'warn' | 'bad' | 'still'

export type Said = { readonly words: string; readonly tone: Tone; readonly symbol: string }

const symbols: Readonly<Record<Tone, string>> = { good: '\u2713', warn: '!', bad: '\u2717', still: '\u2212' }

export function said(words: string, tone: Tone): Said {
  return { words, tone, symbol: symbols[tone] }
}

export function stageWords({ state, isAccepted }: Pick<StageReport, 'state' | 'isAccepted'>): Said {
  switch (state) {
    case 'validated':
      return isAccepted ? said('accepted', 'warn') : said('validated', 'good')
    case 'stale':
      return said('stale', 'warn')
    case 'failed':
      return said('failed', 'bad')
    case 'never run':
      return said('never run', 'still')
    case 'held by the tenant':
      return said('held by the tenant', 'still')
  }
}

export function verdictWords({ answer }: ReportVerdict): Said {
  switch (answer) {
    case 'isolated':
      return said('Yes: this tenant is isolated', 'good')
    case 'isolated as far as tried':
      return said('As far as it was tried, yes', 'warn')
    case 'not isolated':
      return said('No: this tenant is not isolated', 'bad')
    case 'not known':
      return said('Not known', 'still')
  }
}

export function severityWords({ severity }: Pick<Finding, 'severity'>): Said {
  switch (severity) {
    case 'error':
      return said('error', 'bad')
    case 'warning':
      return said('warning', 'warn')
    case 'info':
      return said('info', 'still')
  }
}

export function okWords(ok: boolean): Said {
  return ok ? said('holds', 'good') : said('does not hold', 'bad')
}

/** `2026-11-23 05:58:33 UTC`. */
export function timeWords(iso: string | undefined): string {
  return iso === undefined ? '' : `${iso.slice(0, 19).replace('T', ' ')} UTC`
}

/** `12 ms`, `3.4 s`, `14 min`. */
export function durationWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${Math.round(milliseconds / 60_000)} min`
}

/** `1 probe`, `266 probes`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`
}
