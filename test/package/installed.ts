/** What `npm pack` packs, installed in an empty folder with its dependencies alone. `npm run build` first. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)
const packed = z.array(z.object({ filename: z.string() }))

export type Installed = {
  /** An installation: node_modules, and nothing else. */
  readonly folder: string
  /** The package in it. */
  readonly at: string
}

/** `further`: packages beside it, as a user's own. */
export async function installPacked(further: readonly string[] = []): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'packed-'))
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder])
  const [file] = packed.parse(JSON.parse(stdout.slice(stdout.indexOf('['))))
  const at = join(folder, 'node_modules', 'tenant-onboard')
  await mkdir(at, { recursive: true })
  await run('tar', ['xzf', join(folder, file?.filename ?? ''), '--strip-components=1', '-C', at])
  // as an installation has them: production dependencies only
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(at, 'package.json'), 'utf8')))
  for (const name of [...Object.keys(dependencies), ...further]) {
    await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true })
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  return { folder, at }
}
