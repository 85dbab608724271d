import type { Page } from './output.ts'

type Stream = { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }

/**
 * What can be shown: colours where both outputs are a terminal, because either may be on its way into a file, and where
 * nobody asked for none (no-color.org; an empty NO_COLOR is not set); and how wide it is. A terminal may say that it has no
 * columns, and then it is as wide as a file.
 */
export function pageOf(stdout: Stream, stderr: Stream, env: Readonly<Record<string, string | undefined>>): Page {
  const isWanted = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const { columns = 0 } = stdout.isTTY === true ? stdout : {}
  return { hasColor: stdout.isTTY === true && stderr.isTTY === true && isWanted, columns: columns > 0 ? columns : 80 }
}
