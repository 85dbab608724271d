import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, describe, expect, test } from 'vitest'
import { builtBy } from '../../src/policy/build/command.ts'
import { horizonFiles, horizonZip } from '../../src/policy/build/horizon.ts'
import { horizonPolicy, managerActions } from '../../src/policy/build/horizon-policy.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { overrideName } from '../../src/policy/build/zip.ts'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { parsePolicyFile } from '../../src/policy/engine/file.ts'
import { createRuleSet } from '../../src/policy/engine/rules.ts'
import { matrixOf } from '../../src/policy/matrix.ts'
import { policydVerdict } from '../../src/policy/policyd.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import { parseRelease, releases, releaseWith } from '../../src/policy/releases/release.ts'
import { openTestBed } from '../onboarding/test-bed.ts'

const keystones = await Promise.all(releases.map((name) => loadKeystone(releaseWith(name))))
const text = horizonPolicy(keystones)
const rules = createRuleSet([], [parsePolicyFile(text).rules], { enforceScope: false, enforceNewDefaults: false })
const folder = mkdtempSync(join(tmpdir(), 'horizon-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** As Horizon makes them of a session: openstack_auth/policy.py, _user_to_credentials and check. */
function shown(action: string, roles: readonly string[], about: 'self' | 'other' = 'other'): boolean {
  const creds = { user_id: 'me', project_id: null, domain_id: 'home', is_admin: false, roles: [...roles] }
  const target = { user_id: about === 'self' ? 'me' : 'you', project_id: null, domain_id: 'home' }
  return enforce(rules, action, creds, target).kind === 'allow'
}

const actions = [...rules.rules.keys()].filter((name) => name.startsWith('identity:'))

describe("Horizon's policy file", () => {
  test('has every action of every Keystone, because a missing one counts as permitted there', () => {
    const known = keystones.flatMap(({ registered, unasked }) => [...registered.map(({ name }) => name), ...unasked])
    const missing = known.filter((name) => name.startsWith('identity:') && !rules.rules.has(name))
    expect(missing).toEqual([])
    expect(actions.length).toBeGreaterThan(180)
  })

  test('shows a manager its own actions and nothing else that a member is not shown', () => {
    const more = actions.filter((name) => shown(name, ['manager']) && !shown(name, ['member']))
    expect(more.toSorted()).toEqual([...managerActions].toSorted())
    expect(shown('admin_required', ['manager'])).toBe(true)
    expect(shown('cloud_admin', ['manager'])).toBe(false)
  })

  test('shows an admin of the cloud everything, also where the role is spelled Admin', () => {
    for (const role of ['admin', 'Admin']) expect(actions.filter((name) => !shown(name, [role]))).toEqual([])
  })

  test('shows a member its own account and not that of another', () => {
    for (const action of [
      'identity:get_user',
      'identity:create_application_credential',
      'identity:list_user_projects',
    ]) {
      expect(shown(action, ['member'], 'self')).toBe(true)
      expect(shown(action, ['member'], 'other')).toBe(false)
    }
    expect(shown('identity:update_user', ['member'], 'self')).toBe(false)
  })

  test('is ASCII, and the same every time', () => {
    for (const { text: file } of horizonFiles(keystones)) expect(file).toMatch(/^[\n\x20-\x7e]*$/)
    expect(horizonFiles(keystones)).toEqual(horizonFiles(keystones.toReversed()))
  })
})

test.each([
  ['debian-22', 'default'],
  ['debian-22', 'charm'],
  ['27.1.0', 'charm'],
  ['27.0.0-3+deb13u6', 'default'],
] as const)('what Horizon shows to a manager, Keystone %s lets it do on the %s base', async (release, kind) => {
  const keystone = await loadKeystone(parseRelease(release))
  const base = { kind } as const
  const overrides = [{ file: overrideName, text: buildOverride(keystone, { base }).text }]
  const { rows } = matrixOf(keystone, keystoneRules(keystone, { base }), keystoneRules(keystone, { base, overrides }), {
    personas: ['domain-manager'],
    places: ['own', 'none'],
  })
  const allowed = new Set(
    rows.filter(({ answers }) => answers['domain-manager'] === 'allow').map(({ action }) => action),
  )
  expect(managerActions.filter((action) => !allowed.has(action))).toEqual([])
})

test("the zip has the file in the folder of the charm's service, and the charm takes it", () => {
  const files = unzipSync(horizonZip(keystones))
  expect(Object.keys(files)).toEqual(['identity/tenant-onboard.yaml'])
  const inside = strFromU8(files['identity/tenant-onboard.yaml'] ?? new Uint8Array())
  expect(inside).toBe(text)
  expect(policydVerdict([{ path: 'identity/tenant-onboard.yaml', text }]).kind).toBe('accepted')
})

describe('policy build --horizon', () => {
  test('writes the files and the zip, asks for no base, and its head makes them again', async () => {
    const bed = await openTestBed({}, undefined)
    try {
      const { code, out } = await bed.run(
        'policy',
        'build',
        '--horizon',
        join(folder, 'one'),
        '--horizon-zip',
        join(folder, 'one.zip'),
      )
      expect(code).toBe(0)
      expect(out.trim().split('\n')).toHaveLength(5)
      const again = builtBy(readFileSync(join(folder, 'one/keystone_policy.yaml'), 'utf8')) ?? []
      expect(again).toEqual(['--horizon', '.'])
      expect(readFileSync(join(folder, 'one/keystone_policy.yaml'), 'utf8')).toBe(text)
      expect(readFileSync(join(folder, 'one/local_settings.d/_9999_tenant_onboard.py'), 'utf8')).toContain(
        'OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True',
      )
      expect(
        strFromU8(unzipSync(readFileSync(join(folder, 'one.zip')))['identity/tenant-onboard.yaml'] ?? new Uint8Array()),
      ).toBe(text)
      const onFolder = await bed.run('policy', 'build', '--horizon-zip', folder)
      expect([onFolder.code, onFolder.err.includes('it is a folder: name a file in it')]).toEqual([2, true])
    } finally {
      await bed.remove()
    }
  })

  test('beside the override it writes both', async () => {
    const bed = await openTestBed({}, undefined)
    try {
      const argv = [
        'policy',
        'build',
        '--base',
        'debian-22',
        '--out',
        join(folder, 'o.yaml'),
        '--horizon',
        join(folder, 'two'),
      ]
      const { code, out } = await bed.run(...argv)
      expect(code).toBe(0)
      expect(out).toContain('o.yaml')
      expect(out).toContain('two/keystone_policy.yaml')
    } finally {
      await bed.remove()
    }
  })

  test('the file is refused where Keystone would load it, and an override is not', async () => {
    const bed = await openTestBed({}, undefined)
    try {
      await bed.run(
        'policy',
        'build',
        '--base',
        'debian-22',
        '--out',
        join(folder, 'k.yaml'),
        '--horizon',
        join(folder, 'k'),
      )
      const refused = await bed.run('policy', 'lint', join(folder, 'k/keystone_policy.yaml'))
      expect(refused.code).toBe(2)
      expect(refused.err).toContain('is for the dashboard and not for Keystone')
      expect((await bed.run('policy', 'lint', join(folder, 'k.yaml'), '--base', 'debian-22')).code).toBe(0)
    } finally {
      await bed.remove()
    }
  })
})
