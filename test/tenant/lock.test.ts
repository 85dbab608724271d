import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { build } from 'esbuild'
import { StopError } from '../../src/errors.ts'
import { acquireLock } from '../../src/tenant/lock.ts'

test('the second to come is refused and told who holds it', async () => {
  const folder = `/home/somebody/${Math.random()}`
  const first = await acquireLock(folder, 'apply, pid 42')
  await expect(acquireLock(folder, 'another')).rejects.toThrow(/apply, pid 42/)
  await expect(acquireLock(folder, 'another')).rejects.toBeInstanceOf(StopError)
  await (await acquireLock(`${folder}-other`, 'another')).release()
  await first.release()
  await (await acquireLock(folder, 'another')).release()
})

test('a killed holder leaves no lock behind', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'lock-'))
  try {
    const script = join(temporary, 'hold.mjs')
    await build({
      stdin: {
        contents: `import { acquireLock } from './src/tenant/lock.ts'
          await acquireLock(process.argv[2], 'the child')
          process.stdout.write('held')
          setInterval(() => {}, 1000)`,
        resolveDir: '.',
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
    })
    const child = spawn(process.execPath, [script, temporary], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await expect(acquireLock(temporary, 'me')).rejects.toThrow(/the child/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await acquireLock(temporary, 'me')).release()
  } finally {
    await rm(temporary, { recursive: true })
  }
})
