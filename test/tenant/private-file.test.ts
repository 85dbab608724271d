import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  appendPrivate,
  privateFolder,
  readPrivate,
  sweepTemporaries,
  writePrivate,
} from '../../src/tenant/private-file.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a private file is 0600 and whole, and nothing is left beside it', async () => {
  const path = join(folder, 'secret')
  await writePrivate(path, 'one')
  await writePrivate(path, 'two')
  expect(await readPrivate(path)).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['secret'])
})

test('a secret is neither written nor read through a link', async () => {
  const target = join(folder, 'target')
  const link = join(folder, 'link')
  await writeFile(target, 'untouched', { mode: 0o600 })
  await symlink(target, link)
  await expect(writePrivate(link, 'secret')).rejects.toThrow(/not an ordinary file/)
  await expect(appendPrivate(link, 'secret')).rejects.toThrow(/cannot append/)
  await expect(readPrivate(link)).rejects.toThrow(/is a link/)
  expect(await readFile(target, 'utf8')).toBe('untouched')
  expect(await readPrivate(target)).toBe('untouched')
})

test('a folder is made 0700, and a link in its place is refused', async () => {
  await privateFolder(join(folder, 'a', 'b'))
  expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 'a', 'b'))).mode & 0o777).toBe(0o700)
  await symlink(join(folder, 'a'), join(folder, 'link'))
  await expect(privateFolder(join(folder, 'link'))).rejects.toThrow(/not a link/)
})

test('a mode that others can read is tightened', async () => {
  const path = join(folder, 'loose')
  await writeFile(path, 'x')
  await chmod(path, 0o644)
  expect(await readPrivate(path)).toBe('x')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await mkdir(join(folder, 'open'), { mode: 0o755 })
  await privateFolder(join(folder, 'open'))
  expect((await stat(join(folder, 'open'))).mode & 0o777).toBe(0o700)
})

test('a file that is not there is no error', async () => {
  expect(await readPrivate(join(folder, 'none'))).toBeUndefined()
})

test('where others write too, only what no write can be busy with is swept', async () => {
  const names = ['.0123456789ab.tmp', '.abcdef012345.tmp']
  for (const name of names) await writeFile(join(folder, name), 'half')
  const old = new Date(Date.now() - 120_000)
  await utimes(join(folder, names[0] ?? ''), old, old)
  await sweepTemporaries(folder, 60_000)
  expect(await readdir(folder)).toEqual(names.slice(1))
  await sweepTemporaries(folder)
  expect(await readdir(folder)).toEqual([])
  // and a folder that is not there has none
  await sweepTemporaries(join(folder, 'missing'))
})
