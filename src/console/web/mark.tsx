import type { Tone } from '../../report/view/label.ts'

/** What a tone says without its colour: those of a report, and what only happens while somebody looks on. */
export type Sign = Tone | 'running' | 'waiting' | 'more' | 'less'

/** A word and its sign; a label of a report is one. */
export type Status = { readonly text: string; readonly tone: Sign }

/** Paths in a box of 16 by 16. */
export const shapes: Readonly<Record<Sign, string>> = {
  good: 'M4 8.5l2.6 2.6L12 5.6',
  bad: 'M5 5l6 6M11 5l-6 6',
  warn: 'M8 4v5M8 11.6v.4',
  running: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  waiting: 'M8 5v3l2 1.6',
  still: 'M5.5 8h5',
  kept: 'M4.5 6.5h7M4.5 9.5h7',
  more: 'M8 4.5v7M4.5 8h7',
  less: 'M4.5 8h7',
}

/** Drawn, so that it looks the same everywhere; a word is always beside it or in `label`. */
export function Mark({ sign, label }: { readonly sign: Sign; readonly label?: string }) {
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': label } as const)
  return (
    <svg class={`mark mark-${sign}`} viewBox="0 0 16 16" width="16" height="16" {...named}>
      {sign === 'waiting' ? <circle cx="8" cy="8" r="5.5" /> : undefined}
      <path d={shapes[sign]} />
    </svg>
  )
}

/** An icon and its word. */
export function State({ status: { text, tone } }: { readonly status: Status }) {
  return (
    <span class={`state state-${tone}`}>
      <Mark sign={tone} />
      <span>{text}</span>
    </span>
  )
}
