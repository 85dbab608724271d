import { Decrypter, Encrypter } from 'age-encryption'
import type { Identity } from 'age-encryption'
import { zipSync } from 'fflate'
import type { Zippable } from 'fflate'
import { InputError, invariant } from '../errors.ts'
import { Secret } from '../secret.ts'
import { unzip } from '../tenant/unzip.ts'
import type { HandoverFiles } from './write.ts'

/*
 * A handover in one file that only the tenant can open: a zip, sealed with age to its recipient. A person can open both
 * formats without this program: `age -d`, `unzip` (docs/decisions/0070).
 */

export type Sealed = {
  readonly bytes: Uint8Array
  /** Throws unless these bytes, read back from disk, have every file whole. */
  readonly prove: (written: Uint8Array) => Promise<void>
}

export async function seal(files: HandoverFiles, recipient: string): Promise<Sealed> {
  const entries: Zippable = {}
  for (const [name, text] of files) entries[name] = [new TextEncoder().encode(text.reveal()), { ...privateEntry }]
  const archive = zipSync(entries)
  // A file that is sealed to another recipient can be verified only with its file key, which no stanza for us carries.
  // So a recipient that adds nothing to the file captures the key. It is gone when the caller of this function is done.
  let fileKey: Uint8Array | undefined
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key)
      return []
    },
  })
  const bytes = await encrypter.encrypt(archive)
  invariant(fileKey, 'age sealed without a file key')
  const witness: Identity = { unwrapFileKey: () => fileKey ?? null }
  return {
    bytes,
    async prove(written) {
      const opened = await unseal(written, [witness])
      const isWhole =
        opened.size === files.size && [...files].every(([name, text]) => opened.get(name)?.reveal() === text.reveal())
      invariant(isWhole, 'the sealed handover does not have its files')
    },
  }
}

/** `identities` are lines of an age identity file, or any identity that age accepts. Throws `InputError`. */
export async function unseal(bytes: Uint8Array, identities: readonly (string | Identity)[]): Promise<HandoverFiles> {
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    throw new InputError('the identity file has a line that is not an age identity (`AGE-SECRET-KEY-1...`)')
  }
  let archive: Uint8Array
  try {
    archive = await decrypter.decrypt(bytes)
  } catch (error) {
    throw new InputError(
      `the sealed handover cannot be opened: ${error instanceof Error ? error.message : 'age gave up'}`,
    )
  }
  const decoder = new TextDecoder()
  try {
    return new Map([...unzip(archive)].map(([name, content]) => [name, new Secret(decoder.decode(content), 'file')]))
  } catch (error) {
    const because = error instanceof Error ? error.message : 'it is no zip'
    throw new InputError(`the sealed handover has no readable zip: ${because}`)
  }
}

/** 0600 on Unix, wherever it is unpacked. */
const privateEntry = { os: 3, attrs: 0o600 << 16 } as const
