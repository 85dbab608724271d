import { expect, test } from 'vitest'
import { gravestFirst, isBlocked, verdictOf } from '../../src/finding.ts'
import type { Finding, Severity } from '../../src/finding.ts'

const of = (severity: Severity): Finding => ({
  code: `test/${severity}`,
  severity,
  where: 'user acme-svc',
  message: 'a sentence',
  owner: 'operator',
})

test.each([
  [[], 'shown'],
  [['info', 'warning'], 'shown'],
  [['warning', 'unknown'], 'not shown'],
  [['unknown', 'error'], 'refuted'],
] as const)('findings of severity %j make it %s', (severities, verdict) => {
  const findings = severities.map(of)
  expect(verdictOf(findings)).toBe(verdict)
  expect(isBlocked(findings)).toBe(verdict !== 'shown')
})

test('what refutes comes before what is not shown', () => {
  const codes = gravestFirst((['info', 'unknown', 'warning', 'error'] as const).map(of)).map(({ code }) => code)
  expect(codes).toEqual(['test/error', 'test/unknown', 'test/warning', 'test/info'])
})
