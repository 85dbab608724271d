/**
 * An override on real Keystones, through the command line: attached by folder and judged, broken on purpose in four ways, taken back
 * byte for byte; and a real 2025.1 that is found out by what it answers. Each gate is a thousand requests.
 */
import { chmod, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import type { Base } from '../../src/policy/releases/keystone.ts'
import { codesOf } from '../policy-delivery/test-bed.ts'
import { findKeystone, removeOverrides } from './cloud.ts'
import { operatorAt } from './command-line.ts'
import type { Operator } from './command-line.ts'
import type { LabKeystone } from './cloud.ts'

const before = '# what was there before\n"identity:list_endpoints": "rule:admin_required"\n'

// a gate asks a thousand questions, each on a connection of its own
describe.each([{ on: 'main' }, { on: 'charm' }] as const)(
  'by folder on the $on Keystone',
  { timeout: 1_200_000 },
  ({ on }) => {
    let keystone: LabKeystone
    let operator: Operator
    let good: string
    let way: readonly string[]
    let file: string

    beforeAll(async () => {
      keystone = await findKeystone(on)
      operator = await operatorAt(keystone)
      await removeOverrides(keystone)
      const base: Base =
        on === 'charm'
          ? { kind: 'file', file: 'policy.json', text: await readFile(keystone.basePolicy, 'utf8') }
          : { kind: 'default' }
      good = buildOverride(await loadKeystone(parseRelease('debian-22')), { base }).text
      way = ['--policy-dir', keystone.policyDir]
      file = join(keystone.policyDir, 'domain-manager.yaml')
    })
    afterAll(async () => {
      await removeOverrides(keystone)
      await rm(operator.folder, { recursive: true, force: true })
    })

    async function lay(text: string): Promise<void> {
      await writeFile(join(keystone.policyDir, '.edit'), text)
      await rename(join(keystone.policyDir, '.edit'), file)
    }

    test('it is attached over what was there, and every case holds', async () => {
      await lay(before)
      await chmod(file, 0o640)
      await writeFile(join(operator.folder, 'good.yaml'), good)
      const bed = on === 'charm' ? ['--base', keystone.basePolicy, '--release', 'debian-22'] : ['--base', 'debian-22']
      const { code, document } = await operator.ask('policy', 'attach', 'good.yaml', ...way, ...bed, '--yes')
      expect(codesOf(document.gate ?? {})).toEqual([])
      expect(code).toBe(0)
      expect(document.gate?.inForce).toMatchObject({ verdict: 'override', strange: [] })
      expect(document.gate?.units?.verdict).toBe('agreed')
      expect(document.gate?.cases?.filter(({ ok }) => !ok)).toEqual([])
      expect(await readFile(file, 'utf8')).toBe(good)
    })

    const breakages = [
      [
        'a malformed rule',
        (text: string) =>
          text.replace('"identity:list_users": "', '"identity:list_users": "rule:admin_required or or '),
        ['delivery/authority-lost', 'policy/malformed-rule'],
      ],
      [
        'a dead target',
        (text: string) =>
          text.replaceAll('token.domain.id:%(target.user.domain_id)s)"', 'token.domain.id:%(user.domain_id)s)"'),
        ['cloud/persona-incomplete', 'cloud/dead-create-rule', 'policy/dead-target'],
      ],
      ['the file removed', () => undefined, ['delivery/not-in-force', 'delivery/file-missing']],
      [
        'an escalation',
        (text: string) => `${text}"managed_role_name": "not role:nobody"\n`,
        ['cloud/escalation', 'isolation/escalation', 'delivery/not-proved'],
      ],
    ] as const
    test.each(breakages)('the gate names %s', async (_, damage, codes) => {
      const damaged = damage(good)
      if (damaged === undefined) await rm(file)
      else await lay(damaged)
      const { code, document } = await operator.ask('policy', 'gate', ...way, '--settle', '0')
      expect(code).toBe(3)
      expect(codesOf(document)).toEqual(expect.arrayContaining([...codes]))
    })

    test('a rollback brings back bytes and mode, and the cloud answers as before', async () => {
      const { code, document } = await operator.ask('policy', 'rollback', ...way, '--yes')
      expect(codesOf(document).filter((found) => found !== 'delivery/changed-since')).toEqual([])
      expect(code).toBe(0)
      expect(document.isBack).toBe(true)
      expect(await readFile(file, 'utf8')).toBe(before)
      expect((await stat(file)).mode & 0o777).toBe(0o640)
      expect(await readdir(keystone.policyDir)).toEqual(['domain-manager.yaml'])
    })
  },
)

test('a real 2025.1 is found out by its answers, and one rule is still needed there', async () => {
  const keystone = await findKeystone('native')
  await removeOverrides(keystone)
  const operator = await operatorAt(keystone)
  const { code, document } = await operator.ask('policy', 'advise')
  expect(code).toBe(0)
  expect(document).toMatchObject({ releaseNames: ['27.0.0-3+deb13u6'], untold: [], base: 'default', persona: 'native' })
  expect(document.observed).toMatchObject({ enforceScope: true, validatesFirst: true, strange: [] })
  expect(codesOf(document)).toContain('delivery/native-lacks-role')
  await rm(operator.folder, { recursive: true, force: true })
})
