import { readFileSync } from 'node:fs'
import { renderCharmPolicy } from '../../src/policy/releases/charm.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base, Keystone } from '../../src/policy/releases/keystone.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import type { LintFinding } from '../../src/policy/lint/subject.ts'

export const charm: Base = { kind: 'charm' }
export const plain: Base = { kind: 'default' }

export async function keystoneOf(release: string): Promise<Keystone> {
  return loadKeystone(parseRelease(release))
}

/** The published override of scs-0302-w1, one rule per line. */
export function scsOverride(): string {
  const data: unknown = JSON.parse(readFileSync(new URL('fixtures/scs-0302-w1.json', import.meta.url), 'utf8'))
  if (typeof data !== 'object' || data === null || !('rules' in data) || !Array.isArray(data.rules)) return ''
  return data.rules
    .map((rule: unknown) => (Array.isArray(rule) ? `${rule.map((part) => JSON.stringify(part)).join(': ')}\n` : ''))
    .join('')
}

export function charmBase(keystone: Keystone): string {
  return renderCharmPolicy(keystone.charm)
}

/** Findings of one code. */
export function findingsOf(code: string, findings: readonly LintFinding[]): readonly LintFinding[] {
  return findings.filter((finding) => finding.code === `policy/${code}`)
}

/** `line:column code` of each finding, for tables. */
export function placesOf(findings: readonly LintFinding[]): readonly string[] {
  return findings.map(({ line, column, code }) => `${line}:${column} ${code.replace('policy/', '')}`)
}

/** Findings of a file that is laid over nothing. */
export function lintAlone(text: string, knownNames: readonly string[] = ['admin_required']): readonly LintFinding[] {
  return lintPolicy(text, { file: 'override.yaml', knownNames })
}
