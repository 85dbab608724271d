import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scsOverride } from '../policy/fixtures.ts'
import { createClock } from '../clock.ts'
import { exampleTenant, openTestBed, operatorOf, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'
import type { Seed } from '../../src/simulator/seed.ts'

/*
 * What a person sees in a terminal of 80 columns, in golden files: `npx vitest run test/cli --update`, then read the
 * diff. The same is shown in colour, where what is left without the colours must be the same text.
 */

type Terminal = {
  readonly cloud: Cloud
  readonly plain: TestBed
  readonly type: (...argv: readonly string[]) => Promise<string>
}

let terminal: Terminal

beforeAll(async () => {
  terminal = await openTerminal()
})

afterAll(() => terminal.plain.remove())

test('a tenant from its first plan to its report', async () => {
  const { type, plain } = terminal
  await shows('status-never-run', await type('status', 'tenant.yaml'))
  await shows('plan-new', await type('plan', 'tenant.yaml'))
  expect((await plain.run('apply', 'tenant.yaml', '--yes', '--until', 'network')).code).toBe(0)
  await shows('status-half-way', await type('status', 'tenant.yaml'))
  expect((await plain.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  await shows('plan-nothing', await type('plan', 'tenant.yaml'))
  await shows('verify-isolated', await type('verify', 'tenant.yaml'))
  await shows('status-validated', await type('status', 'tenant.yaml'))
  await shows('audit-clean', await type('audit', 'tenant.yaml'))
  await shows('report', await type('report', 'tenant.yaml', '--out', 'report.html'))
  await shows('report-check', await type('report', 'tenant.yaml', '--check', 'report.html'))
})

test('what is wrong: a quota and a role behind our back, a tenant file that changed', async () => {
  const { cloud, type, plain } = await openTerminal()
  expect((await plain.run('apply', 'tenant.yaml', '--yes')).code).toBe(0)
  await plain.run('report', 'tenant.yaml', '--out', 'report.html')
  const user = cloud.state.users.find(({ name }) => name === 'acme-svc')
  const admin = cloud.state.roles.find(({ name }) => name === 'admin')
  const grant = cloud.state.grants.find(({ actorId }) => actorId === user?.id)
  if (grant === undefined || admin === undefined) throw new Error('the tenant has its grants')
  cloud.state.grants.set('planted', { ...grant, roleId: admin.id })
  await shows('plan-conflict', await type('plan', 'tenant.yaml'))
  await shows('audit-surplus', await type('audit', 'tenant.yaml'))
  await plain.write('tenant.yaml', (await exampleTenant('acme')).replace('instances: 10', 'instances: 12'))
  await shows('status-stale', await type('status', 'tenant.yaml'))
  await shows('report-check-stale', await type('report', 'tenant.yaml', '--check', 'report.html'))
  await plain.remove()
})

test('verify under a policy with a hole', async () => {
  const { type, plain } = await openTerminal({ preset: 'zed-patched', overrides: [scsOverride()] })
  const applied = await plain.run('apply', 'tenant.yaml', '--yes', '--until', 'self-service')
  expect(applied.err + applied.out).toContain('self-service: done')
  await shows('verify-hole', await type('verify', 'tenant.yaml'))
  await plain.remove()
})

async function openTerminal(seed?: Seed): Promise<Terminal> {
  const { cloud, clock } = simulate(seed, { clock: createClock(Date.parse('2026-05-04T10:00:00.000Z')) })
  const page = { columns: 80, ...clock }
  const plain = await openTestBed(operatorOf(cloud), cloud.fetch, page)
  const text = await exampleTenant('acme')
  const accepted = seed === undefined ? '' : 'overrides:\n  accepted_findings: [cloud/dead-trust-rule]\n'
  await plain.write('tenant.yaml', `${text}${accepted}`)
  const colored = await openTestBed(operatorOf(cloud), cloud.fetch, {
    ...page,
    hasColor: true,
    cwd: plain.folder,
    home: plain.folder,
  })
  await colored.remove()
  return {
    cloud,
    plain,
    async type(...argv) {
      const { out, err } = await plain.run(...argv)
      const bright = await colored.run(...argv)
      expect(bright.out).toMatch(/\u001b\[\d+m/)
      expect(timeless(withoutColor(bright.out))).toBe(timeless(out))
      return timeless(`${out}${err === '' ? '' : `--- stderr\n${err}`}`).replaceAll(plain.folder, '/home/operator')
    },
  }
}

/** One golden file, no colour in it, and nothing wider than the terminal but for what must not be broken. */
async function shows(name: string, text: string): Promise<void> {
  expect(text).not.toContain('\u001b')
  const wide = text.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '))
  expect(wide.filter((line) => Math.max(...line.split(' ').map((word) => word.length)) < 50)).toEqual([])
  await expect(text).toMatchFileSnapshot(join('golden', `${name}.txt`))
}

function withoutColor(text: string): string {
  return text.replaceAll(/\u001b\[\d+m/g, '')
}

/** What differs from run to run: how long it took, the names of throwaways, digests that hang on ids. */
function timeless(text: string): string {
  return text
    .replaceAll(/in \d+\.\d s/g, 'in 1.0 s')
    .replaceAll(/tenant-onboard-probe-[a-z0-9]+-[0-9a-f]{8}/g, 'tenant-onboard-probe-run')
    .replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'0'.repeat(64)}`)
    .replaceAll(/\b[0-9a-f]{32}\b/g, '0'.repeat(32))
    .replaceAll(/\breq-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'req-00000000-0000-0000-0000-000000000000')
    .replaceAll(/10:0\d(:\d\d)?/g, (_, seconds: string | undefined) => (seconds === undefined ? '10:00' : '10:00:00'))
}
