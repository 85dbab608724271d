import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { createCloud, defaultSeed } from '../../simulator/cloud.ts'
import type { Cloud } from '../../simulator/cloud.ts'
import { renderClouds } from '../../simulator/clouds-yaml.ts'
import { FAULTS, isFaultName } from '../../simulator/faults.ts'
import type { Fault } from '../../simulator/faults.ts'
import { PRESETS, isPresetName } from '../../simulator/presets.ts'
import type { PresetName } from '../../simulator/presets.ts'
import { parseSeed } from '../../simulator/seed-file.ts'
import type { Seed } from '../../simulator/seed.ts'
import { serve } from '../../simulator/serve.ts'
import { parseState, renderState, stateVersion } from '../../simulator/snapshot.ts'
import { nearest } from '../../nearest.ts'
import { readPrivate, writePrivate } from '../../tenant/private-file.ts'
import type { CommandContext } from '../context.ts'
import type { SimulatorServeOptions } from '../definitions/tenant.ts'
import { readInput } from '../../tenant/input-file.ts'

/** Serves an OpenStack on loopback until Ctrl-C. Prints a clouds.yaml for it. */
export async function simulatorServe(options: SimulatorServeOptions, io: CommandContext): Promise<number> {
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InputError(`\`${options.port}\` is not a port`)
  const seed = await seedOf(options, io)
  const statePath = options.state === undefined ? undefined : resolve(io.cwd, options.state)
  const stored = statePath === undefined ? undefined : await readPrivate(statePath)
  const cloud = createCloud(
    seed,
    stored === undefined || statePath === undefined ? {} : { state: parseState(stored, statePath) },
  )
  const keeper = statePath === undefined ? undefined : keepState(cloud, statePath)
  const served = await serve({
    cloud,
    port,
    hasTls: options.tls !== undefined,
    isSpread: options.spread === true,
    ...(keeper === undefined ? {} : { afterAnswer: keeper.changed }),
  })
  try {
    const caFile = options.tls === undefined ? undefined : resolve(io.cwd, options.tls)
    if (caFile !== undefined && served.ca !== undefined) await writePrivate(caFile, served.ca)
    io.out(renderClouds(cloud, { name: 'simulator', ...(caFile === undefined ? {} : { caFile }) }))
    io.err(`serving ${served.url} until Ctrl-C; the text above is a clouds.yaml for it\n`)
    await new Promise<void>((done) => {
      if (io.stop.aborted) done()
      io.stop.addEventListener('abort', () => {
        done()
      })
    })
  } finally {
    await served.close()
    await keeper?.save()
  }
  return 0
}

/** Saves a moment after a change, and once at the end, so that a rehearsal survives a restart. */
function keepState(cloud: Cloud, path: string): { readonly changed: () => void; readonly save: () => Promise<void> } {
  let saved = -1
  let timer: NodeJS.Timeout | undefined
  const save = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const version = stateVersion(cloud.state)
    if (version === saved) return
    saved = version
    await writePrivate(path, renderState(cloud.state))
  }
  return {
    save,
    changed: () => {
      timer ??= setTimeout(() => void save(), 300)
    },
  }
}

async function seedOf(options: SimulatorServeOptions, io: CommandContext): Promise<Seed> {
  const read = async (file: string): Promise<{ readonly file: string; readonly text: string }> => {
    const text = await readInput(resolve(io.cwd, file), { shown: file })
    if (text === undefined) throw new InputError(`\`${file}\` cannot be read`)
    return { file, text }
  }
  const file = options.seed === undefined ? undefined : await read(options.seed)
  const seed = file === undefined ? {} : parseSeed(file.text, file.file)
  const overrides = await Promise.all((options.override ?? []).map(async (one) => (await read(one)).text))
  const { base } = options
  const chosen: Seed = {
    ...seed,
    ...(options.preset === undefined ? {} : { preset: presetOf(options.preset) }),
    ...(options.release === undefined ? {} : { release: options.release }),
    ...(base === undefined ? {} : { base: base === 'default' || base === 'charm' ? base : await read(base) }),
    ...(overrides.length === 0 ? {} : { overrides: [...(seed.overrides ?? []), ...overrides] }),
    ...(options.fault === undefined ? {} : { faults: [...(seed.faults ?? []), ...options.fault.map(faultOf)] }),
  }
  // without a word about the policy it is the demo's cloud, whose override lets a domain manager work
  return policyKeys.some((key) => chosen[key] !== undefined) ? chosen : { ...chosen, ...defaultSeed }
}

const policyKeys = ['preset', 'release', 'base', 'overrides', 'isPersonaBuilt'] as const

function presetOf(name: string): PresetName {
  if (isPresetName(name)) return name
  throw unknown('preset', name, Object.keys(PRESETS))
}

/** A name, or a rule for requests as JSON. */
function faultOf(text: string): Fault {
  if (isFaultName(text)) return text
  if (!text.startsWith('{')) throw unknown('fault', text, Object.keys(FAULTS))
  const { faults = [] } = parseSeed(`faults: [${text}]`, '--fault')
  const [fault] = faults
  if (fault === undefined) throw new InputError(`\`${text}\` is not a fault`)
  return fault
}

function unknown(what: string, name: string, known: readonly string[]): InputError {
  const close = nearest(name, known)
  const hint = close === undefined ? `known: ${known.join(', ')}` : `did you mean \`${close}\`?`
  return new InputError([{ message: `there is no ${what} \`${name}\``, hint }])
}
