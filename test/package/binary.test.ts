/** The single executable: it runs in an empty folder without anything of this repository. `npm run build:binary` first. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const built = 'dist/binary'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binary-'))
  await cp(join(built, 'tenant-onboard'), join(folder, 'tenant-onboard'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Without a PATH: there is no Node to find. */
function type(...argv: readonly string[]) {
  return run(join(folder, 'tenant-onboard'), argv, { cwd: folder, env: { HOME: folder } })
}

test('it has at most 120 MB', async () => {
  expect((await stat(join(built, 'tenant-onboard'))).size).toBeLessThanOrEqual(120e6)
})

test('it onboards, attacks and reports, and has documents and manual pages inside', async () => {
  const demo = await type('demo')
  expect(demo.stdout).toContain('acme: isolated')
  expect((await type('explain', 'plan/conflict')).stdout).toContain('plan/conflict')
  expect((await type('man')).stdout).toContain('.TH TENANT')
}, 120_000)

test('it serves the pages of the console', async () => {
  const child = execFile(join(folder, 'tenant-onboard'), ['console'], { cwd: folder, env: { HOME: folder } })
  try {
    const url = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (text) => resolve(String(text).trim())),
    )
    const { origin } = new URL(url)
    const opened = await fetch(url, { redirect: 'manual' })
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const page = await fetch(origin, { headers: { cookie } })
    const script = /src="([^"]+\.js)"/.exec(await page.text())?.[1] ?? ''
    const answered = await fetch(new URL(script, origin), { headers: { cookie } })
    expect(answered.status).toBe(200)
    expect(answered.headers.get('content-type')).toContain('javascript')
    // and not to anybody
    expect((await fetch(origin)).status).not.toBe(200)
  } finally {
    child.kill()
  }
})

test('the checksums are those of the files, and the SBOM names every production package', async () => {
  const sums = (await readFile(join(built, 'SHA256SUMS'), 'utf8')).trim().split('\n')
  expect(sums).toHaveLength(3)
  for (const line of sums) {
    const [sum, name = ''] = line.split('  ')
    const content = await readFile(join(built, name))
    expect(createHash('sha256').update(content).digest('hex'), name).toBe(sum)
  }
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile('package.json', 'utf8')))
  const sbom = z
    .object({ bomFormat: z.literal('CycloneDX'), components: z.array(z.object({ purl: z.string().optional() })) })
    .parse(JSON.parse(await readFile(join(built, 'sbom.cdx.json'), 'utf8')))
  const purls = new Set(sbom.components.map(({ purl }) => purl))
  const wanted = Object.entries(dependencies).map(([name, version]) => `pkg:npm/${name.replace('@', '%40')}@${version}`)
  expect(wanted.filter((purl) => !purls.has(purl))).toEqual([])
})
