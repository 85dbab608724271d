/** The table of known differences in docs/simulator.md. */

export type Row = {
  readonly story: string
  readonly step: string
  readonly what: string
  readonly lab: string
  readonly simulator: string
  readonly reason: string
}

const HEADER = '| Story | Step | What | Lab | Simulator | Reason |'

export function parseTable(markdown: string): readonly Row[] {
  const lines = markdown.split('\n')
  const start = lines.indexOf(HEADER)
  if (start < 0) throw new Error('docs/simulator.md has lost the table of differences')
  const rows: Row[] = []
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break
    const [story = '', step = '', what = '', lab = '', simulator = '', reason = ''] = line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) =>
        cell
          .trim()
          .replaceAll('\\|', '|')
          .replace(/^`(.*)`$/, '$1'),
      )
    rows.push({ story, step, what, lab, simulator, reason })
  }
  return rows
}
