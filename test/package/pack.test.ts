/** What `npm pack` packs is whole: it runs in an empty folder, with its dependencies alone. `npm run build` first. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const packed = z.array(z.object({ filename: z.string() }))

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packed-'))
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder])
  const [file] = packed.parse(JSON.parse(stdout.slice(stdout.indexOf('['))))
  const installed = join(folder, 'node_modules', 'tenant-onboard')
  await mkdir(installed, { recursive: true })
  await run('tar', ['xzf', join(folder, file?.filename ?? ''), '--strip-components=1', '-C', installed])
  // as an installation has them: production dependencies only
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')))
  for (const name of Object.keys(dependencies)) {
    await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true })
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  program = join(installed, 'dist', 'tenant-onboard.js')
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
  const at = join(folder, 'node_modules', 'tenant-onboard')
  expect(await readFile(join(at, 'examples/acme/tenant.yaml'), 'utf8')).toContain('tenant: acme')
  expect(await readFile(join(at, 'docs/findings.md'), 'utf8')).toContain('## plan/cannot-look')
  const { code, text } = await type('policy', 'lint', join(at, 'examples/policy/charm.yaml'))
  expect(text).toContain('examples/policy/charm.yaml')
  expect(code, text).not.toBe(1)
})
