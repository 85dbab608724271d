import type { Page } from './output.ts'

type Stream = { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }

/**
 * What the terminal can show. Colours need both outputs on a terminal, because either may go to a file, and no NO_COLOR
 * (no-color.org; an empty one does not count). A terminal that reports no columns is as wide as a file.
 */
export function pageOf(stdout: Stream, stderr: Stream, env: Readonly<Record<string, string | undefined>>): Page {
  const isWanted = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const { columns = 0 } = stdout.isTTY === true ? stdout : {}
  return { hasColor: stdout.isTTY === true && stderr.isTTY === true && isWanted, columns: columns > 0 ? columns : 80 }
}
