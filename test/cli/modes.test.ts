/** Files that a command writes where the user says. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

test('reports, bundles and JUnit files are private, and a policy is readable for Keystone', async () => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/    template:[^]*$/, '')))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  const mode = async (name: string): Promise<string> => ((await stat(join(bed.folder, name))).mode & 0o777).toString(8)
  await bed.run('report', 'tenant.yaml', '--out', 'report.html', '--bundle', 'bundle.tar.gz')
  expect(await mode('report.html')).toBe('600')
  expect(await mode('bundle.tar.gz')).toBe('600')
  await bed.run('verify', 'tenant.yaml', '--junit', 'verify.xml')
  expect(await mode('verify.xml')).toBe('600')
  await bed.run('policy', 'build', '--out', 'override.yaml')
  expect(await mode('override.yaml')).toBe('644')
})

test.each([
  ['report', 'tenant.yaml', '--out'],
  ['report', 'tenant.yaml', '--bundle'],
  ['verify', 'tenant.yaml', '--junit'],
  ['policy', 'build', '--out'],
  ['policy', 'build', '--zip'],
])('%s %s %s into a folder that is not there', async (...argv) => {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace(/    template:[^]*$/, '')))
  expect((await bed.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  const { code, err } = await bed.run(...argv, 'not-there/file.html')
  expect(code, err).toBe(2)
  expect(err).toContain('not-there/file.html`: its folder is not there')
})
