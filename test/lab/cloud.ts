/**
 * How lab tests find the lab: `LAB_DIR/lab.json`, which `lab/up` writes. A lab that is not up is an error and never a skipped test.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const keystone = z.object({
  url: z.string(),
  release: z.string(),
  /** Debian's version of python3-keystone. */
  package: z.string(),
  admin: z.object({
    username: z.string(),
    password: z.string(),
    userDomain: z.string(),
    project: z.string(),
    projectDomain: z.string(),
    role: z.string(),
  }),
  /** Overrides: a file written here counts from the next request. */
  policyDir: z.string(),
  basePolicy: z.string(),
  log: z.string(),
  database: z.string(),
})

const labFile = z.object({
  version: z.literal(1),
  dir: z.string(),
  cloudsYaml: z.string(),
  ca: z.string(),
  /** Of every account that the lab made. */
  password: z.string(),
  chroot: z.string().nullable(),
  databaseSocket: z.string(),
  /** Answers only after `lab/vault`; the token may read the binding. */
  vault: z.object({ url: z.string(), token: z.string() }),
  keystones: z.object({
    main: keystone.extend({ tlsUrl: z.string() }),
    charm: keystone.optional(),
    native: keystone.optional(),
  }),
  /** Only after `lab/up horizon`. */
  horizons: z.object({ main: z.string().optional(), native: z.string().optional() }).default({}),
  services: z.record(
    z.string(),
    z.object({
      type: z.string(),
      url: z.string(),
      tlsUrl: z.string(),
      package: z.string(),
      log: z.string(),
      policyDir: z.string(),
    }),
  ),
})

export type Lab = z.infer<typeof labFile>
export type LabKeystone = z.infer<typeof keystone>

const run = promisify(execFile)
const directory = process.env.LAB_DIR ?? '/var/lib/tenant-onboard-lab'

/** The lab that is up, seen to answer. */
export async function findLab(): Promise<Lab> {
  const text = await readFile(join(directory, 'lab.json'), 'utf8').catch(() => undefined)
  if (text === undefined) throw new Error(`the lab is not up: there is no ${directory}/lab.json; run lab/up`)
  const lab = labFile.parse(JSON.parse(text))
  const answer = await fetch(lab.keystones.main.url).catch(() => undefined)
  if (answer?.status !== 200)
    throw new Error(`the lab is not up: ${lab.keystones.main.url} does not answer; run lab/up`)
  return lab
}

/** One of its Keystones; an error where `lab/up` was told to leave it out. */
export async function findKeystone(name: 'main' | 'charm' | 'native'): Promise<LabKeystone> {
  const found = (await findLab()).keystones[name]
  if (found === undefined) throw new Error(`the lab is up without its \`${name}\` Keystone; run lab/up`)
  return found
}

/** The address of one of its Horizons; an error where `lab/up horizon` was not said. */
export async function findHorizon(name: 'main' | 'native'): Promise<string> {
  const found = (await findLab()).horizons[name]
  if (found === undefined) throw new Error(`the lab is up without its \`${name}\` Horizon; run lab/up horizon`)
  return found
}

/** Runs one of the lab's commands, such as `reset` or `keystone charm`, and returns what it printed. */
export async function runLab(
  command: 'up' | 'down' | 'reset' | 'keystone' | 'horizon' | 'limits' | 'scs' | 'vault' | 'capi' | 'tools',
  ...rest: readonly string[]
): Promise<string> {
  return (await run(resolve('lab', command), rest)).stdout
}

/** Lays one override over the base of a Keystone or of another service and takes away every other. */
export async function layOverride(on: { readonly policyDir: string }, text: string): Promise<void> {
  await removeOverrides(on)
  // whole or not at all, and by a name that oslo.policy passes over until then
  const file = join(on.policyDir, '.override.yaml')
  await writeFile(file, text)
  await rename(file, join(on.policyDir, 'override.yaml'))
}

/** Leaves it with its base alone. */
export async function removeOverrides(on: { readonly policyDir: string }): Promise<void> {
  for (const name of await readdir(on.policyDir)) await rm(join(on.policyDir, name))
}
