/** The main commands on the charm's base: with the override that we build for it, and where it refuses its operator something. */
import { afterEach, expect, test } from 'vitest'
import { buildOverride } from '../../src/policy/build/override.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

async function onboard(): Promise<string> {
  const file = await bed.write('acme.yaml', await exampleTenant('acme'))
  const made = await bed.run('apply', file, '--yes')
  expect(made.code, made.out + made.err).toBe(0)
  return file
}

test('every main command works there', async () => {
  bed = await openSimulated({ preset: 'caracal-charmed', isPersonaBuilt: true })
  const probed = await bed.run('preflight', await bed.write('acme.yaml', await exampleTenant('acme')), '--probe')
  expect(probed.code, probed.out + probed.err).toBe(0)
  const file = await onboard()
  for (const command of [
    ['plan', file],
    ['apply', file, '--yes'],
    ['status', file],
    ['verify', file],
    ['audit', file],
    ['audit', file, '--deep'],
    ['diagnose', file],
    ['report', file],
    ['rotate', file, '--account', 'svc', '--yes'],
    ['offboard', file, '--dry-run'],
  ]) {
    const { code, out, err } = await bed.run(...command)
    expect(code, `${command.join(' ')}\n${out}${err}`).toBe(0)
  }
  const gone = await bed.run('offboard', file, '--confirm', 'acme')
  expect(gone.out, gone.err).toContain('nothing of acme is left')
  expect(gone.code).toBe(0)
})

/** As the override was before an operator could list them. Magnum's account still removes its own. */
async function withoutReading(): Promise<string> {
  const { text } = buildOverride(await loadKeystone(parseRelease('2024.1+ossa-2026-015')), { base: { kind: 'charm' } })
  const refused = text.replace(/^("identity:list_application_credentials"): ".*"$/m, '$1: "user_id:%(user_id)s"')
  expect(refused).not.toBe(text)
  return refused
}

test('what the cloud refuses its operator is not shown, and the command goes on', async () => {
  bed = await openSimulated({ preset: 'caracal-charmed', overrides: [await withoutReading()] })
  const file = await onboard()
  for (const argv of [
    ['audit', file],
    ['audit', file, '--deep'],
  ]) {
    const { code, out, err } = await bed.run(...argv)
    expect(out, err).toMatch(/not shown audit\/unread\s+the application credentials/)
    expect(code).toBe(3)
  }
  const planned = await bed.run('offboard', file, '--dry-run')
  expect(planned.out, planned.err).toMatch(/not shown offboard\/unseen\s+every application credential/)
  expect(planned.code).not.toBe(4)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  // they die with their users, which are seen to be gone
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect([...bed.cloud.state.domains.values()].map(({ name }) => name)).not.toContain('acme')
})
