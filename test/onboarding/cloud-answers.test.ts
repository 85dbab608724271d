/** Policy, trusts, certificate store and driver are separate answers; what the tenant file needs decides which are asked. */
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { exampleTenant, openSimulated, openTestBed, operatorOf } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}

/** `types`: services that this cloud never had. */
async function open(seed: Seed = {}, ...types: readonly string[]): Promise<void> {
  bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, ...seed })
  const { services } = bed.cloud.state
  for (const { id } of services.filter(({ type }) => types.includes(type))) services.delete(id)
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  await bed.write('plain.yaml', await exampleTenant('acme', withoutCluster))
}

const withoutCluster = (text: string): string =>
  text.replace(/    template:[^]*$/, '').replace(/ +container_infra: .*\n/, '')
const accepting = (text: string): string => `${text}overrides:\n  accepted_findings: [cloud/no-key-manager]\n`
const probing = (file = 'tenant.yaml') => bed.run('preflight', file, '--probe')

test('a cloud with everything answers four times yes', async () => {
  await open()
  const { code, out } = await probing()
  expect(code, out).toBe(0)
  expect(out).toContain("policy: works; trusts: works; certificate store: works; Magnum's driver: works")
})

test('a Magnum without Barbican: the policy works, and the store is not shown until the operator accepts that', async () => {
  await open({}, 'key-manager')
  const { code, out } = await probing()
  expect(code).toBe(3)
  expect(out).toContain("policy: works; trusts: works; certificate store: not shown; Magnum's driver: works")
  expect(out).toContain('cloud/no-key-manager')
  expect(out).not.toContain('cloud/no-endpoint')
  await bed.write('tenant.yaml', await exampleTenant('acme', accepting))
  const accepted = await probing()
  expect(accepted.code, accepted.out).toBe(0)
  expect(accepted.out).toContain('certificate store: not shown')
  const applied = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(applied.code, applied.out).toBe(0)
})

test('a tenant without a cluster needs neither trusts nor Barbican nor Magnum', async () => {
  await open({ faults: ['dead-trust-rule'] }, 'key-manager', 'container-infra')
  const { code, out } = await probing('plain.yaml')
  expect(code, out).toBe(0)
  expect(out).toContain("policy: works; trusts: not needed; certificate store: not needed; Magnum's driver: not needed")
  const applied = await bed.run('apply', 'plain.yaml', '--yes')
  expect(applied.code, applied.out).toBe(0)
  const other = await probing()
  expect(other.code, other.err).toBe(3)
  expect(other.out).toContain(
    "policy: works; trusts: does not work; certificate store: not shown; Magnum's driver: not",
  )
  expect(other.out).toContain('cloud/no-magnum')
  expect(other.out).toContain('cloud/dead-trust-rule')
})

test.each([
  { fault: 'dead-trust-rule', part: 'trusts', code: 'cloud/dead-trust-rule' },
  { fault: 'certificate-store', part: 'certificate store', code: 'cloud/certificate-store' },
  { fault: 'image-of-another-driver', part: "Magnum's driver", code: 'cloud/no-driver' },
] as const)('$fault is an answer of its own', async ({ fault, part, code }) => {
  await open({ faults: [fault] })
  const said = await probing()
  expect(said.code, said.out).toBe(3)
  expect(said.out).toContain('policy: works')
  expect(said.out).toContain(`${part}: does not work`)
  expect(said.out.match(/: does not work/g)).toHaveLength(1)
  expect(said.out).toContain(code)
})

test('a store that says 201 and keeps nothing does not work', async () => {
  const lost = {
    status: 404,
    body: { code: 404, title: 'Not Found', description: 'Not Found. Secret has no payload.' },
  }
  await open({
    faults: [{ kind: 'answer', service: 'key-manager', method: 'GET', path: '^/v1/secrets/[^/]+/payload$', ...lost }],
  })
  const { code, out } = await probing()
  expect(code).toBe(3)
  expect(out).toContain('certificate store: does not work')
  expect(out).toContain('policy: works')
})

test("the tenant's own old certificates are read back too", async () => {
  await open()
  const made = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(made.code, made.out).toBe(0)
  const before = await probing()
  expect(before.code, before.out).toBe(0)
  expect(before.out).toContain('Magnum reads the certificate of cluster')
  const plain = bed
  const fails: Fetch = (url, init) =>
    /\/v1\/certificates\/[^/]+$/.test(new URL(url).pathname) && init.method === 'GET'
      ? Promise.resolve({
          status: 500,
          headers: new Headers({ 'content-type': 'application/json' }),
          body: once(JSON.stringify({ errors: [{ status: 500, title: 'x', detail: 'Certificate not found' }] })),
        })
      : plain.cloud.fetch(url, init)
  const io = { fetch: fails, cwd: plain.folder, home: plain.folder }
  const second = await openTestBed(operatorOf(plain.cloud), fails, io, plain.clock)
  const { code, out } = await second.run('preflight', join(plain.folder, 'tenant.yaml'), '--probe')
  await second.remove()
  expect(code, out).toBe(3)
  expect(out).toContain('cloud/certificate-unreadable')
  expect(out).toContain('certificate store: works')
})
