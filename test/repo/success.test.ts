import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** A green sentence that is written at its place has no change of the world that turns it. A cell of a table may be green. */
const sentence = /'green',\s*(?:'|`)|\? 'green' : '[a-z]+',\s*`/

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))

test('every green sentence is one of src/success.ts', () => {
  expect(files.filter((path) => sentence.test(readFileSync(join('src', path), 'utf8')))).toEqual([])
})

test.each(["paint(io, 'green', 'all is well')", "paint(io, 'green', `${name} is isolated`)"])(
  '%s would be seen',
  (text) => {
    expect(sentence.test(text)).toBe(true)
  },
)

test.each(["paint(io, 'green', success.audit())", "paint(io, ok ? 'green' : 'red', ok ? 'ok' : 'NO')"])(
  '%s is none',
  (text) => {
    expect(sentence.test(text)).toBe(false)
  },
)
