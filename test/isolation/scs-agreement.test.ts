import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { scsVerdicts } from '../../src/isolation/scs.ts'
import { goodOverride, tenantCloud, verifyAcme } from './tenant-cloud.ts'
import { weakened, weaknesses } from './scs-weaknesses.ts'

/*
 * Check by check: what the real suite said on a real Keystone of each weakened policy (recorded by scripts/scs-verdicts.mjs)
 * and what our probes say of the same policy. The suite stops at the first check that fails: up to there both must agree.
 */

type Recorded = {
  readonly rule?: string
  readonly kind?: 'open' | 'shut'
  readonly passed: number
  readonly failed?: string
  readonly error?: string
}

const recorded = JSON.parse(await readFile('test/isolation/scs-verdicts.json', 'utf8')) as readonly Recorded[]

test('the suite was asked about every weakness', () => {
  expect(recorded.map(({ rule, kind }) => ({ rule, kind }))).toEqual([{}, ...weaknesses])
  expect(recorded[0]?.passed).toBe(60)
})

test.each(recorded)('$kind $rule: the suite passes $passed checks, and we say the same of each', async (said) => {
  const { rule, kind, passed, failed } = said
  const ours = await goodOverride('debian-22+oct-2026', 'default')
  const text = rule === undefined || kind === undefined ? ours.text : weakened(ours, { rule, kind })
  const { results } = await verifyAcme(await tenantCloud({ preset: 'zed-patched', overrides: [text] }))
  const verdicts = scsVerdicts(results)
  expect(verdicts.slice(0, passed).filter(({ ok }) => !ok)).toEqual([])
  if (failed === undefined) return
  expect(verdicts[passed]?.check).toBe(failed)
  // it also stops where what it needs cannot be made or found, which is no verdict
  const isVerdict = said.error?.includes('Policy error') === true && !isReadBackAsManager(said)
  if (isVerdict) expect(verdicts[passed]?.ok).toBe(false)
})

/** After a grant the suite asks as the manager whether it exists, we as the operator: without `check_grant` only the suite is blind. */
function isReadBackAsManager({ rule, kind }: Recorded): boolean {
  return rule === 'identity:check_grant' && kind === 'shut'
}
