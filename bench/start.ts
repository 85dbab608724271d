/**
 * How long a command takes to begin, compared with an empty Node, each in turn. `npm run build` first. Exits 1 at four
 * times that.
 *
 *   node scripts/bench.mjs start
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const rounds = 15
const folder = await mkdtemp(join(tmpdir(), 'bench-'))
const override = join(folder, 'override.yaml')
await writeFile(override, '"identity:create_user": "role:manager and domain_id:%(target.user.domain_id)s"\n')
const program = resolve('dist/tenant-onboard.js')
const commands = {
  'node -e 0': ['-e', '0'],
  'tenant-onboard --help': [program, '--help'],
  'tenant-onboard policy lint': [program, 'policy', 'lint', override],
}
const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]))
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, argv] of Object.entries(commands)) {
      const began = performance.now()
      const { status, stderr } = spawnSync(process.execPath, argv)
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.toString('utf8')}`)
      times.get(name)?.push(performance.now() - began)
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const median = (name: string): number => times.get(name)?.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
const bare = median('node -e 0')
for (const name of Object.keys(commands)) {
  const ratio = median(name) / bare
  process.stdout.write(`${name.padEnd(28)}${median(name).toFixed(0).padStart(5)} ms${ratio.toFixed(2).padStart(7)}\n`)
  if (ratio > 4) process.exitCode = 1
}
