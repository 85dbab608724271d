/** The meaning of an icon without its colour. */
export type Sign = 'ok' | 'bad' | 'warn' | 'run' | 'wait' | 'none' | 'kept' | 'more' | 'less'

/** Paths in a box of 16 by 16. */
export const shapes: Readonly<Record<Sign, string>> = {
  ok: 'M4 8.5l2.6 2.6L12 5.6',
  bad: 'M5 5l6 6M11 5l-6 6',
  warn: 'M8 4v5M8 11.6v.4',
  run: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  wait: 'M8 5v3l2 1.6',
  none: 'M5.5 8h5',
  kept: 'M4.5 6.5h7M4.5 9.5h7',
  more: 'M8 4.5v7M4.5 8h7',
  less: 'M4.5 8h7',
}

/** Drawn, so that it looks the same everywhere; a word is always beside it or in `label`. */
export function Mark({ sign, label }: { readonly sign: Sign; readonly label?: string }) {
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': label } as const)
  return (
    <svg class={`mark mark-${sign}`} viewBox="0 0 16 16" width="16" height="16" {...named}>
      {sign === 'wait' ? <circle cx="8" cy="8" r="5.5" /> : undefined}
      <path d={shapes[sign]} />
    </svg>
  )
}

/** An icon and its word. */
export function State({ sign, children }: { readonly sign: Sign; readonly children: string }) {
  return (
    <span class={`state state-${sign}`}>
      <Mark sign={sign} />
      <span>{children}</span>
    </span>
  )
}
