/**
 * Which Keystone a data directory belongs to. A cloud's folder and each tenant's have a file `keystone.json`, and no command works in
 * them on another Keystone. Secrets and evidence of two clouds never meet (docs/decisions/0168).
 */
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { isSameAddress } from '../openstack/address.ts'
import { regionIn } from '../openstack/catalog.ts'
import type { Endpoint } from '../openstack/options.ts'
import { printable } from '../openstack/printable.ts'
import type { Token } from '../openstack/token.ts'
import { privateFolder, readPrivate, sweepTemporaries, writePrivate } from './private-file.ts'

/** The Keystone of this command, as its data directory expects it. */
export type ExpectedKeystone = {
  /** For every sign-in, before its token is used. Throws `InputError` for another Keystone, or another region of the tenant. */
  readonly check: (token: Token) => Promise<void>
  /** The directory belongs to it from now on. Called before the first change, under the lock. */
  readonly remember: () => Promise<void>
}

export type DataFolders = {
  /** `<root>/<cloud>/`. */
  readonly cloud: string
  /** `<root>/<cloud>/<tenant>/`, of each tenant that the command works on. */
  readonly tenants: readonly string[]
}

/** Longer than any write of a file takes. */
const oldWriteMs = 60_000

/** Keystone makes the id of a service itself, at random (keystone 22.0.2, api/services.py, `post`; cmd/bootstrap.py). */
const service = z.strictObject({ id: z.string(), type: z.string() })

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Only in the folder of a cloud. */
  authUrl: z.string().optional(),
  /** Only in the folder of a tenant: it is in one region. */
  region: z.string().optional(),
  services: z.array(service),
})

type Remembered = z.output<typeof fileSchema>
type Service = z.output<typeof service>

/** Of the folder of a cloud or a tenant. Throws `InputError` for a file that we did not write. */
export async function readKeystone(folder: string): Promise<Remembered | undefined> {
  const path = pathIn(folder)
  const text = await readPrivate(path)
  if (text === undefined) return undefined
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new InputError(
      `\`${path}\` was not written by this program; it says which Keystone \`${folder}\` belongs to: restore it`,
      { cause: error },
    )
  }
}

/**
 * Sends nothing. Throws `InputError` if the folder of the cloud belongs to another address, unless `takesAddress`: then the ids of
 * the Keystone decide alone, and its address is remembered.
 */
export async function expectedKeystone(
  folders: DataFolders,
  endpoint: Endpoint,
  { takesAddress = false }: { readonly takesAddress?: boolean } = {},
): Promise<ExpectedKeystone> {
  const cloud = await readKeystone(folders.cloud)
  const known = cloud?.authUrl
  if (known !== undefined && !takesAddress && !isSameAddress(known, endpoint.authUrl))
    throw new InputError([
      {
        message: `\`${folders.cloud}\` belongs to the cloud at ${known}, and this one is at ${endpoint.authUrl}`,
        hint: `if that cloud has moved: \`tenant-onboard cloud move ${basename(folders.cloud)} --home ${dirname(folders.cloud)}\`; another cloud needs another name, or another \`--home\``,
      },
    ])
  const tenants = await Promise.all(
    folders.tenants.map(async (folder) => ({ folder, kept: await readKeystone(folder), isTenant: true })),
  )
  const places = [{ folder: folders.cloud, kept: cloud, isTenant: false }, ...tenants]
  const seen = new Map<string, Service>()
  let region: string | undefined
  let isSeen = false
  let isKept = false
  let writing: Promise<void> = Promise.resolve()

  const write = async (): Promise<void> => {
    for (const { folder, isTenant } of places) {
      // another command may have written it in the meantime
      const kept = await readKeystone(folder)
      const found = [...seen.values()]
      if (kept !== undefined && isOther(kept.services, found)) throw otherKeystone(folder, kept, found, endpoint)
      const once = [...new Map([...(kept?.services ?? []), ...found].map((one) => [one.id, one])).values()]
      const where = isTenant ? { region: kept?.region ?? region } : { authUrl: endpoint.authUrl }
      const text = `${JSON.stringify({ version: 1, ...where, services: once }, undefined, 1)}\n`
      if (text === (await readPrivate(pathIn(folder)))) continue
      await privateFolder(folder)
      await writePrivate(pathIn(folder), text)
    }
  }
  // one write at a time, because each holds all that was seen
  const keep = (): Promise<void> => {
    const next = writing.then(write)
    writing = next.catch(() => undefined)
    return next
  }
  return {
    check: async (token) => {
      const services = servicesOf(token)
      const found = regionIn(token.catalog, endpoint)
      for (const { folder, kept } of places) {
        if (kept === undefined) continue
        if (isOther(kept.services, services))
          throw otherKeystone(folder, { ...kept, authUrl: known }, services, endpoint)
        if (kept.region !== undefined && found !== undefined && kept.region !== found)
          throw otherRegion(folder, kept.region, found)
      }
      const isNews =
        !isSeen || services.some(({ id }) => !seen.has(id)) || (region === undefined && found !== undefined)
      isSeen = true
      region ??= found
      for (const one of services) seen.set(one.id, one)
      if (isKept && isNews) await keep()
    },
    remember: async () => {
      isKept = true
      // the folder of a tenant is swept under its lock; this one is shared by commands on other tenants
      await sweepTemporaries(folders.cloud, oldWriteMs)
      // without a token it is not known yet; the next sign-in brings one
      if (isSeen) await keep()
    },
  }
}

/** Throws `InputError` if a tenant is in another region than the one that is chosen. Sends nothing. */
export async function refuseOtherRegion(folder: string, { region }: Endpoint): Promise<void> {
  const kept = (await readKeystone(folder))?.region
  if (kept !== undefined && region !== undefined && kept !== region) throw otherRegion(folder, kept, region)
}

/**
 * Every folder below the root that belongs to the Keystone of this one, itself included: an entry may have another name, or the
 * `OS_*` variables stand for it.
 */
export async function sameKeystone(root: string, cloud: string): Promise<readonly string[]> {
  const own = (await readKeystone(join(root, cloud)))?.services ?? []
  const names = await readdir(root).catch(() => [])
  const others = await Promise.all(
    names.map(async (name) => {
      const kept = await readKeystone(join(root, name)).catch(() => undefined)
      return kept !== undefined && own.length > 0 && !isOther(kept.services, own) && kept.services.length > 0
    }),
  )
  return [...new Set([cloud, ...names.filter((_, index) => others[index] === true)])]
}

/** Services of the catalog that are in the file: they show that it is the same Keystone. */
export function inCommon({ services }: Pick<Remembered, 'services'>, token: Token): readonly Service[] {
  const ids = new Set(services.map(({ id }) => id))
  return servicesOf(token).filter(({ id }) => ids.has(id))
}

/**
 * What identifies a Keystone. The templated catalog has no such ids; an unscoped token, and a project without endpoints, have no
 * catalog.
 */
function servicesOf({ catalog }: Token): readonly Service[] {
  const services = catalog.flatMap(({ id, type }) => (id !== undefined && isRandom(id) ? [{ id, type }] : []))
  // no cloud has more; the file stays small whatever an answer holds
  return services.slice(0, 100)
}

/** 128 random bits, as Keystone writes them. */
function isRandom(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id.replaceAll('-', ''))
}

function isOther(kept: readonly Service[], found: readonly Service[]): boolean {
  const ids = new Set(kept.map(({ id }) => id))
  return kept.length > 0 && found.length > 0 && !found.some(({ id }) => ids.has(id))
}

function otherKeystone(
  folder: string,
  kept: Pick<Remembered, 'authUrl' | 'services'>,
  found: readonly Service[],
  { authUrl }: Endpoint,
): InputError {
  return new InputError([
    {
      message: `\`${folder}\` belongs to the Keystone ${described(kept.services, kept.authUrl)}; this is the Keystone ${described(found, authUrl)}; nothing was changed`,
      hint: 'choose the cloud that it belongs to; another cloud, or one that was installed again, needs another name, or another `--home`',
    },
  ])
}

function described(services: readonly Service[], authUrl: string | undefined): string {
  const one = services.find(({ type }) => type === 'identity') ?? services[0]
  return `with the ${printable(one?.type ?? '')} service ${one?.id ?? ''}${authUrl === undefined ? '' : ` at ${authUrl}`}`
}

function otherRegion(folder: string, kept: string, found: string): InputError {
  return new InputError([
    {
      message: `\`${folder}\` is of a tenant in region \`${kept}\`, and region \`${found}\` is chosen: nothing was changed`,
      hint: `choose \`${kept}\` with \`--region\`, or with \`region_name\` in clouds.yaml`,
    },
  ])
}

function pathIn(folder: string): string {
  return join(folder, 'keystone.json')
}
