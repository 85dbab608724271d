/** What `policy lint ZIP` says of zips, good and broken, beside the code of the charm's hook: charmhelpers from the package index. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readPolicyZip } from '../../src/cli/policy-zip.ts'
import { policydVerdict } from '../../src/policy/policyd.ts'

const run = promisify(execFile)
const python = '/usr/bin/python3'
const pinned = 'charmhelpers==1.2.1 --hash=sha256:298bb9e90d9392e2b66d10a5199b1b2d459dc8d5434b897913325904989dd2d7\n'
const script = (name: string): string => new URL(name, import.meta.url).pathname

test('the charm takes the zips that we say it takes', { timeout: 300_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'charm-zip-'))
  try {
    const hook = await hookOf(folder)
    if (hook === undefined) {
      process.stderr.write('not compared: the package index did not give charmhelpers 1.2.1\n')
      context.skip('no package index')
      return
    }
    const wrong: string[] = []
    const open: string[] = []
    for (const [name, real] of Object.entries(hook)) {
      const zip = await readPolicyZip(name, { cwd: join(folder, 'zips') })
      if (zip === undefined || zip.kind === 'unknown') {
        open.push(name)
        continue
      }
      const verdict = zip.kind === 'files' ? policydVerdict(zip.entries) : undefined
      const installed = verdict?.kind === 'accepted' ? verdict.files.map((file) => file.name).sort() : null
      if (JSON.stringify(installed) !== JSON.stringify(real === null ? null : Object.keys(real).sort()))
        wrong.push(`${name}: ${JSON.stringify(real)}, and we say ${JSON.stringify(installed)}`)
    }
    expect(wrong).toEqual([])
    // by methods that are not read here, and behind other bytes
    expect(open).toEqual(['zip-bzip2.zip', 'zip-lzma.zip', 'zip-prepended.zip'])
    expect(Object.keys(hook).length).toBe(146)
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** By zip: the files in policy.d, or null if it is refused. */
async function hookOf(folder: string): Promise<Readonly<Record<string, object | null>> | undefined> {
  await writeFile(join(folder, 'pins.txt'), pinned)
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--no-build-isolation']
  const pins = ['--require-hashes', '--dest', folder, '-r', join(folder, 'pins.txt')]
  try {
    await run(python, [...download, ...pins])
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    // anything else, such as another digest, is a failure
    if (/connection|No matching distribution|Name or service|timed out/i.test(said)) return undefined
    throw error
  }
  const [archive = ''] = (await readdir(folder)).filter((name) => name.startsWith('charmhelpers'))
  await run('tar', ['xzf', join(folder, archive), '-C', folder])
  await run(python, [script('charm-zips.py'), join(folder, 'zips')])
  const { stdout } = await run(
    python,
    [script('charm-hook.py'), join(folder, 'charmhelpers-1.2.1'), join(folder, 'zips')],
    {
      maxBuffer: 2 ** 26,
    },
  )
  return JSON.parse(stdout) as Record<string, object | null>
}
