import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Secret } from '../secret.ts'
import { readPrivate, removePrivate, renamePrivate, writePrivate } from './private-file.ts'

/**
 * The tenant's secrets, one 0600 file each. A secret is on disk, fsynced, before the call that sets it. Whatever
 * happens to that call, the secret is known here.
 */
export type SecretStore = {
  /** The file of a secret, for people and for the handover. It need not exist. */
  pathOf: (name: string) => string
  read: (name: string) => Promise<Secret | undefined>
  /**
   * The stored secret, or a new one that is stored before it is returned. `isUsable`: a stored one that is not is replaced; only
   * for a secret that nobody accepted yet.
   */
  ensure: (name: string, generate: () => string, isUsable?: (stored: string) => boolean) => Promise<Secret>
  write: (name: string, secret: Secret) => Promise<void>
  /** Replaces the current secret by the stored next one, whole or not at all. */
  promote: (name: string) => Promise<void>
  /** A missing one is no error. */
  remove: (name: string) => Promise<void>
}

/** The place of a secret from before it is set until the old one is refused. */
export function nextOf(name: string): string {
  return `${name}.next`
}

/** The place of a password that another account has set, until its user has exchanged it. */
export function firstOf(name: string): string {
  return `${name}.first`
}

export function secretStore(folder: string): SecretStore {
  const pathOf = (name: string): string => join(folder, name)
  const read = async (name: string): Promise<Secret | undefined> => {
    const text = await readPrivate(pathOf(name))
    return text === undefined || text.trim() === '' ? undefined : new Secret(text.trimEnd())
  }
  const write = (name: string, secret: Secret): Promise<void> => writePrivate(pathOf(name), `${secret.reveal()}\n`)
  // two steps that want the same secret at once must not make two
  const pending = new Map<string, Promise<Secret>>()
  const make = async (name: string, generate: () => string, isUsable: (stored: string) => boolean): Promise<Secret> => {
    const stored = await read(name)
    if (stored !== undefined && isUsable(stored.reveal())) return stored
    const secret = new Secret(generate())
    await write(name, secret)
    return secret
  }
  return {
    pathOf,
    read,
    write,
    remove: (name) => removePrivate(pathOf(name)),
    promote: (name) => renamePrivate(pathOf(nextOf(name)), pathOf(name)),
    ensure: (name, generate, isUsable = () => true) => {
      const known = pending.get(name) ?? make(name, generate, isUsable).finally(() => pending.delete(name))
      pending.set(name, known)
      return known
    },
  }
}

/** As long as one that Keystone makes itself (64 bytes; keystone application_credential/core.py, _generate_secret). */
export function generateApplicationCredentialSecret(): string {
  return randomBytes(64).toString('base64url')
}
