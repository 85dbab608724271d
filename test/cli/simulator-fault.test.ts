/** A fault can be rehearsed: a simulator that is served with one still has the domain manager. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'

async function served(argv: readonly string[], story: (clouds: string) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  let out = ''
  let tell: (clouds: string) => void = () => undefined
  const printed = new Promise<string>((resolve) => (tell = resolve))
  const serving = run(['simulator', 'serve', ...argv], {
    env: {},
    cwd: process.cwd(),
    home: process.cwd(),
    out: (text) => (out += text),
    err: () => {
      tell(out)
    },
    isTerminal: false,
    hasColor: false,
    columns: 160,
    pid: process.pid,
    confirm: () => Promise.resolve(false),
    stop: stop.signal,
    now: () => new Date(),
    sleep: () => Promise.resolve(),
  })
  try {
    await story(await printed)
  } finally {
    stop.abort()
    expect(await serving).toBe(0)
  }
}

test.each([
  ['no fault', [], 0, 'preflight passed'],
  ['requests that come too fast', ['--fault', 'rate-limited'], 0, 'preflight passed'],
  ['rules for trusts that name nothing', ['--fault', 'dead-trust-rule'], 3, 'a domain manager can create a user'],
] as const)('%s', async (_, argv, expected, said) => {
  await served(argv, async (clouds) => {
    const bed = await openTestBed({}, undefined)
    try {
      await writeFile(join(bed.folder, 'clouds.yaml'), clouds)
      const plain = (text: string): string => text.replace(/^cloud: .*$/m, 'cloud: simulator')
      await bed.write('tenant.yaml', await exampleTenant('acme', plain))
      const { code, out, err } = await bed.run('preflight', 'tenant.yaml', '--probe')
      expect(code, out + err).toBe(expected)
      expect(out).toContain(said)
      expect(out).not.toMatch(/^ *no .*a domain manager can create/m)
    } finally {
      await bed.remove()
    }
  })
})
