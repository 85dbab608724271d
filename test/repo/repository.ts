/** The files of the repository, as tests read them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Paths of the tracked files and of new ones that are not ignored. */
export function repositoryFiles(): readonly string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  // a file may be deleted and not yet committed
  return list.split('\n').filter((path) => path !== '' && existsSync(path))
}

/** The text of a file, `undefined` if it is binary. */
export function textOf(path: string): string | undefined {
  const bytes = readFileSync(path)
  return bytes.includes(0) ? undefined : bytes.toString('utf8')
}

export type Match = { readonly line: number; readonly text: string }

/** Every match of a global pattern in a text, with its line from 1 on. */
export function matchesIn(text: string, pattern: RegExp, firstLine = 1): readonly Match[] {
  return [...text.matchAll(pattern)].map((found) => ({
    line: firstLine + text.slice(0, found.index).split('\n').length - 1,
    text: found[0].replaceAll(/\s+/g, ' '),
  }))
}
