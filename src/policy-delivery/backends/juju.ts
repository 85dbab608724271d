/**
 * Delivery through charm-keystone: the override travels as the resource `policyd-override`, and the charm writes it
 * into /etc/keystone/policy.d of every unit. Its status is shown and never believed: it stays `PO:` after a resource
 * that could not be opened has emptied the folder. charm-helpers 99980625, charmhelpers/contrib/openstack/policyd.py,
 * process_policy_resource_file.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError, StopError, invariant } from '../../errors.ts'
import type { Finding } from '../../finding.ts'
import type { RunProgram } from '../../logs/program.ts'
import { privateFolder, writePrivate } from '../../tenant/private-file.ts'
import { zipOverride } from '../../policy/build/zip.ts'
import type { DeliveryBackend, CharmDetail, DeliveredState } from './backend.ts'
import { sha256 } from '../digest.ts'
import { isOf, parseStatus } from './juju-status.ts'
import type { JujuStatus } from './juju-status.ts'
import type { DeliveryRecord, Snapshot } from '../record.ts'
import { zippedOverride } from './unzip.ts'

export type JujuOptions = {
  readonly model: string
  readonly application: string
  readonly run: RunProgram
  /** Below the user's home and not hidden: `juju` is a snap and can read nowhere else. */
  readonly staging: string
  /** The zip that is attached already, if it was not attached from here. */
  readonly previousZip: Uint8Array | undefined
  /** Zips that were attached from here. */
  readonly record: DeliveryRecord
  readonly settleMs: number
  readonly now: () => Date
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly stop: AbortSignal
  readonly note: (text: string) => void
}

const resourceName = 'policyd-override'
export const settingName = 'use-policyd-override'

// juju 040207e1, cmd/juju/resource/formatted.go, FormattedSvcResource
const resourceList = z.object({
  resources: z
    .array(
      z.object({
        name: z.string(),
        fingerprint: z.string().default(''),
        size: z.number().default(0),
        origin: z.string().default(''),
      }),
    )
    .nullish(),
})
const settings = z.object({ settings: z.record(z.string(), z.object({ value: z.unknown() }).loose()) })

export function jujuBackend(options: JujuOptions): DeliveryBackend {
  const { model, application } = options
  return {
    route: `juju ${model}/${application}`,
    look: () => look(options),
    plan: (standing, text) => plan(options, charmDetailOf(standing), text),
    keep: async (standing, record) => {
      const { isEnabled, resource } = charmDetailOf(standing)
      const zip = await zipOf(options, resource?.fingerprint)
      return {
        kind: 'charm',
        isEnabled,
        ...(zip === undefined || resource === undefined
          ? {}
          : { zip: await record.keep(zip), fingerprint: resource.fingerprint }),
      }
    },
    async deliver(standing, text) {
      const before = await status(options)
      await attach(options, zipOverride(text))
      // after the resource, so that the hook finds it: in the other order the hook empties the folder first
      if (!charmDetailOf(standing).isEnabled) await configure(options, true)
      await settle(options, before)
    },
    async restore(previous, record) {
      const before = await status(options)
      if (previous.kind === 'charm' && previous.isEnabled && previous.zip !== undefined) {
        await attach(options, await record.kept(previous.zip))
        await configure(options, true)
        // Juju cannot remove a resource: with none before, or an unknown one, the charm is configured to use none
      } else await configure(options, false)
      await settle(options, before)
    },
    isAs: (standing, previous) => isAs(charmDetailOf(standing), previous),
  }
}

/** The whole model, because other charms are compared too. */
export function status({ run, model }: JujuOptions): Promise<JujuStatus> {
  return run('juju', ['status', '-m', model, '--format', 'json']).then(parseStatus)
}

async function look(options: JujuOptions): Promise<DeliveredState> {
  const { run, model, application } = options
  const all = await status(options)
  if (!all.applications.includes(application))
    throw new InputError(
      `the model \`${model}\` has no application \`${application}\`: it has ${all.applications.join(', ') || 'none'}`,
    )
  const config = read(settings, await run('juju', ['config', '-m', model, application, '--format', 'json']), 'config')
  const list = read(
    resourceList,
    await run('juju', ['resources', '-m', model, application, '--format', 'json']),
    'resources',
  )
  const found = list.resources?.find(({ name }) => name === resourceName)
  const isThere = found !== undefined && found.size > 0 && found.fingerprint !== ''
  const resource = isThere ? { fingerprint: found.fingerprint, origin: found.origin } : undefined
  const units = all.units.filter((unit) => isOf(application, unit))
  const isEnabled = config.settings[settingName]?.value === true
  const zip = await zipOf(options, resource?.fingerprint)
  const detail: CharmDetail = { kind: 'charm', isEnabled, resource, units }
  return {
    text: zip === undefined || !isEnabled ? undefined : zippedOverride(zip),
    others: [],
    findings: isEnabled && resource !== undefined && zip === undefined ? [unknownPrevious(options, resource)] : [],
    detail,
  }
}

/** Juju returns no resource, so only a zip that was attached from here, or is given, can be restored. */
function unknownPrevious({ model, application }: JujuOptions, { origin }: { readonly origin: string }): Finding {
  return {
    code: 'delivery/previous-unknown',
    severity: 'error',
    where: `${model}/${application}`,
    message: `an override is attached already (origin ${origin}), and Juju returns no resource: it could not be restored`,
    remedy: 'give its zip with `--previous FILE.zip`; its fingerprint is compared',
    owner: 'operator',
  }
}

async function zipOf(
  { previousZip, record }: JujuOptions,
  fingerprint: string | undefined,
): Promise<Uint8Array | undefined> {
  if (fingerprint === undefined) return undefined
  if (previousZip !== undefined && sha384(previousZip) === fingerprint) return previousZip
  for (const { override, previous } of record.deliveries.toReversed()) {
    const own = zipOverride(new TextDecoder().decode(await record.kept(override)))
    if (sha384(own) === fingerprint) return own
    if (previous.kind !== 'charm' || previous.zip === undefined) continue
    const older = await record.kept(previous.zip)
    if (sha384(older) === fingerprint) return older
  }
  return undefined
}

async function attach({ run, model, application, staging, note }: JujuOptions, zip: Uint8Array): Promise<void> {
  await privateFolder(staging)
  const path = join(staging, 'overrides.zip')
  await writePrivate(path, zip)
  note(`juju attach-resource -m ${model} ${application} ${resourceName}=${path}`)
  await run('juju', ['attach-resource', '-m', model, application, `${resourceName}=${path}`])
}

async function configure({ run, model, application, note }: JujuOptions, isEnabled: boolean): Promise<void> {
  note(`juju config -m ${model} ${application} ${settingName}=${isEnabled}`)
  await run('juju', ['config', '-m', model, application, `${settingName}=${isEnabled}`])
}

/** Hooks start some time after the command: wait until an agent has become active, then until all are idle. */
async function settle(options: JujuOptions, before: JujuStatus): Promise<void> {
  const { application, settleMs, now, sleep, stop, note } = options
  const started = now().getTime()
  const grace = Math.min(30_000, settleMs)
  for (;;) {
    const current = await status(options)
    const units = current.units.filter((unit) => isOf(application, unit))
    const hasMoved = units.some(({ name }) => current.since.get(name) !== before.since.get(name))
    const isResting = units.every(({ agent }) => agent === 'idle')
    const waited = now().getTime() - started
    if (isResting && (hasMoved || waited >= grace)) return
    if (stop.aborted)
      throw new StopError('interrupted while the charm was working; run the same command again to continue')
    if (waited >= settleMs) {
      note('the charm is still working; the gate decides anyway')
      return
    }
    await sleep(2000)
  }
}

function plan(options: JujuOptions, { isEnabled, resource }: CharmDetail, text: string): readonly string[] {
  const { model, application, staging } = options
  const zip = zipOverride(text)
  const path = join(staging, 'overrides.zip')
  const isSame = resource?.fingerprint === sha384(zip)
  return [
    `write ${path}: ${zip.length} bytes, sha256 ${sha256(zip)}`,
    ...(isSame && isEnabled ? ['the charm has this zip already'] : []),
    `juju attach-resource -m ${model} ${application} ${resourceName}=${path}`,
    ...(isEnabled ? [] : [`juju config -m ${model} ${application} ${settingName}=true`]),
    `juju status -m ${model} --format json, until the units of ${application} are idle`,
  ]
}

function isAs({ isEnabled, resource }: CharmDetail, previous: Snapshot): boolean {
  if (previous.kind !== 'charm' || !previous.isEnabled || previous.zip === undefined) return !isEnabled
  return isEnabled && resource?.fingerprint === previous.fingerprint
}

function read<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new StopError(`cannot parse the output of \`juju ${what}\``, { cause: error })
  }
}

function sha384(data: Uint8Array): string {
  return createHash('sha384').update(data).digest('hex')
}

export function charmDetailOf({ detail }: DeliveredState): CharmDetail {
  invariant(detail.kind === 'charm', 'a charm was looked at')
  return detail
}
