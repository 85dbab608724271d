import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed
let file: string

beforeEach(async () => {
  bed = await openSimulated()
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
})

afterEach(() => bed.remove())

test('verify finds the tenant confined, leaves nothing behind, and is evidence', async () => {
  const { state } = bed.cloud
  const sizes = (): number[] => [
    state.domains.size,
    state.users.size,
    state.projects.size,
    state.grants.size,
    state.networks.size,
    state.secrets.size,
  ]
  const before = sizes()
  const { code, out } = await bed.run('verify', file, '--junit', 'verdicts.xml')
  expect(out).toMatch(/acme: isolated, .*; packets: not shown/)
  expect(code).toBe(0)
  expect(sizes()).toEqual(before)
  expect(await readFile(join(bed.folder, 'verdicts.xml'), 'utf8')).toMatch(/<testsuite[^>]* failures="0"/)
  expect((await bed.run('status', file)).out).toMatch(/isolation +validated/)
})

test('audit finds a clean cloud clean, and a tenant that got a role too many not', async () => {
  const clean = await bed.run('audit', file)
  expect(clean.code, clean.out).toBe(0)
  const { state } = bed.cloud
  const user = state.users.find((one) => one.name === 'acme-svc')
  const role = state.roles.find((one) => one.name === 'admin')
  const grant = state.grants.find((one) => one.actorId === user?.id)
  if (grant === undefined || role === undefined) throw new Error('the tenant has its grants')
  state.grants.set('planted', { ...grant, roleId: role.id })
  const { code, out } = await bed.run('audit', file)
  expect(out).toContain('audit/admin-in-tenant')
  expect(code).toBe(3)
})
