import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { broken, openCrashTestBed, standing, undisturbedApply } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/* What a person or a supervisor does to a running `apply`. A real process; `npm run build` first. */

let undisturbed: readonly string[]
let bed: CrashTestBed

beforeAll(async () => {
  undisturbed = await undisturbedApply()
})

beforeEach(async () => {
  bed = await openCrashTestBed()
})

afterEach(() => bed.remove())

const apply = () => ['apply', bed.file, '--yes']

async function again(): Promise<readonly string[]> {
  return broken(bed, await bed.type(apply()), undisturbed)
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s: the step under way is finished, exit 4, and the same command continues',
  async (signal) => {
    const first = await typeInChild(bed, apply(), {
      around: async ({ at, child }, go) => {
        if (at === 12) child.kill(signal)
        return go()
      },
    })
    expect(first.code, first.text).toBe(4)
    expect(first.text).toContain(`${signal}: finishing the current step; press again to stop at once`)
    expect(first.text).toMatch(/stopped as requested; run the same command again to continue/)
    expect(standing(bed.cloud)).not.toEqual(undisturbed)
    expect(await again()).toEqual([])
  },
)

test('twice stops at once', async () => {
  const first = await typeInChild(bed, apply(), {
    around: async ({ at, child }, go) => {
      if (at === 12) {
        child.kill('SIGINT')
        setTimeout(() => child.kill('SIGINT'), 20)
      }
      return go()
    },
  })
  expect(first.code, first.text).toBe(4)
  expect(await again()).toEqual([])
})

test('two at once: one works, the other is told who does', async () => {
  const { text } = await typeInChild(bed, apply(), {
    shell: (command) => `${command} & until [ -e began ]; do sleep 0.05; done
      ${command} 2>&1 | sed 's/^/second: /'; echo "second ended with \${PIPESTATUS[0]}"
      touch ended; wait $!; echo "first ended with $?"`,
    // the first has its lock when it changes something, and waits there for the second
    around: async ({ at }, go) => {
      if (at === 1) await writeFile(join(bed.folder, 'began'), '')
      for (let i = 0; at === 1 && i < 200 && !existsSync(join(bed.folder, 'ended')); i++) await sleep(50)
      return go()
    },
  })
  expect(text).toContain('first ended with 0')
  expect(text).toContain('second ended with 4')
  expect(text).toMatch(/second: .*another command works on this tenant: apply, pid \d+, since/)
  expect(await again()).toEqual([])
})

test('a reader that goes away stops nothing', async () => {
  const { code, text } = await typeInChild(bed, apply(), {
    shell: (command) => `${command} 2>&1 | head -n 1; exit "\${PIPESTATUS[0]}"`,
  })
  expect(text.split('\n').filter((line) => line !== '')).toHaveLength(1)
  expect(code, text).toBe(0)
  expect(await again()).toEqual([])
})

test('output cut by head ends without a word', async () => {
  const { code, text } = await typeInChild(bed, ['policy', 'matrix'], {
    shell: (command) => `${command} | head -n 1; exit "\${PIPESTATUS[0]}"`,
  })
  expect(text.split('\n').filter((line) => line !== '')).toHaveLength(1)
  expect(code).toBe(0)
})
