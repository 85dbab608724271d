import { join } from 'node:path'
import type { DataFolders } from './keystone.ts'
import { privateFolder, sweepTemporaries } from './private-file.ts'

/**
 * The data directory of a tenant: `<root>/<cloud>/<tenant>/`. Not hidden and not under /tmp, because snap-confined
 * `openstack` and `juju` can read neither.
 */
export type Home = {
  readonly path: string
  readonly secrets: string
  readonly handover: string
  readonly evidence: string
  /** Progress of the latest run. */
  readonly progress: string
  readonly cloudFile: string
  /** Folders that belong to one Keystone (keystone.ts). */
  readonly folders: DataFolders
  /** Mark of the latest change of the cloud's policy from here. */
  readonly policyMark: string
  /** A proof that the policy of the cloud works, for the next tenant. */
  readonly proof: string
}

/** Where clouds and tenants are kept when nothing else is said: not hidden, because snaps read no hidden folder. */
export function defaultRoot(userHome: string): string {
  return join(userHome, 'tenant-onboard')
}

export function homeOf(root: string, cloud: string, tenant: string): Home {
  const path = join(root, cloud, tenant)
  return {
    path,
    secrets: join(path, 'secrets'),
    handover: join(path, 'handover'),
    evidence: join(path, 'evidence.jsonl'),
    progress: join(path, 'progress.jsonl'),
    cloudFile: join(root, cloud, 'cloud.yaml'),
    folders: { cloud: cloudHomeOf(root, cloud), tenants: [path] },
    policyMark: policyMarkOf(policyHomeOf(root, cloud)),
    proof: proofOf(policyHomeOf(root, cloud)),
  }
}

/** What the tenants of a cloud share. */
export function cloudHomeOf(root: string, cloud: string): string {
  return join(root, cloud)
}

/**
 * What is known about the policy of a cloud, and what was delivered to it: `<root>/<cloud>/_policy/`. No tenant can
 * have this name, and a snap can read it.
 */
export function policyHomeOf(root: string, cloud: string): string {
  return join(root, cloud, '_policy')
}

/** Another one after each change of the policy (policy-mark.ts). */
export function policyMarkOf(policyHome: string): string {
  return join(policyHome, 'changed')
}

/** Only valid under the policy that it was made with. Every command that changes the policy removes it. */
export function proofOf(policyHome: string): string {
  return join(policyHome, 'proof.json')
}

/** Makes the folders, 0700, under the lock. Read-only commands never call it, because they leave nothing behind. */
export async function makeHome(home: Home): Promise<void> {
  for (const folder of [home.path, home.secrets, home.handover]) {
    await privateFolder(folder)
    await sweepTemporaries(folder)
  }
  // only there where a handover has secrets
  await sweepTemporaries(join(home.handover, 'secrets'))
}
