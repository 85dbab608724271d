import { afterEach, expect, test } from 'vitest'
import { probeTraces } from '../isolation/tenant-cloud.ts'
import { codesOf, openDeliveryStand, override } from './stand.ts'
import type { DeliveryStand } from './stand.ts'

const stands: DeliveryStand[] = []

afterEach(async () => {
  for (const stand of stands.splice(0)) {
    expect(probeTraces(stand.cloud)).toEqual([])
    await stand.remove()
  }
})

async function advise(seed: Parameters<typeof openDeliveryStand>[0], ...argv: readonly string[]) {
  const stand = await openDeliveryStand(seed)
  stands.push(stand)
  return stand.ask('policy', 'advise', ...argv)
}

test('a Keystone with a domain manager of its own is known by its answers, and one rule is still needed', async () => {
  const { code, document } = await advise({ preset: 'epoxy' })
  expect(code).toBe(0)
  expect(document.releaseNames).toEqual(['2025.1'])
  expect(document.persona).toBe('native')
  expect(document.observed?.enforceScope).toBe(true)
  expect(codesOf(document)).toContain('delivery/native-lacks-role')
  expect(document.steps?.[0]).toContain('policy build --base 2025.1+oct-2026')
  expect(document.visible?.domains.seen).toBe(1)
})

test("the charm's base hides it, whatever the release", async () => {
  const { document } = await advise({ preset: 'epoxy-charmed' })
  expect(document.persona).toBe('hidden')
  expect(document.releaseNames).toEqual(['2025.1', 'debian-27'])
  expect(codesOf(document)).toEqual(expect.arrayContaining(['delivery/hidden-persona', 'delivery/json-fallback']))
})

test('an older Keystone without an override has none', async () => {
  const { code, document } = await advise({ preset: 'zed-patched' })
  expect(code).toBe(0)
  expect(document.releaseNames).toEqual(['debian-22'])
  expect(document.persona).toBe('absent')
  expect(document.steps?.[0]).toContain('policy build --base debian-22+oct-2026')
})

test('with the override that is named, the persona comes from it', async () => {
  const stand = await openDeliveryStand({ preset: 'zed-patched', overrides: [await override()] })
  stands.push(stand)
  const file = await stand.write('good.yaml', await override())
  const known = await stand.ask('policy', 'advise', '--override', file)
  expect(known.document.persona).toBe('override')
  expect(codesOf(known.document)).not.toContain('delivery/unlike-any')
  const unknown = await stand.ask('policy', 'advise')
  expect(codesOf(unknown.document)).toContain('delivery/unlike-any')
})

test('below OSSA-2026-015 the persona is unsafe', async () => {
  const stand = await openDeliveryStand({ preset: 'caracal-unpatched', isPersonaBuilt: true })
  stands.push(stand)
  const { code, document } = await stand.ask(
    'policy',
    'advise',
    '--override',
    await stand.write('o.yaml', await override('2024.1+base')),
  )
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unsafe-level')
})
