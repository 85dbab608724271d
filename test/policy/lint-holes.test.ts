import { expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { lintPolicy } from '../../src/policy/lint/lint.ts'
import type { LintFinding } from '../../src/policy/lint/subject.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { charm, findingsOf, keystoneOf, plain } from './fixtures.ts'

/* Lint sees what `policy prove` refutes, names the caller with the least power, and reads legacy lists as oslo.policy. */

async function lintOf(text: string, release = 'debian-22', base: Base = plain): Promise<readonly LintFinding[]> {
  return lintPolicy(`${text}\n`, { file: 'override.yaml', over: { keystone: await keystoneOf(release), base } })
}

/** The rule after our own override, as an operator would add it. */
async function besideOurs(rule: string): Promise<readonly LintFinding[]> {
  return lintOf(`${buildOverride(await keystoneOf('debian-22'), { base: plain }).text}${rule}`)
}

test.each([
  ['update_domain', 'rule:admin_required or (role:manager and user_id:%(request_body.u)s)'],
  ['update_domain_config', 'rule:admin_required or (role:manager and not domain_id:None)'],
  ['create_mapping', 'rule:admin_required or rule:domain_manager'],
  ['update_endpoint', 'rule:admin_required or rule:domain_manager'],
  ['revoke_token', 'rule:admin_required or rule:token_subject or rule:domain_manager'],
])('%s: %s is a broken claim', async (action, check) => {
  const rule = `"identity:${action}": "${check}"`
  const found = findingsOf('broken-claim', await besideOurs(rule))
  expect(found.map((each) => each.rule)).toEqual([`identity:${action}`])
  expect(found[0]?.message).toMatch(/ may (?:PUT|PATCH|DELETE) \/v3\//)
  // the same action for those who may
  expect(findingsOf('broken-claim', await besideOurs(`"identity:${action}": "rule:admin_required"`))).toEqual([])
})

test.each(['debian-22', '2024.1', '2025.1+oct-2026'])('on %s our own override breaks no claim', async (release) => {
  for (const base of [plain, charm]) {
    const { text } = buildOverride(await keystoneOf(release), { base })
    expect(findingsOf('broken-claim', await lintOf(text, release, base))).toEqual([])
  }
})

test('a grant that is open to everybody is told as that, whatever the level of fixes', async () => {
  for (const release of ['2024.1', '2024.1+ossa-2026-015', 'debian-22']) {
    const findings = await lintOf('identity:create_grant: ""', release)
    expect(findingsOf('forgeable-target', findings)).toEqual([])
    expect(findingsOf('admin-grantable', findings)[0]?.message).toContain('reader (')
  }
})

test.each([
  ['identity:list_trusts: [["@"]]', []],
  ['identity:get_region: [["@"]]', []],
  ['identity:get_region: []', []],
  ['identity:delete_project: []', ['warning']],
  ['identity:delete_project: [["@"]]', ['warning']],
  ['identity:get_region: {}', ['error']],
  ['identity:get_region:', ['error']],
])('an open rule: %s', async (text, severities) => {
  const found = findingsOf('allows-everybody', await lintOf(text))
  expect(found.map(({ severity }) => severity)).toEqual(severities)
})

test('None equals None names what the base refuses, by the caller with the least power', async () => {
  const rule = 'role:reader and domain_id:%(target.project.domain_id)s'
  const [found] = findingsOf('none-equals-none', await lintOf(`identity:get_project: ${rule}`, 'debian-22', charm))
  expect(found?.message).toMatch(/by `identity:get_project` reader \(.*which the base refuses/)
})

test.each(['', '# nothing', '\n# a\n\n'])('a file with nothing in it is refused by the charm: %j', async (text) => {
  const [found] = findingsOf('no-rules', await lintOf(text, 'debian-22', charm))
  expect(found).toMatchObject({ severity: 'error', where: 'override.yaml:1:1' })
  expect(found?.message).toContain('the charm refuses the whole zip')
  const alone = findingsOf('no-rules', lintPolicy(text, { file: 'override.yaml' }))
  expect(alone).toMatchObject([{ severity: 'warning', message: found?.message }])
})

test.each([
  ['"os_compute_api:servers:create": "rule:project_member"\n"context_is_admin": "role:admin"', 1],
  ['"admin_or_owner": "role:admin"\n"create_network": "rule:admin_or_owner"', 1],
  ['"cloud_admin": "role:admin"', 0],
  ['"identity:get_user": "role:admin"\n"create_network": "role:x"', 0],
])("another service's policy is told so: %s", async (text, count) => {
  expect(findingsOf('not-keystone', await lintOf(text))).toHaveLength(count)
  expect(findingsOf('not-keystone', lintPolicy(text, { file: 'p.yaml', knownNames: ['cloud_admin'] }))).toHaveLength(
    count,
  )
})
