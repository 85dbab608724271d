import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { openCrashTestBed, standing } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/* The probes of `policy gate` and `policy advise`, killed by a real SIGKILL. `npm run build` first. */

let bed: CrashTestBed

beforeEach(async () => {
  bed = await openCrashTestBed()
})

afterEach(() => bed.remove())

test.each([
  ['gate', 20],
  ['gate', 40],
  ['advise', 2],
  ['advise', 15],
])('what a killed `policy %s` left at change %i is removed by the same command at once', async (command, at) => {
  const before = standing(bed.cloud)
  const { signal } = await typeInChild(bed, ['policy', command], {
    async around({ at: now, child }, go) {
      const answer = await go()
      if (now === at) child.kill('SIGKILL')
      return answer
    },
  })
  expect(signal).toBe('SIGKILL')
  expect(standing(bed.cloud), 'something was left').not.toEqual(before)
  const { code, text } = await bed.type(['policy', command])
  expect([0, 3], text).toContain(code)
  expect(standing(bed.cloud)).toEqual(before)
  // and nothing is left in the data directory
  expect(existsSync(join(bed.folder, 'tenant-onboard', 'envvars', '_policy', 'probing'))).toBe(false)
})
