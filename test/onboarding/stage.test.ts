import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { stagesThrough } from '../../src/onboarding/stage.ts'
import { stages } from '../../src/onboarding/stages.ts'
import { operatorStages } from '../../src/onboarding/stages/envelope.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { stagesAskedBy } from '../../src/tenant/stage.ts'
import type { StageName } from '../../src/tenant/stage.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import type { Tenant } from '../../src/tenant/tenant.ts'

/** The example tenant without what begins at a line. */
async function tenantWithout(part: RegExp): Promise<Tenant> {
  const text = (await readFile('examples/acme/tenant.yaml', 'utf8')).replace(part, '')
  return tenantOf(parseSpec('tenant.yaml', text), {})
}

const whole = await tenantWithout(/^$/)

const all = stages.map(({ name }) => name)

test.each<readonly [string, readonly (StageName | undefined)[], readonly StageName[]]>([
  ['no limit', [], all],
  ['limits that are absent', [undefined, undefined], all],
  ['one limit', ['self-service'], ['domain', 'self-service']],
  ['the earlier of two', ['network', 'isolation'], ['domain', 'self-service', 'isolation']],
  ['one of two absent', [undefined, 'domain'], ['domain']],
  ['a limit before the first', ['preflight'], []],
  ['the last stage', ['cluster'], all],
])('%s', (_, limits, names) => {
  expect(stagesThrough(stages, whole, ...limits).map(({ name }) => name)).toEqual(names)
})

test('a limit that is no stage of these is a place in the order all the same', () => {
  expect(stagesThrough(operatorStages, whole, 'network')).toEqual(operatorStages)
})

test.each([
  ['a cluster', /    cluster:[^]*$/, ['cluster']],
  ['a template', /    template:[^]*$/, ['template', 'cluster']],
  ['a network', /    network:\n[^]*$/, ['network', 'template', 'cluster']],
] as const)('a file without %s asks for no such stage, and nothing is made or read there', async (_, part, without) => {
  const tenant = await tenantWithout(part)
  expect(all.filter((name) => !stagesAskedBy(tenant.spec).has(name))).toEqual(without)
  const reached = stagesThrough(stages, tenant)
  expect(all.filter((name) => !reached.some((stage) => stage.name === name))).toEqual(without)
  const idle = stages.filter((stage) => !reached.includes(stage))
  expect(idle.flatMap((stage) => stage.resources(tenant))).toEqual([])
})
