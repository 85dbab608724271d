/** A quota below its use is not as asked, and a project that left the file is told when the plan is made. */
import { readFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

const plain = (text: string): string => text.replace(/    template:[^]*$/, '')
const plan = ['plan', 'tenant.yaml', '--exit-code']

async function openApplied(): Promise<void> {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', plain))
  const { code, out } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, out).toBe(0)
  expect((await bed.run(...plan)).code).toBe(0)
}

test('a quota below its use is told by plan, and apply changes nothing', async () => {
  await openApplied()
  const { state } = bed.cloud
  const project = state.projects.find(({ name }) => name === 'acme-prod')
  const network = state.networks.find(({ project_id }) => project_id === project?.id)
  if (network === undefined) throw new Error('the tenant has a network')
  for (let count = 0; count < 10; count += 1)
    state.networks.set(`more-${count}`, { ...network, id: `more-${count}`, name: `more-${count}` })
  const { code, out } = await bed.run(...plan)
  expect(code).toBe(3)
  expect(out).toContain('plan/quota-below-use')
  expect(out).toMatch(/network \d+, in use 11/)
  expect(out).not.toContain('nothing to do')
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(3)
})

test('a project that the file names no more is told, with the ways', async () => {
  await openApplied()
  const text = await readFile(`${bed.folder}/tenant.yaml`, 'utf8')
  await bed.write('tenant.yaml', text.replace('name: prod', 'name: prod2'))
  const { code, out } = await bed.run(...plan)
  expect(code).toBe(3)
  expect(out).toContain('preflight/project-not-in-file')
  expect(out).toContain('project acme-prod')
  expect(out).toContain('openstack project set --name')
  const applied = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(applied.code).toBe(3)
  expect(bed.cloud.state.projects.find(({ name }) => name === 'acme-prod2')).toBeUndefined()
})
