import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed

beforeEach(async () => {
  bed = await openTestBed({}, undefined)
})

afterEach(() => bed.remove())

const codes = [...readFileSync('docs/findings.md', 'utf8').matchAll(/^## (\S+)$/gm)].map(([, code = '']) => code)

test('every documented code is explained by its own section', async () => {
  expect(codes.length).toBeGreaterThan(100)
  for (const code of codes) {
    const { code: exit, out } = await bed.run('explain', code, '-o', 'json')
    expect(exit).toBe(0)
    const { text } = JSON.parse(out) as { readonly text: string }
    expect(text.length, code).toBeGreaterThan(20)
    expect(text).not.toMatch(/^## /m)
  }
})

test.each([
  ['plan/cannot-lok', 'did you mean `plan/cannot-look`?'],
  ['plan/x-y-z-nothing', 'plan/conflict'],
  ['nothing-like-it', 'codes begin with accept/'],
])('%s is no code', async (code, hint) => {
  const { code: exit, err } = await bed.run('explain', code)
  expect(exit).toBe(2)
  expect(err).toContain(`there is no finding \`${code}\``)
  expect(err).toContain(hint)
})
