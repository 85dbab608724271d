import { execFile } from 'node:child_process'
import { chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { broken, openCrashTestBed, standing, undisturbedApply } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/*
 * Homes that cannot be written: full, read-only, somebody else's, a link. A real process on a real file system; mounting one
 * needs root, as the lab does. `npm run build` first.
 */

const call = promisify(execFile)

let undisturbed: readonly string[]
let bed: CrashTestBed
let home: string

beforeAll(async () => {
  undisturbed = await undisturbedApply()
})

beforeEach(async () => {
  bed = await openCrashTestBed()
  home = join(bed.folder, 'tenant-onboard')
  await mkdir(home)
})

afterEach(async () => {
  await call('umount', [home]).catch(() => undefined)
  await bed.remove()
})

const apply = () => typeInChild(bed, ['apply', bed.file, '--yes'])

/** Nothing of a tenant: what an untouched cloud has. */
async function untouched(): Promise<readonly string[]> {
  const fresh = await openCrashTestBed()
  await fresh.remove()
  return standing(fresh.cloud)
}

test.each([24, 32, 40, 48, 64, 80])('a disk with %i kB left, and then with more', async (kilobytes) => {
  await call('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', home])
  const first = await apply()
  expect(first.code, first.text).toBe(4)
  expect(first.text).toMatch(/ENOSPC, no space is left; then run the same command again to continue/)
  expect(first.text).not.toMatch(/\n +at /)
  await call('mount', ['-o', 'remount,size=10m', home])
  const second = await bed.type(['apply', bed.file, '--yes'])
  expect(await broken(bed, second, undisturbed)).toEqual([])
})

test('a data directory on a read-only file system changes nothing, and then works', async () => {
  await call('mount', ['-t', 'tmpfs', '-o', 'size=10m,mode=0700', 'tmpfs', home])
  await call('mount', ['-o', 'remount,ro', home])
  const first = await apply()
  expect(first.code, first.text).toBe(4)
  expect(first.text).toMatch(/EROFS, the file system is read-only/)
  expect(standing(bed.cloud)).toEqual(await untouched())
  await call('mount', ['-o', 'remount,rw', home])
  expect(await broken(bed, await bed.type(['apply', bed.file, '--yes']), undisturbed)).toEqual([])
})

test("somebody else's folder is not written to, and nothing is changed", async () => {
  const tenant = join(home, 'lab', 'acme')
  await mkdir(tenant, { recursive: true })
  await chown(tenant, 65534, 65534)
  const first = await apply()
  expect(first.code, first.text).toBe(2)
  expect(first.text).toMatch(/belongs to uid 65534/)
  expect(standing(bed.cloud)).toEqual(await untouched())
  await chown(tenant, 0, 0)
  expect(await broken(bed, await bed.type(['apply', bed.file, '--yes']), undisturbed)).toEqual([])
})

test('a link where a secret should go is not followed, and the account that it would be of is not made', async () => {
  const secrets = join(home, 'lab', 'acme', 'secrets')
  await mkdir(secrets, { recursive: true, mode: 0o700 })
  const target = join(bed.folder, 'elsewhere')
  await writeFile(target, '')
  await symlink(target, join(secrets, 'domain-admin.password'))
  const first = await apply()
  expect(first.code, first.text).toBe(2)
  expect(first.text).toMatch(/a secret is never read through a link|is not an ordinary file/)
  expect(await readFile(target, 'utf8')).toBe('')
  expect(bed.cloud.state.users.find(({ name }) => name.startsWith('acme'))).toBeUndefined()
  await rm(join(secrets, 'domain-admin.password'))
  expect(await broken(bed, await bed.type(['apply', bed.file, '--yes']), undisturbed)).toEqual([])
})
