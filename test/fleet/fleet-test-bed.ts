import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CommandContext } from '../../src/cli/context.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { createClock } from '../clock.ts'
import { openTestBed, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

/** A stand with several simulated clouds, each an entry of clouds.yaml under its name. */
export type FleetTestBed = TestBed & {
  readonly clouds: ReadonlyMap<string, Cloud>
  /** Writes a tenant file into the folder `fleet`. */
  add(file: string, text: string): Promise<void>
}

export async function openFleet(
  names: readonly string[],
  options: {
    readonly io?: Partial<CommandContext>
    /** Read at the beginning of each command. */
    readonly env?: Readonly<Record<string, string>>
    readonly through?: (fetch: Fetch) => Fetch
    /** Asked at the beginning of each command. */
    readonly stop?: () => AbortSignal
  } = {},
): Promise<FleetTestBed> {
  const clock = createClock()
  const clouds = new Map(names.map((name) => [name, simulate(undefined, { clock, url: `https://${name}.test` }).cloud]))
  const fetch: Fetch = (url, init) => {
    const cloud = clouds.get(new URL(url).hostname.replace('.test', ''))
    if (cloud === undefined) throw new Error(`no cloud is at ${url}`)
    return cloud.fetch(url, init)
  }
  const { stop = () => new AbortController().signal } = options
  const io = {
    columns: 80,
    ...clock,
    ...options.io,
    get stop() {
      return stop()
    },
  }
  const bed = await openTestBed(options.env ?? {}, options.through?.(fetch) ?? fetch, io)
  await mkdir(join(bed.folder, '.config/openstack'), { recursive: true })
  await writeFile(join(bed.folder, '.config/openstack/clouds.yaml'), cloudsYaml(clouds), { mode: 0o600 })
  return {
    ...bed,
    clouds,
    async add(file, text) {
      const path = join(bed.folder, 'fleet', file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    },
  }
}

/** One clouds.yaml of what the simulator prints for each. */
export function cloudsYaml(clouds: ReadonlyMap<string, Cloud>): string {
  const entries = [...clouds].map(([name, cloud]) => renderClouds(cloud, { name }).replace(/^[^ ].*\n/gm, ''))
  return `clouds:\n${entries.join('')}`
}

/** A tenant with a network and nothing that takes its time. */
export function small(tenant: string, cloud: string, network = '{ pool: 10.64.0.0/16 }'): string {
  return `version: 1\ntenant: ${tenant}\ncloud: ${cloud}\nprojects:\n  - name: prod\n    network: ${network}\n`
}

/** The prefixes of the tenants' own subnets, by tenant. */
export function prefixes(cloud: Cloud | undefined): Readonly<Record<string, string>> {
  const found = [...(cloud?.state.subnets.values() ?? [])].filter(({ name }) => name.endsWith('-subnet'))
  return Object.fromEntries(found.map(({ name, cidr }): [string, string] => [name.replace('-subnet', ''), cidr]).sort())
}
