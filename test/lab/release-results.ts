/** What the stories on `lab/up releases` counted, for `node scripts/oracle-table.mjs`: LAB_DIR/releases/results. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSample } from '../sweep-share.ts'
import type { RunningRelease } from './releases.ts'

export type Counted = {
  /** What was compared: `engine`, `matrix`, `campaign`. */
  readonly what: string
  readonly base: string
  /** By name, as the table shows it. */
  readonly counts: Readonly<Record<string, number>>
  readonly wrong: readonly string[]
}

export async function recordResult(on: RunningRelease, counted: Counted): Promise<void> {
  const folder = join(on.dir, '..', 'results')
  await mkdir(folder, { recursive: true })
  const file = `${on.name}-${counted.what}-${counted.base}.json`
  const text = JSON.stringify({ release: on.package, isWhole: !isSample, ...counted }, undefined, 1)
  await writeFile(join(folder, file), `${text}\n`)
}
