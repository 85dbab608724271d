import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { invariant } from '../errors.ts'
import type { Entry, EvidenceRecord } from '../tenant/evidence.ts'
import type { Home } from '../tenant/home.ts'
import { privateFolder, readPrivateBytes, removePrivate, writePrivate } from '../tenant/private-file.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { HandoverFiles } from './write.ts'
import { seal } from './seal.ts'

/*
 * Puts the handover where the operator picks it up. Sealed, no readable copy is left, in an order that survives a crash
 * anywhere: sealed file on disk and verified, then the record, then the removal.
 */

export type Delivery = Extract<EvidenceRecord, { readonly kind: 'handover' }>

/** The latest one, if there was one. */
export function deliveryOf(records: readonly EvidenceRecord[]): Delivery | undefined {
  const found = records.findLast((record) => record.kind === 'handover')
  return found?.kind === 'handover' ? found : undefined
}

/** Writes them sealed, and returns only after verifying that the file on disk has all of them. */
export async function writeSealed(
  tenant: Tenant,
  home: Home,
  files: HandoverFiles,
  recipient: string,
): Promise<Extract<Entry, { kind: 'handover' }>> {
  await privateFolder(home.handover)
  const path = sealedPath(tenant, home)
  const { bytes, prove } = await seal(files, recipient)
  await writePrivate(path, bytes)
  const written = await readPrivateBytes(path)
  invariant(written, 'the sealed handover disappeared right after it was written')
  await prove(written)
  return {
    kind: 'handover',
    recipient,
    sha256: createHash('sha256').update(written).digest('hex'),
    files: [...files.keys()],
  }
}

export function sealedPath({ spec }: Tenant, home: Home): string {
  return join(home.handover, `${spec.tenant}-handover.zip.age`)
}

/** Every secret that can still be read here, relative to the data directory. */
export async function readableFiles(tenant: Tenant, home: Home): Promise<readonly string[]> {
  const sealed = relative(home.path, sealedPath(tenant, home))
  const below = await Promise.all(
    [home.secrets, home.handover].map(async (folder) =>
      (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isFile())
        .map((entry) => relative(home.path, join(entry.parentPath, entry.name))),
    ),
  )
  return below.flat().filter((path) => path !== sealed)
}

/** Removes what is inside the sealed file. Leaves the rest, and returns it. */
export async function removeReadable(tenant: Tenant, home: Home, { files }: Delivery): Promise<readonly string[]> {
  const inside = new Set([
    ...files,
    ...files.map((name) => join('handover', name)),
    // secure.yaml has the manager's password
    join('secrets', 'domain-admin.password'),
  ])
  const kept: string[] = []
  for (const path of await readableFiles(tenant, home)) {
    if (inside.has(path) && dirname(path) !== '.') await removePrivate(join(home.path, path))
    else kept.push(path)
  }
  return kept
}
