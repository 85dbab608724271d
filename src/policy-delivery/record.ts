/**
 * What was delivered to a cloud, newest last, and what was there before each: `deliveries.json` and the files that it
 * names by their digest, in the folder of the cloud. Written before anything is changed, so that a command after a
 * crash knows what was in progress.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { privateFolder, readPrivate, sweepTemporaries, writePrivate } from '../tenant/private-file.ts'
import { sha256 } from './digest.ts'
import { readInputBytes } from '../tenant/input-file.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

const snapshot = z.discriminatedUnion('kind', [
  /** No file of ours in the folder. */
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('file'), sha256: digest, mode: z.int(), uid: z.int(), gid: z.int() }),
  z.object({
    kind: z.literal('charm'),
    isEnabled: z.boolean(),
    /** The attached zip, if known; Juju returns none. */
    zip: digest.optional(),
    /** SHA-384 of the same zip, as Juju shows it. */
    fingerprint: z.string().optional(),
  }),
])

const base = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('default') }),
  z.object({
    kind: z.literal('charm'),
    settings: z.object({
      adminRole: z.string().optional(),
      adminDomainId: z.string().optional(),
      serviceProjectId: z.string().optional(),
    }),
  }),
  z.object({ kind: z.literal('file'), file: z.string(), sha256: digest }),
])

const observation = z.object({
  persona: z.string(),
  operation: z.string(),
  action: z.string(),
  place: z.string(),
  answer: z.enum(['allow', 'deny', 'unknown']),
  requestId: z.string().optional(),
})

const delivery = z.object({
  at: z.string(),
  /** `folder /etc/keystone/policy.d`, `juju openstack/keystone`: a rollback uses the same route. */
  route: z.string(),
  /** `attaching` and `restoring` were begun, and it is not known how far they came. */
  phase: z.enum(['attaching', 'attached', 'restoring']),
  override: digest,
  previous: snapshot,
  release: z.string(),
  base,
  managedRoles: z.array(z.string()),
  magnumDomain: z.string().optional(),
  /** What the personas could do before. */
  before: z.array(observation),
  /** What services could do in Keystone before, by accounts of their own. */
  services: z
    .array(z.object({ id: z.string(), observed: z.enum(['refused', 'allowed', 'empty', 'unknown']) }))
    .optional(),
})

const recordFile = z.object({ version: z.literal(1), deliveries: z.array(delivery) })

export type Delivery = z.output<typeof delivery>
export type Snapshot = z.output<typeof snapshot>
export type RecordedBase = z.output<typeof base>

export type DeliveryRecord = {
  readonly deliveries: readonly Delivery[]
  /** Whole or not at all. */
  write: (deliveries: readonly Delivery[]) => Promise<void>
  /** Stores bytes, and returns their digest. */
  keep: (bytes: Uint8Array) => Promise<string>
  /** The stored bytes. Throws InputError if they are gone or changed. */
  kept: (digest: string) => Promise<Uint8Array>
}

/** For commands that change something: makes the folder, and removes what a killed write left. */
export async function openRecord(folder: string): Promise<DeliveryRecord> {
  await privateFolder(folder)
  await privateFolder(join(folder, 'kept'))
  await sweepTemporaries(folder)
  await sweepTemporaries(join(folder, 'kept'))
  return readRecord(folder)
}

/** For commands that only read. */
export async function readRecord(folder: string): Promise<DeliveryRecord> {
  const path = join(folder, 'deliveries.json')
  let deliveries: readonly Delivery[] = parse(path, await readPrivate(path))
  return {
    get deliveries() {
      return deliveries
    },
    async write(next) {
      await writePrivate(path, `${JSON.stringify({ version: 1, deliveries: next }, undefined, 1)}\n`)
      deliveries = next
    },
    async keep(bytes) {
      const name = sha256(bytes)
      await writePrivate(join(folder, 'kept', name), bytes)
      return name
    },
    async kept(name) {
      const bytes = await readInputBytes(join(folder, 'kept', name))
      if (bytes === undefined)
        throw new InputError(`\`${join(folder, 'kept', name)}\` is gone: an attach stored it there`)
      if (sha256(bytes) !== name)
        throw new InputError(`\`${join(folder, 'kept', name)}\` has changed since it was stored`)
      return bytes
    },
  }
}

function parse(path: string, text: string | undefined): readonly Delivery[] {
  if (text === undefined) return []
  try {
    return recordFile.parse(JSON.parse(text)).deliveries
  } catch (error) {
    throw new InputError(`\`${path}\` was not written by this program; move it away to start again`, { cause: error })
  }
}
