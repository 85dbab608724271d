/** `apply --until STAGE` says nothing of the stages that it did not look at. */
import { afterEach, expect, test } from 'vitest'
import { success } from '../../src/success.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

test('a tenant whose cluster is not made does not match its file', async () => {
  bed = await openSimulated()
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  for (const stage of ['self-service', 'self-service', 'template', 'template']) {
    const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes', '--until', stage)
    expect(code, out + err).toBe(0)
    expect(out).toContain(success['apply --until']('acme', stage))
    expect(out).not.toContain(success.apply('acme'))
  }
  expect(bed.cloud.state.clusters.some(() => true)).toBe(false)
  const accepted = await bed.run('apply', 'tenant.yaml', '--yes', '--no-wait')
  expect(accepted.out).toContain(success['apply --no-wait']('acme'))
  expect(accepted.out).not.toContain(success.apply('acme'))
  const { code, out } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code).toBe(0)
  expect(out).toContain(success.apply('acme'))
})
