import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import type { Endpoint } from '../openstack/options.ts'
import { Secret } from '../secret.ts'
import type { Entry, EvidenceRecord } from '../tenant/evidence.ts'
import type { Home } from '../tenant/home.ts'
import { privateFolder, writePrivate } from '../tenant/private-file.ts'
import { firstOf, nextOf } from '../tenant/secret-store.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { secretNames } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { entriesOf, reached, secretsFolder } from './entries.ts'
import { handoverReadme } from './readme.ts'

/** The handover, by file name; nothing of it is on disk yet. All of it is treated as one secret. */
export type HandoverFiles = ReadonlyMap<string, Secret>

export type HandoverSource = {
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
  readonly endpoint: Endpoint
  /** PEM. */
  readonly ca: string | undefined
  /** Hash of the last record of evidence before the handover. */
  readonly head?: string | undefined
}

/**
 * The handover and nothing else: how to reach the cloud, the accounts, the CA, and the tenant's other secrets. openstackclient and
 * Terraform read these files when they run in that folder. Absent while the data directory has no password of the manager.
 */
export async function handoverFiles(source: HandoverSource): Promise<HandoverFiles | undefined> {
  const { tenant, secrets, endpoint, ca, home } = source
  const password = await secrets.read(secretNames.manager)
  if (password === undefined) return undefined
  const manager = tenant.names.manager
  const common = reached(endpoint, ca)
  const [entries, further] = await Promise.all([
    entriesOf(tenant, secrets, endpoint.authUrl),
    furtherSecrets(home, secrets),
  ])
  const managers = {
    auth: {
      auth_url: endpoint.authUrl,
      username: manager,
      user_domain_name: tenant.names.domain,
      domain_name: tenant.names.domain,
    },
    ...common,
  }
  const clouds = Object.fromEntries(entries.map(({ entry, cloud }) => [entry.name, { ...cloud, ...common }]))
  const secure = Object.fromEntries(entries.map((one) => [one.entry.name, one.secure]))
  const readme = handoverReadme({
    ...source,
    isSealed: tenant.spec.handover !== undefined,
    entries: entries.map(({ entry }) => entry),
    secrets: [...further.keys()].map((name) => basename(name)),
  })
  return new Map([
    ['README.md', new Secret(readme, 'file')],
    ...(ca === undefined ? [] : ([['ca.pem', new Secret(ca, 'file')]] as const)),
    ['clouds.yaml', new Secret(stringify({ clouds: { [manager]: managers, ...clouds } }), 'file')],
    [
      'secure.yaml',
      new Secret(stringify({ clouds: { [manager]: { auth: { password: password.reveal() } }, ...secure } }), 'file'),
    ],
    ...further,
  ])
}

/**
 * The tenant's other secrets, if the operator has worked for the tenant. The tenant needs them, above all the private
 * half of the keypair, which cannot be made again.
 */
async function furtherSecrets(home: Home, secrets: SecretStore): Promise<HandoverFiles> {
  const names = (await readdir(home.secrets))
    .filter((name) => name !== secretNames.manager && !name.endsWith(nextOf('')) && !name.endsWith(firstOf('')))
    .sort()
  const found = await Promise.all(names.map(async (name) => [name, await secrets.read(name)] as const))
  return new Map(
    found.flatMap(([name, secret]) =>
      secret === undefined ? [] : ([[`${secretsFolder}/${name}`, new Secret(`${secret.reveal()}\n`, 'file')]] as const),
    ),
  )
}

/**
 * Writes the readable files, with the current password. An operator's data directory gets them once `apply` has made the
 * account, unless they go out sealed or were delivered already: then only the command `handover` writes them. The tenant's
 * own always gets them, because `rotate` starts from them. `records`: the evidence so far.
 */
export async function writeHandover(
  source: Omit<HandoverSource, 'head'>,
  records: readonly EvidenceRecord[],
): Promise<void> {
  const accepted = records.findLast((record) => record.kind === 'accepted')
  const isDelivered = records.some((record) => record.kind === 'handover')
  if (accepted === undefined && (source.tenant.spec.handover !== undefined || isDelivered)) return
  const head = accepted?.kind === 'accepted' ? accepted.operatorHead : undefined
  const files = await handoverFiles({ ...source, head })
  if (files !== undefined) await writeReadable(source.home, files)
}

/** Writes the readable files; returns what the evidence records of them. */
export async function writeReadable(home: Home, files: HandoverFiles): Promise<Extract<Entry, { kind: 'handover' }>> {
  const written = { kind: 'handover', sha256: sumOf(files), files: [...files.keys()] } as const
  await privateFolder(home.handover)
  if ([...files.keys()].some((name) => name.startsWith(`${secretsFolder}/`)))
    await privateFolder(join(home.handover, secretsFolder))
  for (const [name, text] of files) await writePrivate(join(home.handover, name), text.reveal())
  return written
}

/** The sha256 of what `sha256sum` prints of the files, in their order. */
export function sumOf(files: HandoverFiles): string {
  const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
  return hex([...files].map(([name, text]) => `${hex(text.reveal())}  ${name}\n`).join(''))
}
