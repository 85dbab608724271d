import { randomUUID } from 'node:crypto'
import { policyHomeOf, policyMarkOf, proofOf } from './home.ts'
import type { Home } from './home.ts'
import { sameKeystone } from './keystone.ts'
import { privateFolder, readPrivate, removePrivate, writePrivate } from './private-file.ts'

/*
 * What was seen of a cloud was seen under one policy. Each command that may change the policy leaves another mark, before and
 * after the change. Evidence holds the mark that it was read under. A policy that others change leaves none.
 */

/** `undefined` if the policy of this cloud was never changed from here. */
export async function readPolicyMark({ policyMark }: Home): Promise<string | undefined> {
  return (await readPrivate(policyMark))?.trim()
}

/**
 * Forgets the proof for the next tenant, and makes all evidence on this cloud stale, in the folder of each name that it has here. Each
 * tenant's evidence is compared with the mark in the folder of its own cloud.
 */
export async function markPolicyChange(root: string, cloud: string): Promise<void> {
  for (const name of await sameKeystone(root, cloud)) {
    const policyHome = policyHomeOf(root, name)
    await removePrivate(proofOf(policyHome))
    await privateFolder(policyHome)
    await writePrivate(policyMarkOf(policyHome), `${randomUUID()}\n`)
  }
}
