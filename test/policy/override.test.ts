import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { checkExpectations, parseExpectations } from '../../src/policy/expectations.ts'
import { keystoneRules } from '../../src/policy/releases/keystone.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import { charm, keystoneOf, plain } from './fixtures.ts'

/* The override that we build, by the tools that judge everybody else's. */

const bases = { charm, default: plain }
const releases = ['22.0.2 --fixes ossa-2025-002,ossa-2026-015', 'debian-22', '2024.1+ossa-2026-015', '2024.1+oct-2026']
const rows = releases.flatMap((release) => (['charm', 'default'] as const).map((base) => ({ release, base })))

async function failures(table: string, release: string, base: 'charm' | 'default') {
  const keystone = await keystoneOf(release)
  const file = new URL(`../../examples/policy/${table}.yaml`, import.meta.url)
  const expectations = parseExpectations(readFileSync(file, 'utf8'), `${table}.yaml`)
  const overrides = [{ file: 'ours.yaml', text: buildOverride(keystone, { base: bases[base] }).text }]
  const before = keystoneRules(keystone, { base: bases[base] })
  const after = keystoneRules(keystone, { base: bases[base], overrides })
  const say = (rules: typeof before) =>
    checkExpectations(expectations, `${table}.yaml`, keystone, before, rules)
      .filter(({ isMet }) => !isMet)
      .map(({ line, persona, place, operation, got }) => `${line} ${persona} ${place} ${operation}: ${got}`)
  return { with: say(after), without: say(before) }
}

test.each(rows)('ours on $release over $base answers as its table expects', async ({ release, base }) => {
  const failed = await failures('domain-manager', release, base)
  expect(failed.with).toEqual([])
  // the table would notice if nothing were laid over the base
  expect(failed.without.length).toBeGreaterThan(30)
})

test.each(releases)('ours on %s over the charm base closes what that base leaves open', async (release) => {
  const failed = await failures('charm', release, 'charm')
  expect(failed.with).toEqual([])
  expect(failed.without.length).toBeGreaterThan(3)
})

test.each([...rows, { release: '2025.1+oct-2026', base: 'default' as const }])(
  'lint has nothing to say about ours on $release over $base',
  async ({ release, base }) => {
    const keystone = await keystoneOf(release)
    const { text } = buildOverride(keystone, { base: bases[base] })
    expect(lintPolicy(text, { file: 'ours.yaml', over: { keystone, base: bases[base] } })).toEqual([])
  },
)
