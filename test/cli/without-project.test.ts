/** An entry of clouds.yaml that names no project signs in, and then finds no service. */
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed

afterEach(() => bed.remove())

test.each(['preflight', 'plan'])(
  '%s says what the entry lacks, and not that the cloud has no service',
  async (command) => {
    const { cloud, clock } = simulate()
    const whole = operatorOf(cloud)
    const { OS_PROJECT_NAME: _, OS_PROJECT_DOMAIN_NAME: __, ...env } = whole
    bed = await openTestBed(env, cloud.fetch, {}, clock)
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const { code, err } = await bed.run(command, file)
    expect(code).toBe(2)
    expect(err).toContain('`admin` signed in without a project')
    expect(err).not.toContain('catalog')
  },
)

test('with a project the same command does its work', async () => {
  const { cloud, clock } = simulate()
  bed = await openTestBed(operatorOf(cloud), cloud.fetch, {}, clock)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('plan', file)).code).toBe(0)
})
