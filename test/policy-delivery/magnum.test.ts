/** Magnum reads the project of a quota by its own account: an override must leave it that. */
import { afterEach, expect, test } from 'vitest'
import { probeTraces } from '../isolation/tenant-cloud.ts'
import { codesOf, openDeliveryTestBed, override } from './test-bed.ts'
import type { DeliveryTestBed } from './test-bed.ts'

const beds: DeliveryTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) {
    expect(probeTraces(bed.cloud)).toEqual([])
    expect(bed.cloud.state.magnumQuotas.size).toBe(0)
    await bed.remove()
  }
})

/** As `policy build` made it before it knew of Magnum. */
function withoutMagnum(text: string): string {
  const old = text.replace(/\s+or rule:magnum_project_check(?=")/, '').replace(/^"magnum_project_check".*\n/m, '')
  expect(old).not.toContain('"magnum_project_check"')
  return old
}

const bases = [
  {
    base: 'default',
    seed: { preset: 'zed-patched' },
    ground: ['--base', 'debian-22+oct-2026'],
    release: 'debian-22+oct-2026',
  },
  {
    base: 'charm',
    seed: { preset: 'caracal-charmed' },
    ground: ['--base', 'charm', '--release', '2024.1+ossa-2026-015'],
    release: '2024.1+ossa-2026-015',
  },
] as const

test.each(bases)('the gate is red for an override that takes the quotas from Magnum: $base base', async (on) => {
  const bed = await openDeliveryTestBed(on.seed)
  beds.push(bed)
  const way = ['--policy-dir', bed.policyDir, '--connections', '2', ...on.ground]
  const good = await override(on.release, on.base)
  const old = await bed.ask('policy', 'attach', await bed.write('old.yaml', withoutMagnum(good)), ...way, '--yes')
  expect(codesOf(old.document.gate ?? {})).toEqual(['cloud/cluster-quota'])
  expect(old.document.outcome).toBe('restored')
  expect(old.code).toBe(3)
  const { code, document } = await bed.ask('policy', 'attach', await bed.write('good.yaml', good), ...way, '--yes')
  expect(codesOf(document.gate ?? {})).toEqual([])
  expect(document.gate?.cases).toContainEqual(
    expect.objectContaining({ id: 'cluster-quota/set', group: 'unaffected', ok: true }),
  )
  expect(code).toBe(0)
})

const broken = {
  kind: 'answer',
  service: 'container-infra',
  method: 'POST',
  path: '^/v1/quotas$',
  status: 503,
} as const

test('a Magnum that did not answer before says nothing of the override', async () => {
  const bed = await openDeliveryTestBed({ preset: 'zed-patched', faults: [broken] })
  beds.push(bed)
  const way = ['--policy-dir', bed.policyDir, '--connections', '2', '--base', 'debian-22+oct-2026']
  const { code, document } = await bed.ask(
    'policy',
    'attach',
    await bed.write('good.yaml', await override()),
    ...way,
    '--yes',
  )
  expect(document.gate?.findings).toEqual([
    expect.objectContaining({ code: 'isolation/no-verdict', severity: 'warning' }),
  ])
  expect(code).toBe(0)
  // without a before, silence is not shown to be harmless
  const alone = await bed.ask('policy', 'gate', ...way, '--home', 'elsewhere')
  expect(alone.document.findings).toContainEqual(
    expect.objectContaining({ code: 'isolation/no-verdict', severity: 'unknown' }),
  )
  expect(alone.code).toBe(3)
})
