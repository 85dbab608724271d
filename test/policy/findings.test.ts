import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import { charm, keystoneOf, scsOverride } from './fixtures.ts'

const lintFolder = new URL('../../src/policy/lint/', import.meta.url)
const codes = [
  ...new Set(
    readdirSync(lintFolder).flatMap((file) =>
      [...readFileSync(new URL(file, lintFolder), 'utf8').matchAll(/'(policy\/[a-z-]+)'/g)].map(
        (found) => found[1] ?? '',
      ),
    ),
  ),
].sort()

test('every code that lint can report has a section that says why', () => {
  const docs = readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8')
  expect(codes.filter((code) => !docs.includes(`\n## ${code}\n`))).toEqual([])
  expect(codes.length).toBeGreaterThan(25)
})

test('the bad policies show every code', async () => {
  const ascii = readFileSync(new URL('fixtures/bad.yaml', import.meta.url), 'utf8')
  // the two that a file under version control should not have
  const text = ascii.replace(' - ', ' \u2013 ').replace('\n', '\r\n')
  const found = new Set<string>()
  for (const release of ['2024.1', 'debian-22']) {
    const over = { keystone: await keystoneOf(release), base: charm }
    // what is told only where nothing else is wrong
    const others = [
      '',
      '"os_compute_api:servers:create": "role:x"\n',
      'identity:create_mapping: role:x\n',
      'identity:ec2tokens_validate: rule:service_role\n',
      scsOverride(),
    ]
    for (const each of [text, ...others]) {
      for (const { code } of lintPolicy(each, { file: 'bad.json', over })) found.add(code)
    }
  }
  expect(codes.filter((code) => !found.has(code))).toEqual([])
})
