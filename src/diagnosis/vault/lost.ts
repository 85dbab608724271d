/** Causes by which Vault keeps nothing, or has lost what it kept. */
import { isBelow, pathsOf } from './reading.ts'
import type { VaultReading } from './reading.ts'
import type { StoreFailure, Suspect, Suspicion } from './suspect.ts'

/** castellan takes 404 and 429 for success when it stores, so Barbican says 201 and keeps nothing. */
export function lost(
  failure: StoreFailure,
  words: 'no key' | 'no data' | undefined,
  reading: VaultReading | undefined,
): Suspicion {
  const paths = reading?.bindings.flatMap(({ policies = [] }) => policies.flatMap(pathsOf)) ?? []
  const mounts = reading?.mounts
  const gone = mounts === undefined ? [] : paths.filter((path) => !mounts.some((mount) => isBelow(path, mount.path)))
  if (gone.length > 0) return { suspects: [mountMoved(gone)] }
  const own = mounts?.filter((mount) => paths.some((path) => isBelow(path, mount.path))) ?? []
  const upgraded = own.find(({ hasOldKeys }) => hasOldKeys === true)
  if (upgraded !== undefined && failure === 'lost the old') return { suspects: [kvUpgraded(upgraded.path, true)] }
  const limits = reading?.rateLimits?.filter(
    ({ path }) => path === '' || own.some((mount) => `${mount.path}/`.startsWith(path) || isBelow(path, mount.path)),
  )
  const isMountKnown = mounts !== undefined && paths.length > 0
  const isKvOne = isMountKnown && own.every(({ version }) => version !== '2')
  // a 404 is no rate limit, and an answer without data no 404
  if (words === 'no data' && isKvOne && limits !== undefined && limits.length > 0)
    return { suspects: [rateLimited(limits)] }
  return {
    suspects: [
      ...(isMountKnown || words === 'no data' ? [] : [mountMoved([])]),
      ...(words === 'no key' || limits?.length === 0 ? [] : [rateLimited(limits ?? [])]),
      ...(isKvOne ? [] : [kvUpgraded(own[0]?.path, false)]),
      ...(failure === 'lost the old' ? [removed] : []),
    ],
    isOpen: true,
  }
}

function mountMoved(paths: readonly string[]): Suspect {
  return {
    code: 'diagnosis/vault-mount-moved',
    where: 'vault',
    inShort: 'the mount that Barbican writes to was moved or disabled',
    message: `the policies of Barbican's role name ${paths.join(', ')}, and Vault has no such mount: it was moved or disabled. Vault answers 404, which castellan takes for success when it stores`,
    remedy:
      'move the mount back (vault secrets move), then look whether secrets that were stored meanwhile are needed: they are nowhere',
  }
}

function rateLimited(limits: readonly { readonly name: string; readonly path: string }[]): Suspect {
  const names = limits.map(({ name, path }) => `${name} on ${path === '' ? 'everything' : path}`).join(', ')
  return {
    code: 'diagnosis/vault-rate-limit',
    where: 'vault',
    inShort: `a rate limit of Vault${names === '' ? '' : ` (${names})`} refuses Barbican with 429`,
    message: `a rate limit holds on what Barbican uses (${names}), and nothing else that was read explains the loss. Vault answers 429, which castellan takes for success when it stores and deletes`,
    remedy:
      'raise or remove the rate limit (vault delete sys/quotas/rate-limit/NAME); what was stored meanwhile is nowhere',
  }
}

function kvUpgraded(path: string | undefined, isShown: boolean): Suspect {
  const mount = path ?? 'the mount'
  return {
    code: 'diagnosis/vault-kv-upgraded',
    where: `mount ${mount}`,
    inShort: `${mount} was KV 1 and was made KV 2, so old keys are no longer found`,
    message: `it ${isShown ? 'was KV 1 and' : 'is KV 2: if it'} was made KV 2 (kv enable-versioning): what Barbican stored before lies below \`data/\`, where KV 2 does not look`,
    remedy:
      'do not delete anything: the old values are still in the mount, at data/data/<id>. Read them there and write them back at data/<id>',
  }
}

const removed: Suspect = {
  code: 'diagnosis/certificate-store',
  where: 'key-manager',
  inShort: 'somebody deleted them in Vault, or the mount was exchanged for a new one',
  message: 'the old certificates are gone from Vault: somebody deleted them, or the mount was exchanged for a new one',
  remedy: 'restore them from a backup of Vault',
}
