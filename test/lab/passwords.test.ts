/** A real Keystone that demands of passwords what `[security_compliance]` can demand: a form, a change at first use, an age, no earlier one. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../src/openstack/http.ts'
import { success } from '../../src/success.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { isSample } from '../sweep-share.ts'
import { findLab, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { layManager } from './operator.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  await runLab('keystone', 'default', '--strict-passwords')
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  await bed.write('acme.yaml', (await exampleTenant('acme')).replace(/ {4}template:[^]*$/, ''))
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

const secrets = (): string => join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'secrets')

async function succeed(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await bed.run(...argv)
  expect(code, `${argv.join(' ')}: ${out}${err}`).toBe(0)
  return out
}

/** Of each account, whether Keystone takes the stored password. */
async function signIns(): Promise<readonly number[]> {
  const accounts = { 'domain-admin': 'acme-domain-admin', cluster: 'acme-cluster', svc: 'acme-svc' }
  return Promise.all(
    Object.entries(accounts).map(async ([file, name]) => {
      const password = (await readFile(join(secrets(), `${file}.password`), 'utf8')).trimEnd()
      expect(password).toMatch(/^(?=.*[#?])[A-Za-z\d#?]{8,20}$/)
      const user = { name, domain: { name: 'acme' }, password }
      const { status } = await fetch(`${lab.keystones.main.url}/auth/tokens`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
      })
      return status
    }),
  )
}

test('a tenant is probed, made, verified, rotated, handed over and removed there', async () => {
  await succeed('preflight', 'acme.yaml', '--probe')
  await succeed('apply', 'acme.yaml', '--yes')
  expect(await signIns()).toEqual([201, 201, 201])
  expect(await succeed('apply', 'acme.yaml', '--yes')).toContain(success.apply('acme'))
  if (!isSample) await succeed('verify', 'acme.yaml')
  for (const account of isSample ? ['domain-admin'] : ['domain-admin', 'cluster', 'svc'])
    await succeed('rotate', 'acme.yaml', '--account', account, '--yes')
  expect(await signIns()).toEqual([201, 201, 201])
  expect((await readdir(secrets())).filter((name) => /\.(?:first|next)$/.test(name))).toEqual([])
  await succeed('handover', 'acme.yaml')
  await succeed('offboard', 'acme.yaml', '--confirm', 'acme')
})
