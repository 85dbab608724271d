import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

/* How long one request may take: `api_timeout` of the cloud, and the option that beats it. */

let bed: TestBed | undefined

afterEach(() => bed?.remove())

async function plan(timeout: string | undefined, ...options: readonly string[]) {
  const { cloud, clock } = simulate()
  const env = { ...operatorOf(cloud), ...(timeout === undefined ? {} : { OS_API_TIMEOUT: timeout }) }
  bed = await openTestBed(env, () => new Promise(() => undefined), {}, clock)
  return bed.run('plan', await bed.write('tenant.yaml', await exampleTenant('acme')), ...options)
}

test.each([
  ['nobody says more', undefined, [], '60'],
  ['the cloud has one', '2.5', [], '2.5'],
  ['the option beats it', '90', ['--api-timeout', '7'], '7'],
])('a request ends by its time: %s', async (_, timeout, options, seconds) => {
  const { code, err } = await plan(timeout, ...options)
  expect(err).toContain(`no answer within ${seconds} s`)
  expect(code).toBe(4)
})

test.each([
  ['soon', [], 'OS_API_TIMEOUT: `api_timeout` is `soon` (seconds above 0'],
  ['0', [], 'OS_API_TIMEOUT: `api_timeout` is `0` (seconds above 0'],
  [undefined, ['--api-timeout', '-1'], '`--api-timeout` is `-1` (seconds above 0'],
  [undefined, ['--api-timeout', '99999999'], '`--api-timeout` is `99999999` (seconds above 0'],
])('%s %j is no time', async (timeout, options, message) => {
  const { code, err } = await plan(timeout, ...options)
  expect(err).toContain(message)
  expect(code).toBe(2)
})
