/** With `-o json` a script gets one document, whatever happens. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

beforeEach(async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
})

afterEach(() => bed.remove())

test.each([['-o', 'json'], ['-ojson'], ['--output', 'json'], ['--output=json']])(
  'every problem of a file: %j',
  async (...option) => {
    await bed.write('tenant.yaml', 'tenant: A B\ncloud: lab\nquota: {}\n')
    const { code, out, err } = await bed.run('plan', 'tenant.yaml', ...option)
    expect(code).toBe(2)
    const document = JSON.parse(out) as Record<string, unknown>
    expect(document).toMatchObject({ ok: false, exitCode: 2, because: [] })
    const { problems } = document as { problems: readonly { file: string; line: number }[] }
    expect(problems.length).toBeGreaterThan(1)
    expect(problems[0]).toMatchObject({ line: 1 })
    expect(err).toContain('tenant.yaml:1')
  },
)

test('a command line that is wrong', async () => {
  const { code, out } = await bed.run('plan', '--no-such-option', '-o', 'json')
  expect(code).toBe(2)
  expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: 2 })
})

test('a refusal of the cloud, with its request', async () => {
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  const admin = bed.cloud.state.users.find(({ name }) => name === 'admin')
  if (admin === undefined) throw new Error('there is an admin')
  bed.cloud.state.users.set(admin.id, { ...admin, enabled: false })
  const { code, out } = await bed.run('plan', 'tenant.yaml', '-o', 'json')
  expect(code).toBe(4)
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    request: { service: 'identity', method: 'POST', status: 401 },
  })
})

test('a document of the command stays the only one', async () => {
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  for (const argv of [
    ['plan', 'tenant.yaml', '-o', 'json'],
    ['apply', 'tenant.yaml', '--yes', '-o', 'json'],
    ['plan', 'tenant.yaml', '--exit-code', '-o', 'json'],
  ]) {
    const { out } = await bed.run(...argv)
    expect(JSON.parse(out)).toMatchObject({ tenant: 'acme' })
  }
})
