import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fc, runs } from '../fast-check.ts'
import { forTerminal, headedTable, paint, table } from '../../src/cli/output.ts'
import { pageOf } from '../../src/cli/terminal.ts'
import { version } from '../../src/cli/version.ts'

const message = fc
  .array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 0, maxLength: 12 })
  .map((list) => list.join(' '))

test('a table of ordinary words is never wider than it may be, and loses none of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, message, message), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 50, max: 120 }),
      (rows, width) => {
        const text = table(rows, width)
        expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
        const sorted = (all: readonly string[]) => all.filter((word) => word !== '').sort()
        expect(sorted(text.split(/\s+/))).toEqual(sorted(rows.flat().flatMap((cell) => cell.split(' '))))
      },
    ),
    { numRuns: runs(200) },
  )
})

test('an id or a path is never broken, so that it can be copied', () => {
  const id = `sha256:${'0'.repeat(64)}`
  expect(table([['head', id]], 40)).toContain(id)
})

test('colours take no room', () => {
  const rows = (hasColor: boolean) => [
    [paint({ hasColor, columns: 80 }, 'green', 'ok'), 'a'],
    ['long', paint({ hasColor, columns: 80 }, 'red', 'a b')],
  ]
  const colored = forTerminal(table(rows(true), 80))
  expect(colored).toContain('\u001b[32mok\u001b[0m')
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(table(rows(false), 80))
})

test('a name has no colour of its own, and begins no line', () => {
  const name = 'a \u001b[31mred\u001b[0m\n b \u009b2J\u202e'
  const text = forTerminal(table([[paint({ hasColor: true, columns: 80 }, 'green', name), 'x']], 80))
  expect(text).toBe('\u001b[32ma \\u{1b}[31mred\\u{1b}[0m b \\u{9b}2J\\u{202e}\u001b[0m  x\n')
})

test('a column without a word has no head, and no rows have no table', () => {
  expect(headedTable(['one', 'two', 'three'], [['a', '', 'c']], 80)).toBe('ONE  THREE\na    c\n')
  expect(headedTable(['one'], [], 80)).toBe('')
})

const screen = { isTTY: true, columns: 120 }
const file = {}

test.each([
  ['a terminal', screen, screen, {}, true, 120],
  ['a terminal, and an empty NO_COLOR', screen, screen, { NO_COLOR: '' }, true, 120],
  ['NO_COLOR', screen, screen, { NO_COLOR: '1' }, false, 120],
  ['a dumb terminal', screen, screen, { TERM: 'dumb' }, false, 120],
  ['results into a file', file, screen, {}, false, 80],
  ['errors into a file', screen, file, {}, false, 120],
  ['a terminal that says it has no columns', { isTTY: true, columns: 0 }, screen, {}, true, 80],
])('%s', (_, stdout, stderr, env, hasColor, columns) => {
  expect(pageOf(stdout, stderr, env)).toEqual({ hasColor, columns })
})

test('the version that reports carry is that of the package', () => {
  expect(version).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }).version)
})
