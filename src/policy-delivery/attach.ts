/**
 * Puts an override on a Keystone: checked on paper first, recorded before anything is changed, and tested by behaviour
 * afterwards. If the test fails, the earlier policy is restored.
 */
import { StopError, isTransient } from '../errors.ts'
import { isBlocked } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Base } from '../policy/releases/keystone.ts'
import { renderRelease } from '../policy/releases/release.ts'
import type { DeliveryBackend, DeliveredState } from './backends/backend.ts'
import { sha256 } from './digest.ts'
import { isNotShown } from './gate.ts'
import type { Gate, GateQuestion } from './gate.ts'
import type { PolicyBase } from './base-config.ts'
import { inspect } from './inspection.ts'
import { recordedObservations } from './observe.ts'
import type { CloudObservation } from './observe-cloud.ts'
import { settlePending } from './pending.ts'
import type { Delivery, DeliveryRecord, RecordedBase } from './record.ts'
import { previousText, restore } from './rollback.ts'
import type { Restored } from './rollback.ts'
import { inferenceFindings } from './role-inferences.ts'
import type { CloudRoleInferences } from './role-inferences.ts'

export type AttachOptions = {
  readonly backend: DeliveryBackend
  readonly record: DeliveryRecord
  readonly text: string
  /** Without the files beside the override. */
  readonly policyBase: Omit<PolicyBase, 'others'>
  readonly managedRoles: readonly string[]
  readonly magnumDomain: string | undefined
  /** What roles imply on this cloud. */
  readonly readInferences: () => Promise<CloudRoleInferences>
  /** What personas and services can do; asked before anything is changed. */
  readonly observe: () => Promise<CloudObservation>
  /** `undefined`: nothing is checked afterwards. */
  readonly gate: ((asked: GateQuestion) => Promise<Gate>) | undefined
  readonly now: () => Date
  readonly note: (text: string) => void
}

export type Prepared = {
  readonly standing: DeliveredState
  readonly policyBase: PolicyBase
  readonly findings: readonly Finding[]
  readonly plan: readonly string[]
}

/** The plan, and every objection to it. Changes nothing. */
export async function prepareAttach(options: AttachOptions): Promise<Prepared> {
  const { backend, text } = options
  const standing = await backend.look()
  const policyBase = { ...options.policyBase, others: standing.others }
  const { managedRoles, magnumDomain } = options
  const implied = await options.readInferences()
  const findings = [
    ...standing.findings,
    ...inferenceFindings(implied, policyBase),
    ...inspect(text, { policyBase, managedRoles, magnumDomain, inferences: implied.rows }),
  ]
  return { standing, policyBase, findings, plan: backend.plan(standing, text) }
}

export type Attached = {
  readonly outcome: 'attached' | 'restored'
  readonly gate: Gate | undefined
  /** The result of the restore, if the gate failed. */
  readonly restored: Restored | undefined
}

/** Throws StopError if the gate could not be read; the earlier policy is restored then too. */
export async function attach(options: AttachOptions, { standing, policyBase, findings }: Prepared): Promise<Attached> {
  const { backend, record, text, note } = options
  if (isBlocked(findings)) throw new StopError('an override with an error in it is not attached')
  const last = await settlePending(record, backend, standing)
  const override = sha256(text)
  const isThere = standing.text === text && last?.override === override
  const delivery = isThere ? last : await begin(options, standing, override)
  if (!isThere) {
    note('delivering the override')
    await backend.deliver(standing, text)
    await record.write([...record.deliveries.slice(0, -1), { ...delivery, phase: 'attached' }])
  }
  if (options.gate === undefined) return { outcome: 'attached', gate: undefined, restored: undefined }
  const previous = isThere ? await previousText(delivery.previous, record) : standing.text
  const before = recordedObservations(delivery.before)
  const servicesBefore = delivery.services
  note('checking whether the cloud uses it')
  let gate: Gate
  try {
    gate = await ask(options.gate, { policyBase, override: text, previous, before, servicesBefore }, note)
  } catch (error) {
    await restore({ ...options, gate: undefined }, delivery)
    throw new StopError('the gate could not be read, so the earlier policy was restored', { cause: error })
  }
  if (gate.ok) return { outcome: 'attached', gate, restored: undefined }
  note(
    isNotShown(gate)
      ? 'the gate was not shown to hold, since questions stayed unanswered: restoring the earlier policy'
      : 'the gate failed: restoring the earlier policy',
  )
  const restored = await restore({ ...options, deadRuns: [gate.run] }, delivery)
  return { outcome: 'restored', gate, restored }
}

/** Asks again where nothing but silence is in the way: a good override is not taken back for one. */
async function ask(
  gate: NonNullable<AttachOptions['gate']>,
  question: GateQuestion,
  note: AttachOptions['note'],
): Promise<Gate> {
  try {
    const first = await gate(question)
    if (!isNotShown(first)) return first
    note('questions had no answer: asking everything again')
    return await gate({ ...question, deadRuns: [first.run] })
  } catch (error) {
    if (!isTransient(error)) throw error
    note('the gate had no answer: asking everything again')
    return gate(question)
  }
}

/** from here on, a command after a crash knows the old state and the intended one */
async function begin(options: AttachOptions, standing: DeliveredState, override: string): Promise<Delivery> {
  const { backend, record, text, policyBase, managedRoles, magnumDomain, now, note } = options
  if (options.gate !== undefined) note('recording what every persona can do now')
  const { personas, services } =
    options.gate === undefined ? { personas: [], services: undefined } : await options.observe()
  const previous = await backend.keep(standing, record)
  await record.keep(new TextEncoder().encode(text))
  const delivery: Delivery = {
    at: now().toISOString(),
    route: backend.route,
    phase: 'attaching',
    override,
    previous,
    release: renderRelease(policyBase.keystone.release),
    base: await recordedBase(policyBase.base, record),
    managedRoles: [...managedRoles],
    ...(magnumDomain === undefined ? {} : { magnumDomain }),
    ...(services === undefined ? {} : { services: [...services] }),
    before: personas.map(({ requestId, ...rest }) => ({ ...rest, ...(requestId === undefined ? {} : { requestId }) })),
  }
  await record.write([...record.deliveries, delivery])
  return delivery
}

async function recordedBase(base: Base, record: DeliveryRecord): Promise<RecordedBase> {
  switch (base.kind) {
    case 'default':
      return { kind: 'default' }
    case 'charm':
      return { kind: 'charm', settings: { ...base.settings } }
    case 'file':
      return { kind: 'file', file: base.file, sha256: await record.keep(new TextEncoder().encode(base.text)) }
  }
}
