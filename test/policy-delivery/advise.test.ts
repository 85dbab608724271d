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
  expect(document.releaseNames).toEqual(['27.1.0', '28.1.0', '29.1.0', '30.0.0'])
  expect(document.persona).toBe('native')
  expect(document.observed?.enforceScope).toBe(true)
  expect(codesOf(document)).toContain('delivery/native-lacks-role')
  expect(document.steps?.[0]).toContain('policy build --base 27.1.0 --fixes oct-2026')
  expect(document.visible?.domains.seen).toBe(1)
})

test("the charm's base hides it, whatever the release", async () => {
  const { document } = await advise({ preset: 'epoxy-charmed' })
  expect(document.persona).toBe('hidden')
  expect(document.releaseNames).toEqual(expect.arrayContaining(['27.0.0', '27.1.0', '29.1.0', '27.0.0-3+deb13u6']))
  // the rules that the charm replaces tell nothing, so the one with the fewest fixes speaks
  expect(document.release).toBe('27.0.0 --fixes ossa-2025-002,ossa-2026-015,aug-2026,oct-2026')
  expect(document.untold).toEqual(['ossa-2026-005', 'lp-2138295'])
  expect(codesOf(document)).toEqual(expect.arrayContaining(['delivery/hidden-persona', 'delivery/json-fallback']))
})

test('an older Keystone without an override has none', async () => {
  const { code, document } = await advise({ preset: 'zed-patched' })
  expect(code).toBe(0)
  expect(document.releaseNames).toEqual(['22.0.2-0+deb12u5', '22.0.2-0+deb12u6'])
  expect(document.persona).toBe('absent')
  expect(document.steps?.[0]).toContain('policy build --base 22.0.2-0+deb12u6')
})

test('a file that is named is the base, also where one that we know answers alike', async () => {
  const bed = await openDeliveryTestBed({ preset: 'zed-patched' })
  beds.push(bed)
  const file = await bed.write('base.yaml', '{}\n')
  const { code, document } = await bed.ask('policy', 'advise', '--base', file)
  expect(code).toBe(0)
  expect(document.steps?.[0]).toContain('policy build')
  expect(document.steps?.[0]).toContain(`--base ${file}`)
  expect(document.steps?.[1]).toContain('policy attach')
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
    await bed.write('o.yaml', await override('25.0.0')),
  )
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unsafe-level')
  expect(document.steps).toHaveLength(1)
  expect(document.steps?.[0]).toMatch(/^update Keystone to a package with ossa-2026-015 and ossa-2025-002/)
  expect(document.steps?.[0]).not.toMatch(/policy (?:build|attach)/)
})

test('what got no answer is not shown: exit 3, and no step is founded on it in silence', async () => {
  const silent = { kind: 'answer', service: 'identity', method: 'GET', path: '^/v3/users$', status: 500 } as const
  const { code, document } = await advise({ preset: 'zed-patched', faults: [silent] })
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unanswered')
})

const may = 'ossa-2026-015'

test.each([
  // release of the cloud, the package that speaks, what no request tells apart
  ['25.0.0', '25.0.0', []],
  // a reader's EC2 key: refused by the fix if new defaults are enforced, allowed without either
  ['26.1.0', '26.1.0', ['ossa-2026-005']],
  ['27.0.1', '27.0.1', []],
  ['27.1.0', '27.1.0', []],
  ['29.0.0', '29.0.0', ['ossa-2026-005']],
  ['30.0.0', '27.1.0 --fixes oct-2026', []],
  [`25.0.0 --fixes ossa-2025-002,${may}`, `25.0.0 --fixes ossa-2025-002,${may}`, ['ossa-2026-005']],
  // the same rules and fixes as a build of Debian
  [`27.0.1 --fixes ${may},aug-2026`, '27.0.0-3+deb13u5', []],
  ['22.0.2-0+deb12u4', '22.0.2-0+deb12u4', []],
] as const)('%s on its own rules is known by its answers: %s', async (release, known, untold) => {
  const { document } = await advise({ preset: 'epoxy', release })
  expect(codesOf(document)).not.toContain('delivery/unlike-any')
  expect(document.release).toBe(known)
  expect(document.untold).toEqual(untold)
})

test('where no rule is asked before a signature is exchanged, only the update is advised', async () => {
  const { code, document } = await advise({ preset: 'epoxy', release: `27.0.0 --fixes ${may}` })
  expect(code).toBe(3)
  expect(codesOf(document)).toContain('delivery/unasked-exchange')
  expect(codesOf(document)).not.toContain('delivery/unsafe-level')
  expect(document.fixes?.['ossa-2025-002']).toBe(false)
  expect(document.steps).toEqual([expect.stringMatching(/^update Keystone to a package with ossa-2025-002 /)])
})
