import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { readState, stateFolder } from '../fleet/state-file.ts'
import type { FleetView } from './model.ts'

/** The current or last run of every fleet of this data directory, the latest first. */
export async function readFleets(root: string): Promise<readonly FleetView[]> {
  const folder = stateFolder(root)
  const names = await readdir(folder).catch(() => [])
  const states = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => stateIn(join(folder, name))),
  )
  return states
    .filter((state) => state !== undefined)
    .sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0))
}

/** An unreadable one does not hide the others. */
async function stateIn(path: string): Promise<FleetView | undefined> {
  try {
    return await readState(path)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
