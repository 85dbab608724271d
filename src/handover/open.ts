import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InputError } from '../errors.ts'
import { remember } from '../masking.ts'
import { readCa } from '../openstack/ca.ts'
import { loadCloud } from '../openstack/clouds.ts'
import type { CloudConfig } from '../openstack/clouds.ts'
import { readInputBytes } from '../tenant/input-file.ts'
import { readPrivate } from '../tenant/private-file.ts'
import { Secret } from '../secret.ts'
import { secretsFolder } from './entries.ts'
import { sumOf } from './write.ts'
import type { HandoverFiles } from './write.ts'
import { unseal } from './seal.ts'

/** A handover as it was received. */
export type Received = { readonly files: HandoverFiles; readonly sha256: string }

/** Reads a folder, or a sealed file with the identities of a file. Throws `InputError`. */
export async function receive(path: string, identityFile: string | undefined): Promise<Received> {
  const stat = await lstat(path).catch(() => undefined)
  if (stat === undefined) throw new InputError(`there is no handover \`${path}\``)
  if (stat.isDirectory()) {
    if (identityFile !== undefined) throw new InputError('a folder is not sealed: omit `--identity`')
    return receiveFolder(path)
  }
  if (identityFile === undefined)
    throw new InputError(`\`${basename(path)}\` is sealed: give your age identity file with \`--identity\``)
  const identities = await identitiesOf(identityFile)
  const bytes = await readInputBytes(path, { limit: sealedLimit })
  if (bytes === undefined) throw new InputError(`\`${path}\` cannot be read`)
  return { files: await unseal(bytes, identities), sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Bytes. */
const sealedLimit = 16 << 20

async function receiveFolder(path: string): Promise<Received> {
  const files = new Map<string, Secret>()
  for (const folder of ['', secretsFolder]) {
    const names = await readdir(join(path, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of names) {
      if (!entry.isFile()) continue
      const text = await readPrivate(join(path, folder, entry.name))
      if (text !== undefined) files.set(join(folder, entry.name), new Secret(text, 'file'))
    }
  }
  const further = [...files.keys()].filter((name) => name.startsWith(`${secretsFolder}/`)).sort()
  const delivered = ['README.md', 'ca.pem', 'clouds.yaml', 'secure.yaml', ...further].flatMap((name) => {
    const text = files.get(name)
    return text === undefined ? [] : ([[name, text]] as const)
  })
  return { files, sha256: sumOf(new Map(delivered)) }
}

async function identitiesOf(file: string): Promise<readonly string[]> {
  const text = await readPrivate(file)
  if (text === undefined) throw new InputError(`there is no identity file \`${file}\``)
  const lines = text.split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  for (const identity of identities) remember(identity)
  if (identities.length === 0) throw new InputError(`\`${file}\` has no age identity`)
  return identities
}

export type HandoverCloud = { readonly config: CloudConfig; readonly ca: string | undefined }

/**
 * The cloud from these files alone, read as openstackclient reads them. No variable and no other file of this machine
 * is read, so an operator's entry cannot get in.
 */
export async function cloudOfHandover(files: HandoverFiles, entry: string, now: Date): Promise<HandoverCloud> {
  const folder = '/handover'
  const readText = (path: string): Promise<string | undefined> =>
    Promise.resolve(path.startsWith(`${folder}/`) ? files.get(path.slice(folder.length + 1))?.reveal() : undefined)
  const config = await loadCloud({ name: entry }, { env: {}, home: folder, cwd: folder, readText })
  const ca = config.caFile === undefined ? undefined : await readCa(config.caFile, { readText, now })
  return { config, ca }
}
