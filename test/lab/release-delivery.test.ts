/**
 * `policy advise`, `build`, `attach`, `gate` and `rollback` on real Keystones of many releases, as advise prints them, and the checks of
 * scs-0302 by our probes. Below the decisive fixes advise names only the update, and attach changes nothing.
 */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scsVerdicts } from '../../src/isolation/scs.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { hasFix, isSince, parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { codesOf } from '../policy-delivery/test-bed.ts'
import { isSample } from '../sweep-share.ts'
import { removeOverrides } from './cloud.ts'
import { operatorAt } from './command-line.ts'
import { adminOf, findRelease, playAll, releaseNames } from './releases.ts'
import { worldOf } from './release-world.ts'

const names = isSample ? (['30.0.0'] as const) : releaseNames

describe.each(names)('on Keystone %s', (name) => {
  test('what advise prints can be done, or nothing but the update', { timeout: 3_600_000 }, async (context) => {
    const on = await findRelease(name)
    if (typeof on === 'string') {
      process.stderr.write(`not tried: ${name}: ${on}\n`)
      context.skip(on)
      return
    }
    // it has the roles that an operator makes
    const world = await worldOf(on)
    await removeOverrides(on)
    const operator = await operatorAt({ url: on.url, admin: adminOf(on) })
    const release = parseRelease(on.package)
    const isFixed = hasFix(release, 'ossa-2026-015') && hasFix(release, 'ossa-2025-002')
    try {
      const advised = await operator.ask('policy', 'advise', '--policy-dir', on.policyDir)
      expect(advised.code).toBe(isFixed ? 0 : 3)
      expect(JSON.stringify(advised.document)).toContain(on.package)
      await writeFile(
        join(operator.folder, 'good.yaml'),
        buildOverride(await loadKeystone(release), { base: { kind: 'default' } }).text,
      )
      expect(advised.document.roleInferences).toContainEqual(['member', 'reader'])
      const way = ['--policy-dir', on.policyDir, '--base', on.package]
      const attached = await operator.ask('policy', 'attach', 'good.yaml', ...way, '--yes')
      expect(attached.code).toBe(isFixed ? 0 : 3)
      if (!isFixed) {
        expect(await readdir(on.policyDir)).toEqual([])
        return
      }
      // the row of this world's role `custom`. As released, admin on any domain is admin of the cloud; the override leaves the rules of
      // 2024.2 and later as they are
      const codes = new Set(codesOf(attached.document.gate ?? {}))
      expect([...codes].sort()).toEqual([
        'delivery/unlike-bootstrap',
        ...(isSince(release, '2024.2') ? ['isolation/domain-admin'] : []),
      ])
      expect(attached.document.gate?.inForce).toMatchObject({ verdict: 'override', strange: [] })
      const held = await operator.ask('policy', 'gate', ...way)
      expect(held.code).toBe(0)
      const checks = scsVerdicts(held.document.cases ?? [])
      // the gate signs in as the manager for each of them, and has no probe for that alone
      const signIns = checks.filter(({ probes }) => probes.every((id) => id.startsWith('logins/')))
      expect(signIns).toHaveLength(2)
      expect(checks.filter((one) => !one.ok && !signIns.includes(one))).toEqual([])
      // what an operator adds counts, and no bootstrap is assumed
      const row = `/v3/roles/${world.ids['role:member'] ?? ''}/implies/${world.ids['role:manager'] ?? ''}`
      const token = world.tokens['cloud-admin']
      const [made] = await playAll(on, [{ method: 'PUT', path: row, token }])
      expect(made?.status).toBe(201)
      const refused = await operator.ask('policy', 'attach', 'good.yaml', ...way, '--dry-run')
      await playAll(on, [{ method: 'DELETE', path: row, token }])
      expect(refused.code).toBe(3)
      expect(codesOf(refused.document)).toContain('delivery/managed-role-implies')
      const planned = await operator.ask('policy', 'attach', 'good.yaml', ...way, '--dry-run')
      expect(planned.code).toBe(0)
      const back = await operator.ask('policy', 'rollback', '--policy-dir', on.policyDir, '--yes')
      expect(back.code).toBe(0)
      expect(await readdir(on.policyDir)).toEqual([])
    } finally {
      await removeOverrides(on)
      await rm(operator.folder, { recursive: true, force: true })
    }
  })
})
