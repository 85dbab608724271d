/** The documented path on real services, by the commands that are printed: on the default base and on the charm's. */
import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { isSample } from '../sweep-share.ts'
import { findLab, removeOverrides, runLab } from './cloud.ts'

let bed: TestBed

beforeEach(async () => {
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: (await findLab()).cloudsYaml }, undefined, {
    isTerminal: true,
    confirm: () => Promise.resolve(true),
  })
})

afterEach(() => bed.remove())
afterAll(() => runLab('reset'))

async function type(line: string): Promise<string> {
  const { code, out, err } = await bed.run(...line.split(' '))
  expect(code, `${line}\n${out}${err}`).toBe(0)
  return out
}

// minutes each; a sample takes the base of the clouds that need an override most
const bases = isSample ? (['charm'] as const) : (['default', 'charm'] as const)

test.each(bases)(
  'on the %s base: advise, build, attach, a tenant, and back to nothing',
  { timeout: 1_800_000 },
  async (base) => {
    await runLab('reset')
    const { main } = (await findLab()).keystones
    if (base === 'charm') await runLab('keystone', 'charm')
    await removeOverrides(main)
    // the charm's ids are in the file that Keystone reads
    const ground = base === 'charm' ? ` --base ${main.basePolicy}` : ''
    const out = await type(`policy advise --cloud lab --policy-dir ${main.policyDir}${ground}`)
    const printed = out.split('\n').filter((line) => line.startsWith('  tenant-onboard '))
    expect(printed.map((line) => line.trim().split(' ')[2])).toEqual(['build', 'attach'])
    for (const line of printed) await type(line.trim().slice('tenant-onboard '.length))
    expect(await readdir(main.policyDir)).toEqual(['domain-manager.yaml'])
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    await type(`preflight ${file} --probe`)
    await type(`plan ${file}`)
    await type(`apply ${file} --no-wait`)
    await type(`apply ${file} --no-wait`)
    for (const command of ['status', 'verify', 'report']) await type(`${command} ${file}`)
    await type(`audit ${file}`)
    await type(`audit ${file} --deep`)
    await type(`rotate ${file} --account svc --yes`)
    await type(`offboard ${file} --dry-run`)
    expect(await type(`offboard ${file} --confirm acme`)).toContain('nothing of acme is left')
    await type(`policy rollback --cloud lab --policy-dir ${main.policyDir}`)
  },
)
