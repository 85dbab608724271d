import { randomUUID } from 'node:crypto'
import { link, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateFolder, readPrivate, writePrivate } from '../../tenant/private-file.ts'

/**
 * The id of a data directory in the database. Workers on other machines have the same data directory if they read the
 * same id there: the folder is shared, so they find each other's files, secrets included.
 */
export async function homeId(root: string): Promise<string> {
  const folder = join(root, '_fleet')
  const path = join(folder, 'home-id')
  const known = await readPrivate(path)
  if (known !== undefined) return known.trim()
  await privateFolder(folder)
  const draft = join(folder, `home-id.${randomUUID()}`)
  await writePrivate(draft, `${randomUUID()}\n`)
  // if two processes write it at once, one wins: a link is never made over a file
  await link(draft, path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  await rm(draft)
  return homeId(root)
}
