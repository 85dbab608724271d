/** What `npm pack` packs is whole: it runs in an empty folder, with its dependencies alone. `npm run build` first. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { installPacked } from './installed.ts'

const run = promisify(execFile)

let folder: string
let at: string
let program: string

beforeAll(async () => {
  ;({ folder, at } = await installPacked())
  program = join(at, 'dist', 'tenant-onboard.js')
  await mkdir(join(folder, 'empty'))
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

type Ended = { readonly code: number; readonly text: string }

async function type(...argv: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: join(folder, 'home') }
  const child = run(process.execPath, [program, ...argv], { cwd: join(folder, 'empty'), env })
  return child.then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = z
        .object({ code: z.number(), stdout: z.string(), stderr: z.string() })
        .parse(error)
      return { code, text: stdout + stderr }
    },
  )
}

test('its first command is the demo', async () => {
  await mkdir(join(folder, 'home'))
  const { code, text } = await type('demo')
  expect(code, text).toBe(0)
  expect(text).toContain('acme matches its file')
  expect(text).toContain('acme: isolated')
}, 120_000)

test.each([
  [['--version'], '0.1.0'],
  [['policy', 'build'], 'identity:'],
  [['policy', 'matrix'], 'update_user'],
  [['policy', 'prove'], 'claims'],
  [['explain', 'plan/conflict'], 'plan/conflict'],
])('%j runs', async (argv, expected) => {
  const { text } = await type(...argv)
  expect(text).toContain(expected)
})

test('the examples and the documents are in it', async () => {
  expect(await readFile(join(at, 'examples/acme/tenant.yaml'), 'utf8')).toContain('tenant: acme')
  expect(await readFile(join(at, 'docs/findings.md'), 'utf8')).toContain('## plan/cannot-look')
  const { code, text } = await type('policy', 'lint', join(at, 'examples/policy/charm.yaml'))
  expect(text).toContain('examples/policy/charm.yaml')
  expect(code, text).not.toBe(1)
})
