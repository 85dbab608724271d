import { generateKeyPairSync } from 'node:crypto'
import sshpk from 'sshpk'

/**
 * A new Ed25519 key in OpenSSH's own format, made here so that the private half never travels. OpenSSH 9.2 refuses a
 * PKCS#8 file with an Ed25519 key, hence sshpk.
 */
export function generateSshKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return sshpk.parsePrivateKey(privateKey, 'pkcs8').toString('ssh')
}

/** `ssh-ed25519 AAAA... name`, derived from the private half. */
export function publicKeyOf(privateKey: string, comment: string): string {
  const key = sshpk.parsePrivateKey(privateKey, 'ssh').toPublic()
  key.comment = comment
  return key.toString('ssh')
}

/** Are two public keys the same key, whatever their comments? */
export function isSameKey(a: string, b: string): boolean {
  const material = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ')
  return material(a) === material(b)
}
