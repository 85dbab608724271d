/** Restores the earlier state, byte for byte, and asks the cloud what is in force then. */
import type { Finding } from '../finding.ts'
import { parseRelease } from '../policy/releases/release.ts'
import { loadKeystone } from '../policy/releases/keystone.ts'
import type { Base } from '../policy/releases/keystone.ts'
import type { DeliveryBackend, DeliveredState } from './backends/backend.ts'
import { sha256 } from './digest.ts'
import type { Gate, GateQuestion } from './gate.ts'
import type { PolicyBase } from './base-config.ts'
import { changesSince } from './in-force.ts'
import { recordedObservations } from './observe.ts'
import type { Delivery, DeliveryRecord, RecordedBase, Snapshot } from './record.ts'
import { zippedOverride } from './backends/unzip.ts'

export type RestoreOptions = {
  readonly backend: DeliveryBackend
  readonly record: DeliveryRecord
  readonly gate: ((asked: GateQuestion) => Promise<Gate>) | undefined
  readonly deadRuns?: readonly string[]
}

export type Restored = {
  readonly previous: Snapshot
  /** True if a fresh look shows exactly the earlier state. */
  readonly isBack: boolean
  readonly gate: Gate | undefined
  readonly findings: readonly Finding[]
}

export async function restore(options: RestoreOptions, delivery: Delivery): Promise<Restored> {
  const { backend, record } = options
  const { previous } = delivery
  const found = await backend.look()
  const findings = [...(await setAside(found, delivery, record))]
  // always the newest of its route; its time says nothing, because a clock may be set back
  const newest = record.deliveries.findLastIndex(({ route }) => route === delivery.route)
  const rest = record.deliveries.toSpliced(newest, 1)
  await record.write([...rest, { ...delivery, phase: 'restoring' }])
  const text = await previousText(previous, record)
  await backend.restore(previous, record)
  const standing = await backend.look()
  const isBack = backend.isAs(standing, previous)
  // removed only when the restore is confirmed: until then the same command repeats it
  if (isBack) await record.write(rest)
  else findings.push(notBack(backend))
  if (options.gate === undefined) return { previous, isBack, gate: undefined, findings }
  const before = recordedObservations(delivery.before)
  const policyBase = { ...(await recordedBase(delivery, record)), others: standing.others }
  const gate = await options.gate({
    policyBase,
    override: undefined,
    previous: text,
    before,
    isBrief: true,
    ...(options.deadRuns && { deadRuns: options.deadRuns }),
  })
  const changed = changesSince(before, gate.observed)
  if (changed.length > 0) findings.push(unlikeBefore(changed))
  return { previous, isBack, gate, findings: [...findings, ...gate.findings] }
}

/** A foreign change is not thrown away: the record has its bytes. */
async function setAside(
  { text }: DeliveredState,
  { override }: Delivery,
  record: DeliveryRecord,
): Promise<readonly Finding[]> {
  if (text === undefined || sha256(text) === override) return []
  const digest = await record.keep(new TextEncoder().encode(text))
  return [
    {
      code: 'delivery/changed-since',
      severity: 'warning',
      where: 'override',
      message: `the current state is not the attached one: it was changed in between; it is stored as sha256 ${digest}`,
      remedy: 'it has that name in the folder `kept` of the record',
      owner: 'operator',
    },
  ]
}

function notBack({ route }: DeliveryBackend): Finding {
  return {
    code: 'delivery/not-back',
    severity: 'error',
    where: route,
    message: 'the earlier state is not back, although nothing failed',
    remedy: 'run `tenant-onboard policy rollback` again',
    owner: 'operator',
  }
}

function unlikeBefore(changed: readonly string[]): Finding {
  return {
    code: 'delivery/unlike-before',
    severity: 'error',
    where: 'keystone',
    message: `${changed.length} answers differ from those before the attach: ${changed.slice(0, 3).join('; ')}`,
    remedy: 'wait until every unit has read its files, then `tenant-onboard policy gate`',
    owner: 'operator',
  }
}

/** What Keystone ran with at the time of the attach, from the record. */
export async function recordedBase(
  { release, base }: Delivery,
  record: DeliveryRecord,
): Promise<Omit<PolicyBase, 'others'>> {
  return { keystone: await loadKeystone(parseRelease(release)), base: await baseOf(base, record) }
}

async function baseOf(base: RecordedBase, record: DeliveryRecord): Promise<Base> {
  switch (base.kind) {
    case 'default':
      return { kind: 'default' }
    case 'charm': {
      const { adminRole, adminDomainId, serviceProjectId } = base.settings
      return {
        kind: 'charm',
        settings: {
          ...(adminRole === undefined ? {} : { adminRole }),
          ...(adminDomainId === undefined ? {} : { adminDomainId }),
          ...(serviceProjectId === undefined ? {} : { serviceProjectId }),
        },
      }
    }
    case 'file':
      return { kind: 'file', file: base.file, text: new TextDecoder().decode(await record.kept(base.sha256)) }
  }
}

/** The earlier override; `undefined`: there was none, or it cannot be read as one. */
export async function previousText(previous: Snapshot, record: DeliveryRecord): Promise<string | undefined> {
  switch (previous.kind) {
    case 'none':
      return undefined
    case 'file':
      return new TextDecoder().decode(await record.kept(previous.sha256))
    case 'charm':
      return previous.zip === undefined || !previous.isEnabled
        ? undefined
        : zippedOverride(await record.kept(previous.zip))
  }
}
