/** A simulated cloud whose Keystone reads a real folder, and a command line beside it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/program.ts'
import type { CommandContext } from '../../src/cli/context.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { sortPolicyFiles } from '../../src/policy/engine/file.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { createClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import { operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { SimulatedCloud } from '../onboarding/test-bed.ts'

/** What the tests' Keystone is, as the command line says it. */
export const usual = { seed: { preset: 'zed-patched' }, ground: ['--base', 'debian-22+oct-2026'] } as const

export type DeliveryTestBed = {
  readonly folder: string
  /** What the simulated Keystone reads with every request. */
  readonly policyDir: string
  readonly cloud: Cloud
  readonly clock: Clock
  readonly fetch: Fetch
  /** The file that `policy attach` writes. */
  readonly file: string
  type: (...argv: readonly string[]) => Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  /** With `-o json`, parsed. */
  ask: (...argv: readonly string[]) => Promise<{ readonly code: number; readonly document: Json }>
  write: (name: string, text: string) => Promise<string>
  remove: () => Promise<void>
}

export type Json = {
  readonly outcome?: string
  readonly ok?: boolean
  readonly isBack?: boolean
  readonly plan?: readonly string[]
  readonly persona?: string
  readonly releaseNames?: readonly string[]
  readonly release?: string | null
  readonly fixes?: Readonly<Record<string, boolean | null>>
  readonly untold?: readonly string[]
  readonly steps?: readonly string[]
  readonly roleInferences?: readonly (readonly string[])[] | null
  readonly gate?: Json | null
  readonly restored?: Json | null
  readonly cases?: readonly {
    readonly id: string
    readonly group: string
    readonly ok: boolean
    readonly requestIds: readonly string[]
  }[]
  readonly inForce?: { readonly verdict: string; readonly compared: number }
  readonly units?: { readonly verdict: string; readonly rounds: number }
  readonly observed?: { readonly enforceScope: boolean | null }
  readonly visible?: { readonly domains: { readonly seen: number | null; readonly all: number } }
  readonly findings?: readonly {
    readonly code: string
    readonly severity: string
    readonly where: string
    readonly message: string
  }[]
}

export async function openDeliveryTestBed(
  seed: Seed = usual.seed,
  env: Readonly<Record<string, string>> = {},
  io: Partial<CommandContext> = {},
): Promise<DeliveryTestBed> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-'))
  const policyDir = join(folder, 'policy.d')
  await mkdir(policyDir)
  // files have the machine's time, which must never be ahead of the clock's
  const { cloud: first, clock } = simulate(seed, { clock: createClock(Date.now() + 3_600_000) })
  const follow = follower(seed, { cloud: first, clock }, policyDir)
  const fetch: Fetch = clock.during((url, init) => follow().fetch(url, init))
  const type: DeliveryTestBed['type'] = async (...argv) => {
    let out = ''
    let err = ''
    const code = await run(argv, {
      env: { ...operatorOf(first), PATH: process.env['PATH'], ...env },
      cwd: folder,
      home: folder,
      out: (text) => (out += text),
      err: (text) => (err += text),
      isTerminal: false,
      hasColor: false,
      columns: 100,
      pid: process.pid,
      confirm: () => Promise.resolve(false),
      fetch,
      stop: new AbortController().signal,
      ...clock,
      ...io,
    })
    return { code, out, err }
  }
  return {
    folder,
    policyDir,
    cloud: first,
    clock,
    fetch,
    file: join(policyDir, 'domain-manager.yaml'),
    type,
    async ask(...argv) {
      const { code, out, err } = await type(...argv, '-o', 'json')
      if (out === '') throw new Error(`exit ${code}: ${err}`)
      return { code, document: JSON.parse(out) as Json }
    },
    async write(name, text) {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/**
 * The same rows under the rules that lie in the folder now; a folder that is not there is empty. Looked at with every request, of which a
 * gate sends a thousand, and therefore without a detour through the pool of threads.
 */
function follower(seed: Seed, { cloud: first, clock }: SimulatedCloud, policyDir: string): () => Cloud {
  let known = ''
  let cloud = first
  return () => {
    const names = existsSync(policyDir) ? sortPolicyFiles(readdirSync(policyDir)) : []
    const texts = names.map((name) => readFileSync(join(policyDir, name), 'utf8'))
    const now = JSON.stringify(texts)
    if (now !== known) {
      known = now
      cloud = texts.length === 0 ? first : simulate({ ...seed, overrides: texts }, { clock, state: first.state }).cloud
    }
    return cloud
  }
}

export async function override(release = 'debian-22+oct-2026', base: 'default' | 'charm' = 'default'): Promise<string> {
  return buildOverride(await loadKeystone(parseRelease(release)), { base: { kind: base } }).text
}

export const codesOf = (document: Json): readonly string[] => (document.findings ?? []).map(({ code }) => code)
