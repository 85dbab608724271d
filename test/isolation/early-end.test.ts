/** What `verify` saw before an end is told: silence, Ctrl-C, a service that goes away, a data directory that is full. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import { success } from '../../src/success.ts'
import { exampleTenant, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed

afterEach(() => bed.remove())

const verify = ['verify', 'tenant.yaml'] as const

/** A tenant as far as its network. `end` happens in the first phase of `verify`. */
async function open(
  end: (stop: AbortController) => void,
  meet: (url: string, answer: () => ReturnType<Fetch>) => ReturnType<Fetch>,
) {
  const { cloud, clock } = simulate()
  const stop = new AbortController()
  let isOn = false
  const fetch: Fetch = (url, init) => {
    if (isOn && /\/v2\.0\/rbac-policies/.test(url)) end(stop)
    return isOn ? meet(url, () => cloud.fetch(url, init)) : cloud.fetch(url, init)
  }
  bed = await openTestBed(operatorOf(cloud), fetch, { stop: stop.signal }, clock)
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', 'tenant.yaml', '--yes', '--until', 'network')
  expect(code, err).toBe(0)
  isOn = true
  return { cloud }
}

async function recorded(): Promise<string> {
  const text = await readFile(join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'evidence.jsonl'), 'utf8')
  return text.trimEnd().split('\n').at(-1) ?? ''
}

test('Ctrl-C: the families under way are finished, and their verdicts told', async () => {
  const { cloud } = await open(
    (stop) => {
      stop.abort()
    },
    (_, answer) => answer(),
  )
  const { code, out, err } = await bed.run(...verify)
  expect(code, err).toBe(4)
  expect(out).toContain('isolation/not-finished')
  expect(out).toContain('stopped as requested')
  expect(out).toMatch(/ok +logins/)
  expect(out).not.toContain(success.verify('acme'))
  expect(await recorded()).toContain('isolation/not-finished')
  expect(cloud.state.users.some(({ name }) => name.startsWith('tenant-onboard-probe'))).toBe(false)
})

test.each(['silence', 'gone'] as const)('a service ends in %s: the verdicts of the others are told', async (how) => {
  await open(
    () => undefined,
    (url, answer) => {
      if (!/\/v2\.0\/rbac-policies|\/v2\.0\/quotas/.test(url)) return answer()
      if (how === 'gone')
        return Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
        )
      return new Promise(() => undefined)
    },
  )
  const { code, out, err } = await bed.run(...verify)
  expect(code, err).toBe(3)
  expect(out).toMatch(/ok +logins/)
  expect(out).toMatch(/NO +network/)
  expect(out).not.toContain(success.verify('acme'))
  expect(await recorded()).toContain('"ok":false')
})
