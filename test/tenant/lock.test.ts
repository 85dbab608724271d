import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'esbuild'
import { StopError } from '../../src/errors.ts'
import { acquireLock, holderOf } from '../../src/tenant/lock.ts'

test('the second to come is refused and told who holds it', async () => {
  const own = join(folder, 'second')
  const first = await acquireLock(own, 'apply, pid 42')
  await expect(acquireLock(own, 'another')).rejects.toThrow(/apply, pid 42/)
  await expect(acquireLock(own, 'another')).rejects.toBeInstanceOf(StopError)
  await (await acquireLock(`${own}-other`, 'another')).release()
  await first.release()
  await (await acquireLock(own, 'another')).release()
})

let folder: string
let script: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  script = join(folder, 'hold.mjs')
  await build({
    stdin: {
      contents: `import { acquireLock, holderOf } from './src/tenant/lock.ts'
        const lock = await acquireLock(process.argv[2], 'the child').catch((error) => error)
        process.stdout.write(lock instanceof Error ? lock.message : 'held')
        if (lock instanceof Error) process.exit(1)
        process.stdin.resume().on('end', async () => { await lock.release(); process.exit(0) })`,
      resolveDir: '.',
    },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
})

afterAll(() => rm(folder, { recursive: true }))

/** Another process, by a command that runs it; what it says first. */
async function begin(on: string, by: readonly string[] = []) {
  const [command, ...argv] = [...by, process.execPath, script, on]
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString('utf8') }
}

const ends = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

test('a killed holder leaves no lock behind, and its socket is removed', async () => {
  const own = join(folder, 'killed')
  const { child } = await begin(own)
  await expect(acquireLock(own, 'me')).rejects.toThrow(/the child/)
  child.kill('SIGKILL')
  await ends(child)
  expect(await readdir(own)).toHaveLength(1)
  const lock = await acquireLock(own, 'me')
  expect(await readdir(own)).toHaveLength(1)
  await lock.release()
})

test('every spelling of a folder has the same lock, and a link to it', async () => {
  const own = join(folder, 'spelled')
  const first = await acquireLock(own, 'the first')
  await symlink(own, join(folder, 'link'))
  await symlink(folder, join(folder, 'above'))
  for (const path of [`${folder}/./spelled`, `${folder}//spelled/`, join(folder, 'above', 'spelled')])
    await expect(acquireLock(path, 'me')).rejects.toThrow(/the first/)
  // a data directory is never a link itself
  await expect(acquireLock(join(folder, 'link'), 'me')).rejects.toThrow('must be a folder and not a link')
  expect(await holderOf(join(folder, 'link'))).toBe('the first')
  await first.release()
})

test('a process in another network namespace sees it', async () => {
  const own = join(folder, 'namespaces')
  const first = await acquireLock(own, 'the first')
  const other = await begin(own, ['unshare', '--net'])
  expect(other.said).toContain('another command works on this tenant: the first')
  await ends(other.child)
  await first.release()
  const free = await begin(own, ['unshare', '--net'])
  expect(free.said).toBe('held')
  free.child.stdin.end()
  await ends(free.child)
})

/** What a container is for the kernel: all namespaces of its own, another name and machine id, and the folder mounted elsewhere. */
function container(name: string, own: string, at: string): readonly string[] {
  const inside = [
    `hostname ${name}`,
    `mount --bind ${own} ${at}`,
    `echo ${name} > ${at}.id`,
    `if [ -e /etc/machine-id ]; then mount --bind ${at}.id /etc/machine-id; fi`,
    'exec "$@"',
  ].join(' && ')
  const namespaces = ['user', 'pid', 'mount', 'net', 'ipc', 'uts', 'cgroup'].map((one) => `--${one}`)
  return [
    'unshare',
    ...namespaces,
    '--map-root-user',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    inside,
    name,
  ]
}

test('two containers that share the folder are kept apart, and a killed one leaves it free', async () => {
  const own = join(folder, 'shared')
  const [first, second] = [join(folder, 'first'), join(folder, 'other')]
  for (const each of [own, first, second]) await mkdir(each, { mode: 0o700 })
  const holder = await begin(first, container('first', own, first))
  expect(holder.said).toBe('held')
  const late = await begin(second, container('second', own, second))
  expect(late.said).toContain('another command works on this tenant: the child')
  await ends(late.child)
  // nor does the machine itself
  expect(await holderOf(own)).toBe('the child')
  await expect(acquireLock(own, 'me')).rejects.toThrow(/the child/)
  holder.child.kill('SIGKILL')
  await ends(holder.child)
  const next = await begin(second, container('second', own, second))
  expect(next.said).toBe('held')
  expect(await holderOf(own)).toBe('the child')
  next.child.stdin.end()
  await ends(next.child)
})

test('no other user can take it or talk through it', async () => {
  const own = join(folder, 'users')
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '-e']
  await chmod(folder, 0o755)
  const first = await acquireLock(own, 'the first')
  const code = `require('fs').readdir(${JSON.stringify(own)}, (error) => process.stdout.write(error?.code ?? 'read'))`
  const child = spawn(nobody[0] ?? '', [...nobody.slice(1), code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString('utf8')).toBe('EACCES')
  await first.release()
})

test('what a socket answers is short and harmless', async () => {
  const own = join(folder, 'hostile')
  await (await acquireLock(own, 'me')).release()
  await mkdir(own, { recursive: true, mode: 0o700 })
  const lock = await acquireLock(own, `\u001b]0;owned\u0007${'x'.repeat(100_000)}`)
  const error: unknown = await acquireLock(own, 'me').catch((caught: unknown) => caught)
  expect(String(error)).not.toContain('\u001b')
  expect(String(error).length).toBeLessThan(500)
  await lock.release()
})

test('a socket of another machine is not judged from here, one of an earlier start of this machine is', async () => {
  const own = join(folder, 'machines')
  const lock = await acquireLock(own, 'me')
  const [mine = ''] = await readdir(own)
  await lock.release()
  await mkdir(own, { mode: 0o700 })
  const [, , machine = ''] = mine.split('-')
  const earlier = `.lock-${'0'.repeat(12)}-${machine}-${'1'.repeat(16)}`
  const foreign = `.lock-${'0'.repeat(12)}-${'2'.repeat(12)}-${'3'.repeat(16)}`
  for (const name of [earlier, foreign]) await writeFile(join(own, name), '')
  await expect(acquireLock(own, 'me')).rejects.toThrow(`remove \`${join(own, foreign)}\``)
  await rm(join(own, foreign))
  await (await acquireLock(own, 'me')).release()
})

test('of many that begin at once exactly one holds it', async () => {
  const own = join(folder, 'many')
  const all = await Promise.all(Array.from({ length: 8 }, () => begin(own)))
  expect(all.filter(({ said }) => said === 'held')).toHaveLength(1)
  for (const { child } of all) {
    child.stdin.end()
    await ends(child)
  }
})

test('a folder that was missing is missing again, unless something was put there', async () => {
  const own = join(folder, 'cloud', 'tenant')
  await (await acquireLock(own, 'me')).release()
  expect(await readdir(folder)).not.toContain('cloud')
  const lock = await acquireLock(own, 'me')
  await writeFile(join(own, 'evidence.jsonl'), '')
  await lock.release()
  expect(await readdir(own)).toEqual(['evidence.jsonl'])
})
