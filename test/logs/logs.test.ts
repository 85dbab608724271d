import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileLog } from '../../src/logs/file-log.ts'
import { journalLog } from '../../src/logs/journal-log.ts'
import { jujuLog } from '../../src/logs/juju-log.ts'
import { tailBytes } from '../../src/logs/log.ts'
import { openLog } from '../../src/logs/open-log.ts'
import { programs } from '../../src/logs/program.ts'
import type { RunProgram } from '../../src/logs/program.ts'
import { parseCloudFacts } from '../../src/tenant/cloud-facts.ts'
import { fc, runs } from '../fast-check.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('a file is followed line by line, through a rotation and a truncation', async () => {
  const path = join(folder, 'rotated.log')
  await writeFile(path, 'one\ntwo\nhal')
  const log = fileLog(path)
  expect(await log.read()).toEqual(['one', 'two'])
  await appendFile(path, 'f\nthree\n')
  expect(await log.read()).toEqual(['half', 'three'])
  expect(await log.read()).toEqual([])
  await rename(path, `${path}.1`)
  await writeFile(path, 'a new file\n')
  expect(await log.read()).toEqual(['a new file'])
  await truncate(path)
  await appendFile(path, 'x\n')
  expect(await log.read()).toEqual(['x'])
})

test('of a log that is long, the end is read, from the first whole line on', async () => {
  const path = join(folder, 'long.log')
  const line = `${'a'.repeat(99)}\n`
  await writeFile(path, line.repeat(tailBytes / 50) + 'last\n')
  const lines = await fileLog(path).read()
  expect(lines.at(-1)).toBe('last')
  expect(new Set(lines.slice(0, -1))).toEqual(new Set([line.trimEnd()]))
  expect(lines.length).toBeLessThan(tailBytes / 100 + 2)
})

test('however a log is written and looked at, every line is read once', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          text: fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\u00e9'), maxLength: 20 }),
          isRead: fc.boolean(),
        }),
        { maxLength: 12 },
      ),
      async (writes) => {
        const path = join(folder, 'property.log')
        await writeFile(path, '')
        const log = fileLog(path)
        const seen: string[] = []
        for (const { text, isRead } of writes) {
          await appendFile(path, text)
          if (isRead) seen.push(...(await log.read()))
        }
        seen.push(...(await log.read()))
        const whole = writes.map(({ text }) => text).join('')
        expect(seen).toEqual(whole.split('\n').slice(0, -1))
      },
    ),
    { numRuns: runs(60) },
  ))

test('a log that is not there stops nobody with a bug report', async () => {
  await expect(fileLog(join(folder, 'none.log')).read()).rejects.toMatchObject({ name: 'StopError' })
})

/** A unit whose `juju ssh` runs the very line of shell on a file of ours, with neither Juju nor sudo. */
function unitOf(run: RunProgram): { readonly asked: string[]; readonly run: RunProgram } {
  const asked: string[] = []
  return {
    asked,
    run: (program, argv) => {
      asked.push([program, ...argv.slice(0, -1)].join(' '))
      return run('sh', ['-c', (argv.at(-1) ?? '').replaceAll('sudo ', '')])
    },
  }
}

test('by Juju the same lines come, with the bytes counted and nothing quoted wrong', async () => {
  const path = join(folder, 'conductor.log')
  await writeFile(path, 'gr\u00fc\u00df dich\n"quoted" $HOME `date`\nhal')
  const unit = unitOf(programs({ PATH: process.env['PATH'] }, new AbortController().signal))
  const log = jujuLog({ model: 'openstack', unit: 'magnum/0', path }, unit.run)
  expect(await log.read()).toEqual(['gr\u00fc\u00df dich', '"quoted" $HOME `date`'])
  await appendFile(path, 'f\n')
  expect(await log.read()).toEqual(['half'])
  expect(await log.read()).toEqual([])
  expect(new Set(unit.asked)).toEqual(new Set(['juju ssh --model openstack --pty=false magnum/0']))
})

test('by the journal a line is what the service printed, or what its fields say, from the cursor on', async () => {
  const asked: (readonly string[])[] = []
  const printed = '2026-11-23 03:43:28.907 27143 ERROR magnum.common.keystone [None req-1] Failed to create trust'
  const pages = [
    [
      { __CURSOR: 's=1', MESSAGE: printed },
      {
        __CURSOR: 's=2',
        __REALTIME_TIMESTAMP: '1795405408907000',
        _PID: '27143',
        MESSAGE: 'Failed to create trust',
        LOGGER_NAME: 'magnum.common.keystone',
        LOGGER_LEVEL: 'ERROR',
        REQUEST_ID: 'req-2',
      },
    ],
    [{ __CURSOR: 's=3', MESSAGE: Array.from(Buffer.from('bytes')) }],
    [],
  ]
  const log = journalLog('magnum-conductor.service', (_, argv) => {
    asked.push(argv)
    return Promise.resolve((pages.shift() ?? []).map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  })
  expect(await log.read()).toEqual([
    printed,
    '2026-11-23 03:43:28.907 27143 ERROR magnum.common.keystone [req-2] Failed to create trust',
  ])
  expect(await log.read()).toEqual(['bytes'])
  expect(await log.read()).toEqual([])
  expect(asked.map((argv) => argv.find((one) => one.startsWith('--after-cursor')))).toEqual([
    undefined,
    '--after-cursor=s=2',
    '--after-cursor=s=3',
  ])
})

test('cloud.yaml says where a log is, with what the charms and packages choose as default', () => {
  const nobody: RunProgram = () => Promise.reject(new Error('nobody is asked'))
  const placed = (place: string) =>
    openLog(
      parseCloudFacts('cloud.yaml', `version: 1\nlogs:\n  magnum_conductor: ${place}\n`),
      'magnum_conductor',
      nobody,
    )?.place
  expect(placed('{from: file, path: /var/log/magnum/magnum-conductor.log}')).toBe(
    '/var/log/magnum/magnum-conductor.log',
  )
  expect(placed('{from: juju}')).toBe('/var/log/magnum/magnum-conductor.log on magnum/leader')
  expect(placed('{from: journal}')).toBe('the journal of magnum-conductor.service')
  expect(openLog(parseCloudFacts('cloud.yaml', 'version: 1\n'), 'magnum_conductor', nobody)).toBeUndefined()
})

test.each([
  '{from: juju, path: "/x\'; rm -rf /"}',
  '{from: juju, unit: --help}',
  '{from: juju, model: -x}',
  '{from: file, path: x.log}',
  '{from: journal, unit: "a b"}',
])('%s is refused before anything is run', (place) => {
  expect(() => parseCloudFacts('cloud.yaml', `version: 1\nlogs:\n  magnum_conductor: ${place}\n`)).toThrow()
})

test('a program gets no password of the operator, and its failure is a stop', async () => {
  const run = programs(
    { PATH: process.env['PATH'], OS_PASSWORD: 'hunter2', HOME: '/nowhere' },
    new AbortController().signal,
  )
  expect(await run('sh', ['-c', 'echo "$OS_PASSWORD:$HOME"'])).toBe(':/nowhere\n')
  await expect(run('sh', ['-c', 'echo no >&2; exit 3'])).rejects.toMatchObject({
    name: 'StopError',
    message: '`sh` failed: no',
  })
  await expect(run('no-such-program', [])).rejects.toMatchObject({
    message: '`no-such-program` failed: it is not installed here',
  })
})
