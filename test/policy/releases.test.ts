/** The rules of each published Keystone, and what a fix changes in them. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { renderCheck } from '../../src/policy/engine/check.ts'
import { withFix } from '../../src/policy/releases/fixes.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Keystone } from '../../src/policy/releases/keystone.ts'
import {
  fixNames,
  packageOf,
  parseRelease,
  releases,
  releaseWith,
  seriesNames,
} from '../../src/policy/releases/release.ts'

async function registeredIn(text: string): Promise<Keystone['registered']> {
  return (await loadKeystone(parseRelease(text))).registered
}

async function checkIn(text: string, action: string): Promise<string | undefined> {
  return (await registeredIn(text)).find(({ name }) => name === action)?.check
}

test('every series has a package, and every package a rule set', async () => {
  expect(new Set(releases.map((name) => packageOf(name).series))).toEqual(new Set(seriesNames))
  expect(releases).toHaveLength(37)
  for (const name of releases) {
    const { registered, operations } = await loadKeystone(releaseWith(name))
    expect(registered.length, name).toBeGreaterThanOrEqual(200)
    expect(operations.get('identity:create_user'), name).toEqual(['POST /v3/users'])
  }
})

test.each([
  ['22.0.2', 200],
  ['24.1.0', 200],
  ['25.0.0', 200],
  ['unmaintained/2024.1', 202],
  ['26.0.0', 201],
  ['26.1.1', 203],
  ['27.1.0', 203],
  ['30.0.0', 204],
  ['22.0.2-0+deb12u6', 202],
  ['27.0.0-3+deb13u6', 203],
] as const)('%s registers %i rules', async (release, count) => {
  expect(await registeredIn(release)).toHaveLength(count)
})

// Each pair was read from two packages, so a fix that is put into the first must make the second.
describe('a fix makes of a package what upstream or Debian made of it', () => {
  test.each([
    ['26.0.0 --fixes ossa-2025-002', '26.1.0'],
    ['26.1.0 --fixes ossa-2026-005', '26.1.1'],
    ['23.0.2 --fixes ossa-2025-002,ossa-2026-005', 'unmaintained/2023.1'],
    ['27.0.0 --fixes ossa-2025-002,ossa-2026-005', '27.0.1'],
    ['27.0.1 --fixes lp-2138295,ossa-2026-015', '27.0.2'],
    ['27.0.2 --fixes aug-2026', '27.1.0'],
    ['28.0.0 --fixes ossa-2025-002,ossa-2026-005,lp-2138295,ossa-2026-015,aug-2026', '28.1.0'],
    ['28.0.0 --fixes ossa-2025-002,lp-2138295', '29.0.0'],
    ['29.0.0 --fixes ossa-2026-005', '29.0.1'],
    ['29.0.1 --fixes ossa-2026-015', '29.0.2'],
    ['22.0.2-0+deb12u5', '22.0.2-0+deb12u6'],
    ['27.0.0 --fixes ossa-2025-002,ossa-2026-005,ossa-2026-015,aug-2026', '27.0.0-3+deb13u6'],
    ['27.0.0-3+deb13u5', '27.0.0-3+deb13u6'],
  ])('%s has the rules of %s', async (made, published) => {
    expect(await registeredIn(made)).toEqual(await registeredIn(published))
  })

  test.each(fixNames.filter((fix) => fix !== 'oct-2026'))('%s changes the rules of 22.0.2', async (fix) => {
    const plain = await registeredIn('22.0.2')
    expect(await registeredIn(`22.0.2 --fixes ${fix}`)).not.toEqual(plain)
    expect(withFix(new Map(), fix).size).toBe(fix === 'ossa-2025-002' ? 2 : 0)
  })
})

test('27.0.1 lacks the guard of domain records that 27.0.2 has, and a series says no more than its first package', async () => {
  const guard = 'not None:%(target.project.domain_id)s'
  for (const release of ['27.0.0', '27.0.1', '28.0.1', '2025.1', '27.0.0-3+deb13u6'])
    expect(await checkIn(release, 'identity:update_project'), release).not.toContain(guard)
  for (const release of ['27.0.2', '29.0.0', '30.0.0', '27.0.1 --fixes lp-2138295'])
    expect(await checkIn(release, 'identity:update_project'), release).toContain(guard)
})

describe('before OSSA-2025-002', () => {
  const file = { file: 'o.yaml', text: '"identity:ec2tokens_validate": "!"\n"identity:s3tokens_validate": "!"\n' }

  test.each(['22.0.2', '25.0.0', '26.0.0', '27.0.0', '28.0.0', '25.0.0 --fixes ossa-2026-015'])(
    '%s asks no rule before it exchanges a signature, whatever a file says',
    async (release) => {
      const rules = keystoneRules(await loadKeystone(parseRelease(release)), { overrides: [file] }).rules
      for (const kind of ['ec2', 's3']) {
        const rule = rules.get(`identity:${kind}tokens_validate`)
        expect(rule && renderCheck(rule.check)).toBe('@')
      }
    },
  )

  test.each(['26.1.0', '27.0.1', '28.0.1', '29.0.0', '22.0.2-0+deb12u3', '25.0.0 --fixes ossa-2025-002'])(
    '%s asks it',
    async (release) => {
      const keystone = await loadKeystone(parseRelease(release))
      const asked = keystoneRules(keystone).rules.get('identity:ec2tokens_validate')
      expect(asked && renderCheck(asked.check)).toBe('rule:service_or_admin')
      const refused = keystoneRules(keystone, { overrides: [file] }).rules.get('identity:ec2tokens_validate')
      expect(refused && renderCheck(refused.check)).toBe('!')
    },
  )
})

test('scopes and new defaults are enforced from 26 on, and from 30 on scopes cannot be switched off', async () => {
  const enforced = async (release: string, options = {}) => {
    const { enforceScope, enforceNewDefaults } = keystoneRules(await loadKeystone(parseRelease(release)), options)
    return [enforceScope, enforceNewDefaults]
  }
  expect(await enforced('25.0.0')).toEqual([false, false])
  expect(await enforced('26.0.0')).toEqual([true, true])
  expect(await enforced('29.1.0', { enforceScope: false })).toEqual([false, true])
  expect(await enforced('30.0.0', { enforceScope: false })).toEqual([true, true])
})

test('the page has the table of these packages', () => {
  const script = fileURLToPath(new URL('../../scripts/release-table.mjs', import.meta.url))
  expect(execFileSync('node', [script, '--check'], { encoding: 'utf8' })).toBe('')
})
