import { afterEach, describe, expect, test } from 'vitest'
import type { Seed } from '../../src/simulator/seed.ts'
import { probeTraces } from '../isolation/tenant-cloud.ts'
import { codesOf, openDeliveryTestBed, override, usual } from './test-bed.ts'
import type { DeliveryTestBed, Json } from './test-bed.ts'

const beds: DeliveryTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) {
    expect(probeTraces(bed.cloud)).toEqual([])
    await bed.remove()
  }
})

type Row = readonly [prior: string, implied: string]
type Asked = { readonly code: number; readonly document: Json; readonly bed: DeliveryTestBed }

const seed: Seed = { ...usual.seed, roles: ['manager', 'auditor'] }

/** A cloud on which roles imply this beside the rows of bootstrap. */
async function cloudWith(rows: readonly Row[], more: Seed = {}): Promise<DeliveryTestBed> {
  const bed = await openDeliveryTestBed({ ...seed, ...more })
  beds.push(bed)
  const id = (name: string): string => bed.cloud.state.roles.find((role) => role.name === name)?.id ?? ''
  for (const [prior, implied] of rows)
    bed.cloud.state.inferences.set(`${prior}/${implied}`, { priorId: id(prior), impliedId: id(implied) })
  await bed.write('good.yaml', await override())
  return bed
}

const way = (bed: DeliveryTestBed): readonly string[] => ['--policy-dir', bed.policyDir, ...usual.ground]

/** Each as a function of the cloud; `attach` without the gate that follows, which is the gate of the others. */
const commands: Readonly<Record<string, (bed: DeliveryTestBed) => Promise<Asked>>> = {
  advise: async (bed) => ({ bed, ...(await bed.ask('policy', 'advise')) }),
  attach: async (bed) => ({ bed, ...(await bed.ask('policy', 'attach', 'good.yaml', ...way(bed), '--dry-run')) }),
  gate: async (bed) => {
    await bed.type('policy', 'attach', 'good.yaml', ...way(bed), '--yes', '--no-gate')
    return { bed, ...(await bed.ask('policy', 'gate', ...way(bed))) }
  },
}

const about = ({ findings }: Json) => (findings ?? []).filter(({ code }) => /implies|inferences|bootstrap/.test(code))
const silent = {
  kind: 'answer',
  service: 'identity',
  method: 'GET',
  path: '^/v3/role_inferences$',
  status: 500,
} as const

describe.each(Object.keys(commands))('policy %s', (name) => {
  const ask = async (bed: DeliveryTestBed) => commands[name]?.(bed) ?? Promise.reject(new Error(name))

  test('says nothing of the rows of bootstrap', async () => {
    const { code, document } = await ask(await cloudWith([]))
    expect(code).toBe(0)
    expect(about(document)).toEqual([])
  })

  test('judges by other rows without an objection', async () => {
    const { code, document } = await ask(await cloudWith([['auditor', 'reader']]))
    expect(code).toBe(0)
    const [told, ...others] = about(document)
    expect(others).toEqual([])
    expect(told).toMatchObject({ code: 'delivery/unlike-bootstrap', severity: 'info' })
    expect(told?.message).toContain('has auditor > reader as well')
  })

  test('refuses a cloud on which a role of tenants implies admin or a role that tenants must not have', async () => {
    const { code, document } = await ask(
      await cloudWith([
        ['manager', 'admin'],
        ['member', 'manager'],
      ]),
    )
    expect(code).toBe(3)
    expect(about(document)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'delivery/role-implies-admin', severity: 'error', where: 'role manager' }),
        expect.objectContaining({ code: 'delivery/role-implies-admin', severity: 'error', where: 'role member' }),
        expect.objectContaining({ code: 'delivery/managed-role-implies', severity: 'error', where: 'role member' }),
      ]),
    )
  })

  test('has not shown it where the list cannot be read', async () => {
    const { code, document } = await ask(await cloudWith([], { faults: [silent] }))
    expect(code).toBe(3)
    expect((document.findings ?? []).filter(({ severity }) => ['error', 'unknown'].includes(severity))).toMatchObject([
      { code: 'delivery/inferences-not-shown', severity: 'unknown' },
    ])
  })
})

test('an attach without a gate is not held up by a list that cannot be read', async () => {
  const bed = await cloudWith([], { faults: [silent] })
  const { code, document } = await bed.ask('policy', 'attach', 'good.yaml', ...way(bed), '--yes', '--no-gate')
  expect(code).toBe(0)
  expect(about(document)).toMatchObject([{ code: 'delivery/inferences-not-shown', severity: 'warning' }])
})

test('answers are compared with the rows of the cloud: one that was upgraded without bootstrap is like its release', async () => {
  const bed = await openDeliveryTestBed({ preset: 'epoxy' })
  beds.push(bed)
  const admin = bed.cloud.state.roles.find(({ name }) => name === 'admin')?.id ?? ''
  const member = bed.cloud.state.roles.find(({ name }) => name === 'member')?.id ?? ''
  bed.cloud.state.inferences.deleteWhere(({ priorId }) => priorId === admin)
  bed.cloud.state.inferences.set('admin/member', { priorId: admin, impliedId: member })
  const { document } = await bed.ask('policy', 'advise')
  expect(codesOf(document)).not.toContain('delivery/unlike-any')
  expect(document.releaseNames).toEqual(['27.1.0', '28.1.0', '29.1.0', '30.0.0'])
  expect(about(document).map(({ message }) => message)).toEqual([
    expect.stringContaining('this cloud has admin > member as well, and lacks admin > manager;'),
  ])
  expect(document.roleInferences).toContainEqual(['admin', 'member'])
})
