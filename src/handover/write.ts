import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Endpoint } from '../openstack/options.ts'
import { Secret } from '../secret.ts'
import { custodyOf } from '../tenant/custody.ts'
import { readEvidence } from '../tenant/evidence.ts'
import type { Entry } from '../tenant/evidence.ts'
import type { Home } from '../tenant/home.ts'
import { privateFolder, writePrivate } from '../tenant/private-file.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { secretNames } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { handoverReadme } from './readme.ts'

/** What the tenant is given, by file name; nothing of it is on disk yet. All of it is treated as one secret. */
export type HandoverFiles = ReadonlyMap<string, Secret>

export type HandoverSource = {
  readonly tenant: Tenant
  readonly secrets: SecretStore
  readonly endpoint: Endpoint
  /** PEM. */
  readonly ca: string | undefined
  /** Hash of the last record of evidence before the handover. */
  readonly head?: string | undefined
}

/**
 * What the tenant is given, and nothing else: how to reach the cloud, the domain manager's account, the CA. In files
 * that openstackclient reads as they are, when it is run in that folder. Absent while the home has no password of it.
 */
export async function handoverFiles(source: HandoverSource): Promise<HandoverFiles | undefined> {
  const { tenant, secrets, endpoint, ca } = source
  const password = await secrets.read(secretNames.manager)
  if (password === undefined) return undefined
  const entry = tenant.names.manager
  const cloud = {
    auth: {
      auth_url: endpoint.authUrl,
      username: tenant.names.manager,
      user_domain_name: tenant.names.domain,
      domain_name: tenant.names.domain,
    },
    identity_api_version: 3,
    ...(endpoint.region === undefined ? {} : { region_name: endpoint.region }),
    ...(endpoint.interface === undefined ? {} : { interface: endpoint.interface }),
    ...(ca === undefined ? {} : { cacert: 'ca.pem' }),
  }
  return new Map([
    ['README.md', new Secret(handoverReadme(source))],
    ...(ca === undefined ? [] : ([['ca.pem', new Secret(ca)]] as const)),
    ['clouds.yaml', new Secret(stringify({ clouds: { [entry]: cloud } }))],
    ['secure.yaml', new Secret(stringify({ clouds: { [entry]: { auth: { password: password.reveal() } } } }))],
  ])
}

/**
 * What else of the tenant's an operator that worked for it has: who takes over the tenant needs it, above all the
 * private half of the keypair, which nobody can make again.
 */
export async function furtherSecrets(home: Home, secrets: SecretStore): Promise<HandoverFiles> {
  const names = (await readdir(home.secrets)).filter((name) => name !== secretNames.manager).sort()
  const found = await Promise.all(names.map(async (name) => [name, await secrets.read(name)] as const))
  return new Map(
    found.flatMap(([name, secret]) =>
      secret === undefined ? [] : ([[`${secretsFolder}/${name}`, new Secret(`${secret.reveal()}\n`)]] as const),
    ),
  )
}

/** Where the further secrets lie inside a handover. */
export const secretsFolder = 'secrets'

/**
 * Leaves the files to be read, with the password that counts. An operator's home has them once `apply` has made the
 * account; not where they go out sealed, or went out already: those are for the command `handover` alone to write. The
 * tenant's own home has them always.
 */
export async function writeHandover({
  home,
  ...source
}: Omit<HandoverSource, 'head'> & { readonly home: Home }): Promise<void> {
  const records = await readEvidence(home.evidence)
  const custody = custodyOf(records)
  const isOperators = custody.kind !== 'own'
  if (isOperators && source.tenant.spec.handover !== undefined) return
  if (isOperators && records.some((record) => record.kind === 'handover')) return
  const files = await handoverFiles(isOperators ? source : { ...source, head: custody.operatorHead })
  if (files !== undefined) await writeReadable(home, files)
}

/** Writes the files to be read by whoever has them; returns what evidence says of that. */
export async function writeReadable(home: Home, files: HandoverFiles): Promise<Extract<Entry, { kind: 'handover' }>> {
  const written = { kind: 'handover', sha256: sumOf(files), files: [...files.keys()] } as const
  await privateFolder(home.handover)
  for (const [name, text] of files) await writePrivate(join(home.handover, name), text.reveal())
  return written
}

/** The sum of what `sha256sum` prints of the files, in their order. */
export function sumOf(files: HandoverFiles): string {
  const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
  return hex([...files].map(([name, text]) => `${hex(text.reveal())}  ${name}\n`).join(''))
}
