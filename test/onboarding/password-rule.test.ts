import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { privateFolder, writePrivate } from '../../src/tenant/private-file.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

// no character of base64url but letters and digits counts as special here
const password_regex = '^(?=.*\\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[#?])[A-Za-z\\d#?]{8,20}$'
const fits = new RegExp(password_regex)
const securityCompliance = { password_regex, password_regex_description: 'a # or ?, at most 20 long' }

async function openStrict(): Promise<string> {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, securityCompliance })
  return bed.write('acme.yaml', (await exampleTenant('acme')).replace(/    template:[^]*$/, ''))
}

const secretsFolder = (): string => join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'secrets')
const stored = async (name: string): Promise<string> =>
  (await readFile(join(secretsFolder(), `${name}.password`), 'utf8')).trim()

test('throwaway and real passwords fit the rule that the cloud tells', async () => {
  const file = await openStrict()
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, out + err).toBe(0)
  for (const name of ['domain-admin', 'cluster', 'svc']) expect(await stored(name)).toMatch(fits)
})

test('a stored password that the rule refuses was never accepted, and is replaced', async () => {
  const file = await openStrict()
  await privateFolder(secretsFolder())
  await writePrivate(join(secretsFolder(), 'domain-admin.password'), 'onlyLettersAnd1Digit\n')
  const { code, out, err } = await bed.run('apply', file, '--yes', '--until', 'self-service')
  expect(code, out + err).toBe(0)
  expect(await stored('domain-admin')).toMatch(fits)
})

test('rotate fits the rule, also where an earlier one left a password that was refused', async () => {
  const file = await openStrict()
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  const before = await stored('cluster')
  await writeFile(join(secretsFolder(), 'cluster.password.next'), 'onlyLettersAnd1Digit\n', { mode: 0o600 })
  const { code, out, err } = await bed.run('rotate', file, '--account', 'cluster', '--yes')
  expect(code, out + err).toBe(0)
  expect(await stored('cluster')).toMatch(fits)
  expect(await stored('cluster')).not.toBe(before)
})
