/**
 * 288 requests of 16 personas at their own, foreign and cloud-wide objects, on real Keystones of many releases. Keystone
 * tells what it asked oslo.policy while it answered, and the engine has to decide each of these questions alike.
 */
import { describe, expect, test } from 'vitest'
import { enforce } from '../../src/policy/engine/enforce.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { keystoneRules, loadKeystone } from '../../src/policy/releases/keystone.ts'
import { isSwept } from '../sweep-share.ts'
import { cellsOf } from './release-cells.ts'
import { recordResult } from './release-results.ts'
import { findRelease, playAll, triedReleases } from './releases.ts'
import { worldOf } from './release-world.ts'

describe.concurrent.each(triedReleases)('Keystone %s', (name) => {
  test('decides as the engine says', { timeout: 3_600_000 }, async (context) => {
    const on = await findRelease(name)
    if (typeof on === 'string') {
      process.stderr.write(`not compared: ${name}: ${on}\n`)
      context.skip(on)
      return
    }
    const rules = keystoneRules(await loadKeystone(parseRelease(on.package)))
    const cells = cellsOf(await worldOf(on)).filter((_, index) => isSwept(index, 40))
    const answers = await playAll(
      on,
      cells.map(({ request }) => request),
    )
    let questions = 0
    const wrong = cells.flatMap((cell, index) =>
      (answers[index]?.asked ?? []).flatMap(({ action, creds, target, result }) => {
        questions += 1
        const decision = enforce(rules, action, creds, target).kind
        return (decision === 'allow') === result ? [] : [`${cell.name}: ${action}: ${decision}, Keystone ${result}`]
      }),
    )
    await recordResult(on, {
      what: 'engine',
      base: 'default',
      counts: { cells: cells.length, questions },
      wrong,
    })
    expect(wrong).toEqual([])
    expect(questions).toBeGreaterThan(cells.length * 0.8)
  })
})
