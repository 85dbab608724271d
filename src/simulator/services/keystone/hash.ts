import { createHash, timingSafeEqual } from 'node:crypto'

/** Keeps a password out of a state file; it protects nothing real. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(`tenant-onboard simulator:${secret}`).digest('hex')
}

export function isHashOf(hash: string | undefined, secret: string): boolean {
  return hash !== undefined && timingSafeEqual(Buffer.from(hash), Buffer.from(hashOf(secret)))
}
