import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { typeInChild } from './child.ts'
import type { CrashTestBed } from './sweep.ts'

/** A SIGKILL at the `at`-th call that changes something on disk, from 1. */
export type Kill = { readonly at: number; readonly when: 'before' | 'half' | 'after' }

const preload = pathToFileURL(resolve('test/crash/kill-at.mjs')).href

/** The calls that a command makes when nobody kills it, by name. */
export async function callsOf(bed: CrashTestBed, argv: readonly string[]): Promise<readonly string[]> {
  const counted = join(bed.folder, 'count')
  const { code, text } = await typeInChild(bed, argv, { shell: preloaded(`KILL_COUNT='${counted}'`) })
  if (code !== 0) throw new Error(`it ended with ${code}: ${text}`)
  return (await readFile(counted, 'utf8')).trim().split('\n')
}

/** Before each, in the middle of each writing, and after the last: after any other is before the next, or before a request. */
export function killsOf(calls: readonly string[]): readonly Kill[] {
  return calls.flatMap((name, index): readonly Kill[] => {
    const at = index + 1
    return [
      { at, when: 'before' },
      ...(name === 'writeFile' ? [{ at, when: 'half' } as const] : []),
      ...(at === calls.length ? [{ at, when: 'after' } as const] : []),
    ]
  })
}

/** Kills it there; what is wrong if it did not come so far. */
export async function killed(
  bed: CrashTestBed,
  argv: readonly string[],
  { at, when }: Kill,
): Promise<readonly string[]> {
  const shell = preloaded(`KILL_AT=${at} KILL_WHEN=${when}`)
  const { signal, text } = await typeInChild(bed, argv, { shell })
  return signal === 'SIGKILL' ? [] : [`it was not killed: ${text.slice(-600)}`]
}

function preloaded(variables: string): (command: string) => string {
  return (command) => `${variables} NODE_OPTIONS='--import=${preload}' exec ${command}`
}
