import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { homeOf } from '../tenant/home.ts'
import type { Home } from '../tenant/home.ts'

export type TenantHome = { readonly cloud: string; readonly tenant: string; readonly home: Home }

/** Every tenant below the root, by cloud and name. */
export async function listHomes(root: string): Promise<readonly TenantHome[]> {
  const clouds = await folders(root)
  const found = await Promise.all(
    clouds.map(async (cloud) =>
      (await folders(join(root, cloud))).map((tenant) => ({ cloud, tenant, home: homeOf(root, cloud, tenant) })),
    ),
  )
  return found.flat()
}

/** The data directory of the tenant in an address; `undefined` if there is none, whatever the address contains. */
export async function findHome(root: string, cloud: string, tenant: string): Promise<TenantHome | undefined> {
  // looked up among the existing ones, so that no `..` can leave the root
  if (!(await folders(root)).includes(cloud)) return undefined
  if (!(await folders(join(root, cloud))).includes(tenant)) return undefined
  return { cloud, tenant, home: homeOf(root, cloud, tenant) }
}

/** Links are not followed. A name with a dot in front is not ours; with an underscore it is not a cloud. */
export async function folders(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name))
    .map(({ name }) => name)
    .sort()
}
