/** Whoever does the work records it: a library caller leaves the evidence that the command leaves. */
import { randomBytes } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { handover } from '../../src/handover/handover.ts'
import { verify } from '../../src/isolation/verify.ts'
import { offboard, unfreeze } from '../../src/offboarding/offboard.ts'
import { prepare } from '../../src/onboarding/prepare.ts'
import { probe } from '../../src/onboarding/probe.ts'
import { rotate } from '../../src/rotation/rotate.ts'
import { accept } from '../../src/self-service/accept.ts'
import type { Account } from '../../src/tenant/actors.ts'
import { operatorCustody } from '../../src/tenant/custody.ts'
import { sharedProof } from '../../src/onboarding/shared-proof.ts'
import { acquireLock } from '../../src/tenant/lock.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { exampleTenant, openSimulated, openTestBed } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { clockOf, connect, connectAsTenant, load } from './library.ts'

let identity: string
let recipient: string

beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})

const beds: SimulatedTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

/** A cloud, and what was done on it by commands before. */
async function openBed(before: readonly (readonly string[])[]): Promise<SimulatedTestBed> {
  const bed = await openSimulated()
  beds.push(bed)
  const handover = `handover:\n  recipient: ${recipient}\n`
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  await bed.write('sealed.yaml', await exampleTenant('acme', (text) => text + handover))
  // without a cluster, which is seen in more or fewer states on its way
  const still = (text: string): string => text.replace(/ {4}cluster:\n( {6}.*\n)+/, '')
  await bed.write('still.yaml', await exampleTenant('acme', (text) => still(text) + handover))
  await bed.write('identity.txt', identity)
  for (const argv of before) {
    const { code, err } = await bed.run(...argv)
    expect(code, err).toBe(0)
  }
  return bed
}

const yes = (): Promise<boolean> => Promise.resolve(true)

type Library = (bed: SimulatedTestBed) => Promise<unknown>

async function onCloud(bed: SimulatedTestBed, file = 'tenant.yaml') {
  const loaded = await load(bed.folder, file)
  return { ...(await connect(loaded, bed)), pid: process.pid }
}

const verifyAcme: Library = async (bed) =>
  verify({ ...(await onCloud(bed)), command: 'verify', random: randomBytes, onSubstitute: () => undefined })

const preflightAcme: Library = async (bed) => {
  const on = await onCloud(bed)
  const context = {
    ...on,
    options: { adopt: false, wait: true },
    custody: await operatorCustody(on.home),
    prove: sharedProof(bed.clock.now, on.home.proof),
  }
  return probe(await prepare(context), context, { ...on, command: 'preflight --probe' })
}

const rotateOf =
  (account: Account): Library =>
  async (bed) => {
    const on = await onCloud(bed)
    return rotate({ ...on, command: 'rotate', account, approve: yes })
  }

const handoverOf =
  (file: string): Library =>
  async (bed) => {
    const on = await onCloud(bed, file)
    return handover({
      ...on,
      command: 'handover',
      connect: () => Promise.resolve(on),
      again: false,
      look: () => Promise.resolve([]),
      approve: yes,
    })
  }

const offboardAcme: Library = async (bed) =>
  offboard({
    ...(await onCloud(bed)),
    command: 'offboard',
    keepData: false,
    adopt: false,
    approve: yes,
    progress: () => undefined,
  })

const freezeAcme: Library = async (bed) => {
  const options = { command: 'offboard', keepData: false, adopt: false, progress: () => undefined }
  await offboard({ ...(await onCloud(bed)), ...options, until: 'freeze', approve: yes })
  return unfreeze({ ...(await onCloud(bed)), ...options })
}

const until = (stage: string): readonly string[] => ['apply', 'tenant.yaml', '--yes', '--until', stage]
const sealing = ['handover', 'sealed.yaml', '--yes']

type Work = {
  readonly name: string
  readonly before: readonly (readonly string[])[]
  readonly commands: readonly (readonly string[])[]
  readonly library: Library
}

const works: readonly Work[] = [
  {
    name: 'preflight --probe',
    before: [],
    commands: [['preflight', 'tenant.yaml', '--probe']],
    library: preflightAcme,
  },
  { name: 'verify', before: [until('isolation')], commands: [['verify', 'tenant.yaml']], library: verifyAcme },
  {
    name: 'verify by a stand-in',
    before: [until('isolation'), sealing],
    commands: [['verify', 'tenant.yaml']],
    library: verifyAcme,
  },
  ...(['domain-admin', 'cluster', 'svc'] as const).map((account) => ({
    name: `rotate ${account}`,
    before: [until('credentials')],
    commands: [['rotate', 'tenant.yaml', '--account', account, '--yes']],
    library: rotateOf(account),
  })),
  {
    name: 'handover',
    before: [until('domain')],
    commands: [['handover', 'tenant.yaml']],
    library: handoverOf('tenant.yaml'),
  },
  {
    name: 'handover, sealed',
    before: [until('credentials')],
    commands: [sealing],
    library: handoverOf('sealed.yaml'),
  },
  {
    name: 'offboard',
    before: [until('cluster')],
    commands: [['offboard', 'tenant.yaml', '--confirm', 'acme']],
    library: offboardAcme,
  },
  {
    name: 'a freeze, undone',
    before: [until('network')],
    commands: [
      ['offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze'],
      ['offboard', 'tenant.yaml', '--unfreeze'],
    ],
    library: freezeAcme,
  },
]

test.each(works.map((work) => [work.name, work] as const))(
  '%s leaves the same evidence by a library as by its command',
  async (_, work) => {
    const byCommand = await recorded(await openBed(work.before), async (bed) => {
      for (const argv of work.commands) {
        const { code, err } = await bed.run(...argv)
        expect(code, err).toBe(0)
      }
    })
    const byLibrary = await recorded(await openBed(work.before), work.library)
    expect(byCommand).not.toEqual([])
    expect(byLibrary).toEqual(byCommand)
  },
)

test('accept leaves the same evidence by a library as by its command', async () => {
  const byCommand = await accepted(async (bed) => {
    const { code, err } = await bed.run('accept', 'acme.age', 'still.yaml', '--identity', 'identity.txt', '--yes')
    expect(code, err).toBe(0)
  })
  const byLibrary = await accepted(acceptAcme)
  expect(byCommand.map(kindOf)).toContain('accepted')
  expect(byLibrary).toEqual(byCommand)
})

const acceptAcme: Library = async (bed) => {
  const loaded = await load(bed.folder, 'still.yaml')
  return accept({
    ...loaded,
    clock: clockOf(bed),
    pid: process.pid,
    command: 'accept',
    handover: join(bed.folder, 'acme.age'),
    identity: join(bed.folder, 'identity.txt'),
    connect: (files) => connectAsTenant(loaded, bed, files),
    options: { adopt: false, wait: true },
    approve: yes,
    watch: () => ({ show: () => undefined, end: () => undefined }),
  })
}

/** On another machine, with the handover that an operator sealed. */
async function accepted(work: Library): Promise<readonly string[]> {
  const operator = await openBed([until('domain'), sealing])
  const { cloud, clock } = operator
  const bed = { ...(await openTestBed({}, cloud.fetch, {}, clock)), cloud, clock }
  beds.push(bed)
  for (const file of ['tenant.yaml', 'still.yaml', 'identity.txt'])
    await cp(join(operator.folder, file), join(bed.folder, file))
  const { home } = await load(operator.folder, 'sealed.yaml')
  await cp(join(home.handover, 'acme-handover.zip.age'), join(bed.folder, 'acme.age'))
  return recorded(bed, work)
}

describe('while another works on the tenant', () => {
  const locked: readonly (readonly [name: string, before: Work['before'], library: Library])[] = [
    ['preflight --probe', [], preflightAcme],
    ['verify', [until('isolation')], verifyAcme],
    ['rotate', [until('credentials')], rotateOf('cluster')],
    ['handover', [until('domain')], handoverOf('tenant.yaml')],
    ['offboard', [until('domain')], offboardAcme],
  ]
  test.each(locked)('%s does nothing, and does it when the other is gone', async (_, before, library) => {
    const bed = await openBed(before)
    const { home } = await load(bed.folder, 'tenant.yaml')
    const lock = await acquireLock(home.path, 'another')
    const records = await readEvidence(home.evidence)
    await expect(library(bed)).rejects.toThrow('another command works on this tenant: another')
    expect(await readEvidence(home.evidence)).toEqual(records)
    await lock.release()
    await library(bed)
    expect((await readEvidence(home.evidence)).length).toBeGreaterThan(records.length)
  })
})

test('what is not approved is not recorded, and what is approved is', async () => {
  const bed = await openBed([until('credentials')])
  const on = await onCloud(bed)
  const { home } = on
  const records = await readEvidence(home.evidence)
  const no = (): Promise<boolean> => Promise.resolve(false)
  const rotation = { ...on, command: 'rotate', account: 'cluster' } as const
  expect(await rotate({ ...rotation, approve: no })).toEqual({ kind: 'declined' })
  const offboarding = { ...on, command: 'offboard', keepData: false, adopt: false, progress: () => undefined }
  expect(await offboard({ ...offboarding, approve: no })).toEqual({ kind: 'declined' })
  expect(await readEvidence(home.evidence)).toEqual(records)
  expect(await rotate({ ...rotation, approve: yes })).toMatchObject({ kind: 'rotated', old: ['refused'] })
  expect((await readEvidence(home.evidence)).map(({ kind }) => kind)).toContain('rotated')
})

/** What a work added to the evidence of acme, without what differs between two runs of the same. */
async function recorded(bed: SimulatedTestBed, work: Library): Promise<readonly string[]> {
  const { home } = await load(bed.folder, 'tenant.yaml')
  const before = await readEvidence(home.evidence)
  await work(bed)
  const added = (await readEvidence(home.evidence)).slice(before.length)
  // several things are asked and done at once, and their order is nobody's promise
  return added.map((record) => comparable(record)).sort()
}

function comparable(record: object): string {
  return JSON.stringify(record, (key, value: unknown) => {
    if (['seq', 'prev', 'hash', 'sha256', 'operatorHead', 'fingerprint'].includes(key)) return key
    // how often something that comes or goes is looked at depends on how long it takes
    if (key === 'requests' && Array.isArray(value))
      return distinct(value.map((one) => JSON.stringify(one, sameRequest)))
    // checks of a gate are recorded as they are answered
    if (key === 'checks' && Array.isArray(value)) return value.map((one) => comparable(one as object)).sort()
    if (key === 'requestIds' && Array.isArray(value)) return value.length > 0
    if (typeof value === 'number') return 0
    return typeof value === 'string' ? withoutIds(value) : value
  })
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}

function sameRequest(key: string, value: unknown): unknown {
  if (['id', 'at', 'ms'].includes(key)) return undefined
  return typeof value === 'string' ? withoutIds(value) : value
}

function withoutIds(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\/tmp\/stand-\w+/g, '<folder>')
    .replace(/tenant-onboard-probe-[0-9a-z]+-[0-9a-f]{8}/g, '<run>')
    .replace(/acme-cluster-[0-9a-f]{12}/g, '<stack>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g, '<id>')
}

function kindOf(record: string): unknown {
  return (JSON.parse(record) as { kind: unknown }).kind
}
