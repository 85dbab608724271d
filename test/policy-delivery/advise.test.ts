import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import { probeTraces } from '../isolation/tenant-cloud.ts'
import { codesOf, openDeliveryTestBed, override } from './test-bed.ts'
import type { DeliveryTestBed } from './test-bed.ts'

const beds: DeliveryTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) {
    expect(probeTraces(bed.cloud)).toEqual([])
    await bed.remove()
  }
})

async function advise(seed: Parameters<typeof openDeliveryTestBed>[0], ...argv: readonly string[]) {
  const bed = await openDeliveryTestBed(seed)
  beds.push(bed)
  return bed.ask('policy', 'advise', ...argv)
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
  const bed = await openDeliveryTestBed({ preset: 'zed-patched', overrides: [await override()] })
  beds.push(bed)
  const file = await bed.write('good.yaml', await override())
  const known = await bed.ask('policy', 'advise', '--override', file)
  expect(known.document.persona).toBe('override')
  expect(codesOf(known.document)).not.toContain('delivery/unlike-any')
  const unknown = await bed.ask('policy', 'advise')
  expect(codesOf(unknown.document)).toContain('delivery/unlike-any')
})

test.each(['silence', 'an answer that the name is taken'])(
  'a throwaway user that was made all the same, after %s, is used: nothing is unknown',
  async (kind) => {
    const io: { fetch?: Fetch } = {}
    const bed = await openDeliveryTestBed({ preset: 'epoxy' }, {}, io)
    beds.push(bed)
    const undisturbed = await bed.ask('policy', 'advise')
    let struck = 0
    io.fetch = async (url, init) => {
      const answer = await bed.fetch(url, init)
      if (init.method !== 'POST' || !url.endsWith('/v3/users') || struck++ > 2) return answer
      if (kind === 'silence') return new Promise(() => undefined)
      return new Response('{"error":{"message":"Duplicate entry"}}', {
        status: 409,
        headers: { 'content-type': 'application/json' },
      })
    }
    const { code, document } = await bed.ask('policy', 'advise')
    expect(struck).toBeGreaterThan(2)
    expect(code).toBe(undisturbed.code)
    expect(codesOf(document)).toEqual(codesOf(undisturbed.document))
  },
)

test('an advice that is interrupted prints no verdict', async () => {
  const stop = new AbortController()
  const io: { fetch?: Fetch; stop: AbortSignal } = { stop: stop.signal }
  const bed = await openDeliveryTestBed({ preset: 'epoxy' }, {}, io)
  beds.push(bed)
  io.fetch = (url, init) => {
    if (url.includes('/role_assignments')) stop.abort()
    return bed.fetch(url, init)
  }
  const { code, out, err } = await bed.type('policy', 'advise')
  expect(code).toBe(4)
  expect(out).toBe('')
  expect(err).toContain('stopped as requested')
})

test('below OSSA-2026-015 the persona is unsafe', async () => {
  const bed = await openDeliveryTestBed({ preset: 'caracal-unpatched', isPersonaBuilt: true })
  beds.push(bed)
  const { code, document } = await bed.ask(
    'policy',
    'advise',
    '--override',
    await bed.write('o.yaml', await override('2024.1+base')),
  )
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unsafe-level')
})

test('what got no answer is not shown: exit 3, and no step is founded on it in silence', async () => {
  const silent = { kind: 'answer', service: 'identity', method: 'GET', path: '^/v3/users$', status: 500 } as const
  const { code, document } = await advise({ preset: 'zed-patched', faults: [silent] })
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unanswered')
})
