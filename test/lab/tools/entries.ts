/** Signs in as a file of `export --to` says: the entries that it names in its comments, with passwords of the data directory. */
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { parse, stringify } from 'yaml'
import { filesBelow } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import type { Lab } from '../cloud.ts'

/** By the name of the file. */
export async function secretsOf(
  { folder }: Pick<TestBed, 'folder'>,
  tenant: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await filesBelow(join(folder, 'tenant-onboard', 'lab', tenant, 'secrets'))
  const secrets = new Map([...found].map(([path, secret]) => [path.split('/').at(-1) ?? '', secret.trim()]))
  expect(secrets.size).toBeGreaterThan(3)
  return secrets
}

/** Writes clouds.yaml, with the operator's own entry, and secure.yaml beside it. */
export async function signInAsTheFileSays(
  text: string,
  to: {
    readonly lab: Lab
    readonly secrets: ReadonlyMap<string, string>
    readonly folder: string
    readonly names: readonly string[]
  },
): Promise<void> {
  const lines = text.split('\n')
  const from = lines.indexOf('# clouds:')
  const until = lines.findIndex((line, at) => at > from && !line.startsWith('#  '))
  const yaml = lines.slice(from, until).map((line) => line.slice(2))
  const named = parse(yaml.join('\n')) as Clouds
  const own = parse(await readFile(resolve(to.lab.cloudsYaml), 'utf8')) as Clouds
  expect(Object.keys(named.clouds)).toEqual(to.names)
  await writeFile(join(to.folder, 'clouds.yaml'), stringify({ clouds: { ...named.clouds, lab: own.clouds['lab'] } }))
  const passwords = Object.entries(named.clouds).map(([name, { auth }]) => {
    const file = auth.username === 'acme-svc' ? 'svc.password' : 'cluster.password'
    return [name, { auth: { password: to.secrets.get(file) } }] as const
  })
  await writeFile(join(to.folder, 'secure.yaml'), stringify({ clouds: Object.fromEntries(passwords) }))
}

type Clouds = { readonly clouds: Readonly<Record<string, { readonly auth: { readonly username: string } }>> }
