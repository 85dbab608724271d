import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { typeInChild } from './child.ts'
import { openCrashTestBed, standing } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/* Throwaway domains of single commands, killed by a real SIGKILL. `npm run build` first. */

let bed: CrashTestBed

beforeEach(async () => {
  bed = await openCrashTestBed()
})

afterEach(() => bed.remove())

/** Kills it after the change whose body matches, or before the first one of the removal of what that made. */
async function killAt(argv: readonly string[], made: RegExp, when: 'made' | 'removed'): Promise<void> {
  let id = ''
  const { signal, text } = await typeInChild(bed, argv, {
    async around({ child, request }, go) {
      const body = await request.clone().text()
      const isRemoval = id !== '' && request.url.endsWith(`/v3/domains/${id}`)
      if (when === 'removed' && isRemoval) child.kill('SIGKILL')
      const answer = await go()
      if (request.method === 'POST' && request.url.endsWith('/v3/domains') && made.test(body)) {
        id = ((await answer.clone().json()) as { domain: { id: string } }).domain.id
        if (when === 'made') child.kill('SIGKILL')
      }
      return answer
    },
  })
  expect(signal, text).toBe('SIGKILL')
  expect(standing(bed.cloud).filter((one) => made.test(one))).not.toEqual([])
}

const records = async (): Promise<readonly string[]> =>
  (await readdir(join(bed.folder, 'tenant-onboard/lab/acme'))).filter((name) => name.startsWith('probe-runs'))

test.each(['made', 'removed'] as const)(
  'the domain with which `preflight --probe` looks at a dashboard, killed when it is %s, is removed by the next one',
  async (when) => {
    const command = ['preflight', bed.file, '--probe']
    expect((await bed.type(command)).code).toBe(0)
    // nobody answers there
    const cloudFile = join(bed.folder, 'tenant-onboard/lab/cloud.yaml')
    await writeFile(cloudFile, 'version: 1\nhorizon_url: http://127.0.0.1:9/horizon\n')
    const before = standing(bed.cloud)
    await killAt(command, /-dashboard/, when)
    const { code, text } = await bed.type(command)
    expect(code, text).toBe(0)
    expect(standing(bed.cloud)).toEqual(before)
    expect(await records()).toEqual([])
  },
)

test.each(['made', 'removed'] as const)(
  'the domain that stands in for a tenant with its own credentials, killed when it is %s, is removed by the next `verify`',
  async (when) => {
    const recipient = await identityToRecipient(await generateIdentity())
    await writeFile(bed.file, `${await readFile(bed.file, 'utf8')}handover:\n  recipient: ${recipient}\n`)
    expect((await bed.type(['apply', bed.file, '--yes'])).code).toBe(0)
    expect((await bed.type(['handover', bed.file, '--yes'])).code).toBe(0)
    const before = standing(bed.cloud)
    await killAt(['verify', bed.file], /-stand-in/, when)
    const { code, text } = await bed.type(['verify', bed.file])
    expect(code, text).toBe(0)
    expect(standing(bed.cloud)).toEqual(before)
    expect(await records()).toEqual([])
  },
)

test('what a killed `diagnose` made is removed by the next one', async () => {
  expect((await bed.type(['apply', bed.file, '--yes', '--until', 'credentials'])).code).toBe(0)
  const before = standing(bed.cloud)
  const folder = join(bed.folder, 'tenant-onboard/lab/acme')
  const files = await readdir(folder)
  await killAt(['diagnose', bed.file], /tenant-onboard-probe/, 'made')
  await bed.type(['diagnose', bed.file])
  expect(standing(bed.cloud)).toEqual(before)
  expect(await readdir(folder)).toEqual(files)
})
