/**
 * The library, as a user of the package has it: each example of examples/library compiles under a strict TypeScript that also
 * checks our declarations, and runs. `npm run build && npm run build:types` first.
 */
import { execFile } from 'node:child_process'
import { cp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installPacked } from './installed.ts'

const run = promisify(execFile)

let folder: string

beforeAll(async () => {
  ;({ folder } = await installPacked(['typescript', '@types/node']))
  await symlink(join(process.cwd(), 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'))
  await cp('examples/library', folder, { recursive: true })
  const options = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: 'out',
  }
  const config = { compilerOptions: { ...options, types: ['node'] }, include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('a strict TypeScript accepts the examples and the declarations', async () => {
  const tsc = join(folder, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).catch((error: unknown) => {
    throw new Error(String((error as { stdout?: unknown }).stdout), { cause: error })
  })
  expect(stdout).toBe('')
}, 300_000)

const printed = [
  ['evaluate-a-rule', { own: 'allow', foreign: 'deny' }],
  ['openstack-in-a-test', { hasAcme: true, status: 200 }],
  [
    'onboard-from-code',
    {
      planned: expect.any(Number) as number,
      obstacles: 0,
      ok: true,
      left: 0,
      probes: expect.any(Number) as number,
      validated: ['preflight', 'domain', 'self-service', 'isolation', 'credentials', 'network'],
    },
  ],
] as const

async function examples(): Promise<readonly string[]> {
  return (await readdir('examples/library')).flatMap((name) => /^(.+)\.ts$/.exec(name)?.[1] ?? []).sort()
}

test('every example is run', async () => {
  expect(await examples()).toEqual(printed.map(([name]) => name).sort())
})

test.each(printed)(
  '%s runs',
  async (name, expected) => {
    const env = { PATH: process.env['PATH'], HOME: folder }
    const { stdout } = await run(process.execPath, [join(folder, 'out', `${name}.js`)], { cwd: folder, env })
    expect(JSON.parse(stdout)).toEqual(expected)
  },
  120_000,
)

test('docs/library.md shows each example as it is', async () => {
  const page = await readFile('docs/library.md', 'utf8')
  for (const name of await examples())
    expect(page).toContain((await readFile(`examples/library/${name}.ts`, 'utf8')).trim())
})
