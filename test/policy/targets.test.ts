import { expect, test } from 'vitest'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { findTargetKeys, targetOf } from '../../src/policy/model/targets.ts'
import type { TargetKey } from '../../src/policy/model/targets.ts'
import captured from './golden/captured-targets.json' with { type: 'json' }

const requests = Object.entries(captured).flatMap(([level, seen]) => seen.map((request) => ({ level, ...request })))

/** Whether a captured key is this one, or under it. */
function covers(known: TargetKey, key: string): boolean {
  return known.key.endsWith('.*') ? key.startsWith(known.key.slice(0, -1)) : known.key === key
}

test.each(requests)('$level: every key seen in $request is known to $action', ({ level, action, keys }) => {
  const target = targetOf(parseRelease(`2024.1+${level}`), action)
  expect(target).toBeDefined()
  const unknown = keys.filter((key) => target === undefined || findTargetKeys(target, key).length === 0)
  expect(unknown).toEqual([])
})

test.each(requests)('$level: every key that is always there was seen in $request', ({ level, action, keys }) => {
  const shapes = targetOf(parseRelease(`2024.1+${level}`), action)?.shapes ?? []
  const unseen = shapes.map((shape) =>
    shape.filter((known) => known.when === 'always' && !keys.some((key) => covers(known, key))),
  )
  expect(unseen.some((missing) => missing.length === 0)).toBe(true)
})

test('a body moves out of the way with OSSA-2026-015, and cannot be forged any more', () => {
  const base = targetOf(parseRelease('2024.1'), 'identity:create_user')
  const fixed = targetOf(parseRelease('2024.1+ossa-2026-015'), 'identity:create_user')
  const keys = (target: typeof base): readonly string[] => target?.shapes.flat().map((known) => known.key) ?? []
  expect([base?.isForgeable, fixed?.isForgeable]).toEqual([true, false])
  expect(keys(base)).toEqual(['target.user.*', 'user.*'])
  expect(keys(fixed)).toEqual(['target.user.*', 'request_body.user.*', 'request_body.*', 'request_body'])
  expect(base?.shapes.flat().every((known) => known.by === 'body')).toBe(true)
})

test('a grant is to a user or a group, on a project or a domain, and its role may have no domain', () => {
  const target = targetOf(parseRelease('2025.1+ossa-2026-015'), 'identity:create_grant')
  expect(target?.shapes.map((shape) => shape.filter((known) => known.by === 'url').map((known) => known.key))).toEqual([
    ['user_id', 'project_id', 'role_id'],
    ['user_id', 'domain_id', 'role_id'],
    ['group_id', 'project_id', 'role_id'],
    ['group_id', 'domain_id', 'role_id'],
  ])
  const [roleDomain] = target === undefined ? [] : findTargetKeys(target, 'target.role.domain_id')
  expect(roleDomain).toMatchObject({ by: 'database', isNullable: true })
})

test('a domain-specific role has a target of its own since the native domain manager', () => {
  const keys = (text: string): readonly string[] =>
    targetOf(parseRelease(text), 'identity:create_domain_role')
      ?.shapes.flat()
      .map((known) => known.key) ?? []
  expect(keys('2024.1+ossa-2026-015')).not.toContain('target.role.*')
  expect(keys('2024.2+ossa-2026-015')).toContain('target.role.*')
})

test('nothing is said of an action that nobody looked at', () => {
  expect(targetOf(parseRelease('2024.1'), 'identity:create_mapping')).toBeUndefined()
})
