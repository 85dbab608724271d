/** From the trust to healthy nodes: what the two gates of the cluster claim, and when they do not hold. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listNodes } from '../../src/kubernetes/nodes.ts'
import { openKubernetes } from '../../src/kubernetes/api.ts'
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import type { FaultName } from '../../src/simulator/faults.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'
import { openSlow, secretsOf } from './cluster-test-bed.ts'

type Check = {
  readonly claim: string
  readonly ok: boolean
  readonly value: Readonly<Record<string, unknown>>
  readonly about?: string
}
type Document = {
  readonly ok: boolean
  readonly changingRequests: number
  /** Absent where the run was refused. */
  readonly stages?: readonly {
    readonly stage: string
    readonly gate: string
    readonly ok: boolean
    readonly checks: readonly Check[]
  }[]
}

async function apply(bed: SimulatedTestBed, ...options: readonly string[]) {
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('apply', file, '--yes', '-o', 'json', ...options)
  const document = out === '' ? undefined : (JSON.parse(out) as Document)
  const gate = (name: string): readonly Check[] =>
    document?.stages?.find((result) => result.stage === 'cluster' && result.gate === name)?.checks ?? []
  return { code, err, document, accepted: gate('accepted'), complete: gate('complete') }
}

test('a run ends with a kubeconfig that works, healthy nodes, and the reason of every state on the way', async () => {
  const bed = await openSlow()
  const { code, err, complete } = await apply(bed)
  expect(code, err).toBe(0)
  expect(complete.map(({ claim, ok }) => [claim, ok])).toEqual([
    ['cluster acme-cluster is complete', true],
    ['cluster acme-cluster has all its machines and an address', true],
    ['the driver of acme-cluster uses the trust, and left no credential', true],
    ['the kubeconfig of acme-cluster is signed by its CA', true],
    ['every node of acme-cluster is Ready', true],
    ['calico runs on every node of acme-cluster', true],
    ['the cloud controller of acme-cluster runs', true],
  ])
  expect(new Set(complete.map(({ about }) => about))).toEqual(new Set(['cluster/cluster']))
  expect(err).toContain('cluster: acme-cluster is requested; Magnum has not recorded it yet')
  expect(err).toMatch(/cluster: acme-cluster CREATE_IN_PROGRESS: certificates stored; stack CREATE_IN_PROGRESS/)
  expect(err).toContain('cluster: asking for a certificate of acme-cluster')

  const secrets = secretsOf(bed)
  const path = secrets.pathOf('acme-cluster.kubeconfig')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const { out } = await bed.run('status', join(bed.folder, 'tenant.yaml'))
  expect(out).toMatch(/acme-cluster: client certificate of the kubeconfig until 20\d\d-\d\d-\d\d \(\d+ days\)/)
  expect(out).toMatch(/acme-cluster: CA of the cluster until 20\d\d-\d\d-\d\d \(\d+ days\)/)
  const text = await secrets.read('acme-cluster.kubeconfig')
  const kubeconfig = text === undefined ? undefined : parseKubeconfig(text)
  if (kubeconfig === undefined) throw new Error('that is no kubeconfig')
  const nodes = await listNodes(openKubernetes({ ...kubeconfig, fetch: bed.cloud.fetch }))
  expect(nodes.map(({ isReady }) => isReady)).toEqual([true, true])
  await bed.remove()
})

test('the next run keeps the certificate, and asks for another only where it is of no use', async () => {
  const bed = await openSimulated()
  expect((await apply(bed)).code).toBe(0)
  const secrets = secretsOf(bed)
  const first = await secrets.read('acme-cluster.kubeconfig')
  const again = await apply(bed)
  expect(again.document).toMatchObject({ ok: true, changingRequests: 0 })
  expect((await secrets.read('acme-cluster.kubeconfig'))?.reveal()).toBe(first?.reveal())

  // the file is lost, the key is not
  const key = (await secrets.read('acme-cluster.key'))?.reveal()
  const { Secret } = await import('../../src/secret.ts')
  await secrets.write('acme-cluster.kubeconfig', new Secret('kind: Config'))
  const third = await apply(bed)
  expect(third.document).toMatchObject({ ok: true, changingRequests: 1 })
  const renewed = await secrets.read('acme-cluster.kubeconfig')
  expect(renewed === undefined ? undefined : parseKubeconfig(renewed)?.identity.key.reveal().trim()).toBe(key)
  await bed.remove()
})

test("the credential that capi-helm leaves is the creator's, restricted, with the roles of its token", async () => {
  // long enough to be looked at while it is made
  const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true }, {}, { pace: { clusterCreated: 2000 } })
  const { code, err, complete } = await apply(bed)
  expect(code, err).toBe(0)
  const child = complete.find(({ claim }) => claim.includes('credential inside acme-cluster'))
  expect(child).toMatchObject({ ok: true })
  const [minted] = child?.value as unknown as readonly Record<string, unknown>[]
  expect(minted).toMatchObject({
    unrestricted: false,
    roles: expect.arrayContaining(['load-balancer_member', 'member']) as unknown,
  })
  expect(minted?.['owner']).toBe(bed.cloud.state.users.find((user) => user.name === 'acme-cluster')?.id)
  expect(err).toMatch(/the driver works on Helm release acme-cluster-[a-z2-7]{12}, and Cluster API after it/)

  // somebody widens it: the next run says so
  const { applicationCredentials } = bed.cloud.state
  const row = applicationCredentials.find(({ name }) => name.startsWith('magnum-'))
  if (row === undefined) throw new Error('there is no child credential')
  applicationCredentials.set(row.id, { ...row, unrestricted: true })
  const wider = await apply(bed)
  expect(wider.code).toBe(3)
  expect(wider.complete.find(({ claim }) => claim.includes('credential inside'))).toMatchObject({ ok: false })
  await bed.remove()
})

test.each([
  ['2024.1', { preset: 'caracal-charmed', isPersonaBuilt: true }],
  ['2024.1 with capi-helm 1.4', { preset: 'caracal-charmed', isPersonaBuilt: true, capiHelm: '1.4' }],
  ['2025.1', { preset: 'epoxy', isPersonaBuilt: true }],
  ['2026.2', { preset: 'epoxy', isPersonaBuilt: true, magnum: '2026.2' }],
] as const satisfies readonly (readonly [string, Seed])[])(
  'Magnum %s: capi-helm tells no address of a machine, and the run comes to its end',
  async (_, seed) => {
    const bed = await openSimulated(seed)
    const { code, err, complete } = await apply(bed)
    expect(code, err).toBe(0)
    expect(bed.cloud.state.clusters.map(({ node_addresses }) => node_addresses)).toEqual([[]])
    const claimed = (claim: string) => complete.find((check) => check.claim === claim)
    expect(claimed('cluster acme-cluster has all its machines and an address')).toMatchObject({
      ok: true,
      value: {
        groups: ['default-master (master): 1, CREATE_COMPLETE', 'default-worker (worker): 1, CREATE_COMPLETE'],
      },
    })
    expect(claimed('every node of acme-cluster is Ready')).toMatchObject({
      ok: true,
      value: { nodes: 2, masters: [expect.stringMatching(/^10\./)], workers: [expect.stringMatching(/^10\./)] },
    })
    // and the next run finds nothing to do
    expect((await apply(bed)).document).toMatchObject({ ok: true, changingRequests: 0 })
    await bed.remove()
  },
)

test('a group of machines that failed below a complete cluster: the gate does not hold', async () => {
  const bed = await openSimulated({ preset: 'epoxy', isPersonaBuilt: true, faults: ['cluster-workers-failed'] })
  const { code, complete } = await apply(bed)
  expect(code).toBe(3)
  expect(complete.filter(({ ok }) => !ok).map(({ claim }) => claim)).toEqual([
    'cluster acme-cluster has all its machines and an address',
  ])
  await bed.remove()
})

test.each([
  ['node-not-ready', 'every node of acme-cluster is Ready'],
  ['cni-crashing', 'calico runs on every node of acme-cluster'],
  ['no-cloud-controller', 'the cloud controller of acme-cluster runs'],
] as const satisfies readonly (readonly [FaultName, string])[])(
  '%s: the gate waits, and then does not hold',
  async (fault, claim) => {
    const bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, faults: [fault] })
    const { code, err, complete } = await apply(bed)
    expect(code).toBe(3)
    expect(complete.filter(({ ok }) => !ok).map((check) => check.claim)).toEqual([claim])
    expect(err).toContain('acme-cluster is complete; waiting for')
    // the cluster can be looked at all the same
    expect(await secretsOf(bed).read('acme-cluster.kubeconfig')).toBeDefined()
    await bed.remove()
  },
)

test('a cluster whose API nobody can reach is no verdict: exit 4, and the same command continues', async () => {
  let isCut = true
  const cut = await openSimulated(undefined, {
    fetch: (url, init) =>
      isCut && url.includes(':6443/')
        ? Promise.reject(
            new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'EHOSTUNREACH' }) }),
          )
        : cut.cloud.fetch(url, init),
  })
  const first = await apply(cut)
  expect(first.code).toBe(4)
  expect(first.err).toContain('there is no route to')
  isCut = false
  const second = await apply(cut)
  expect(second.document).toMatchObject({ ok: true, changingRequests: 0 })
  expect(cut.cloud.state.clusters.size).toBe(1)
  await cut.remove()
})

test('stopped while it waits it ends with exit 4, and the same command continues to the end', async () => {
  let stop = new AbortController()
  let isFirst = true
  let said = ''
  const bed = await openSlow({
    get stop() {
      return stop.signal
    },
    err: (text) => {
      said += text
      if (isFirst && text.includes('stack CREATE_IN_PROGRESS')) stop.abort()
    },
  })
  const first = await apply(bed)
  expect(first.code).toBe(4)
  expect(bed.cloud.state.clusters.size).toBe(1)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('status', file)).out).toMatch(/cluster +accepted/)
  // it did not fail
  expect(said).toContain('cluster: stopped')
  expect(said).not.toContain('cluster: failed')
  isFirst = false
  stop = new AbortController()
  const second = await apply(bed)
  expect(second.code).toBe(0)
  expect(bed.cloud.state.clusters.size).toBe(1)
  await bed.remove()
})

test('a dead trust rule stops it before Magnum is asked, and a living one does not', async () => {
  const bed = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true })
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  expect((await bed.run('apply', file, '--yes', '--until', 'template')).code).toBe(0)
  // the operator lays another file over it, after the probes have passed
  const dead = await openSimulated({ preset: 'zed-patched', isPersonaBuilt: true, faults: ['dead-trust-rule'] })
  const accept = 'overrides:\n  accepted_findings: [cloud/dead-trust-rule]\n'
  const accepted = await dead.write('tenant.yaml', `${await exampleTenant('acme')}${accept}`)
  const refused = await dead.run('apply', accepted, '--yes')
  expect(refused.code).toBe(3)
  expect(refused.err).toContain('cluster `acme-cluster` is not requested')
  expect(refused.err).toContain('identity:create_trust')
  expect(dead.cloud.state.clusters.size).toBe(0)
  expect(dead.sent.filter(({ method, path }) => method === 'POST' && path.endsWith('/v1/clusters'))).toEqual([])
  expect((await bed.run('apply', file, '--yes')).code).toBe(0)
  await Promise.all([bed.remove(), dead.remove()])
})

test('a certificate that another CA has signed is not believed', async () => {
  const bed = await openSimulated()
  const other = await openSimulated()
  expect((await apply(other)).code).toBe(0)
  const foreign = await secretsOf(other).read('acme-cluster.kubeconfig')
  const pem = foreign === undefined ? '' : (parseKubeconfig(foreign)?.identity.certificate ?? '')
  const lying = await openSimulated(undefined, {
    fetch: async (url, init) => {
      const answer = await lying.cloud.fetch(url, init)
      if (init.method !== 'POST' || !url.endsWith('/v1/certificates')) return answer
      const body = JSON.stringify({ pem })
      return new Response(body, { status: 201, headers: { 'content-type': 'application/json' } })
    },
  })
  const { code, complete } = await apply(lying)
  expect(code).toBe(3)
  expect(complete.find(({ claim }) => claim.includes('kubeconfig'))).toMatchObject({
    ok: false,
    value: { because: 'it is for another key' },
  })
  expect(await secretsOf(lying).read('acme-cluster.kubeconfig')).toBeUndefined()
  await Promise.all([bed.remove(), other.remove(), lying.remove()])
})

test.each([
  ['2026.1', 'epoxy', false],
  ['2026.2', 'epoxy', false],
  ['2026.1', 'zed-patched', true],
] as const)('Magnum %s on %s: whether a trust is made is what is seen', async (magnum, preset, isTrusted) => {
  const bed = await openSimulated({ preset, magnum, isPersonaBuilt: true })
  const { code, err, accepted } = await apply(bed)
  expect(code, err).toBe(0)
  expect(bed.cloud.state.trusts.size > 0).toBe(isTrusted)
  const claims = accepted.map(({ claim }) => claim).join('; ')
  if (isTrusted)
    expect(claims).toContain('the trust of acme-cluster is from acme-cluster and carries exactly its roles')
  else expect(claims).toContain('acme-cluster is made without a trust')
  await bed.remove()
})

test('a Magnum that makes no trusts is not stopped by a dead trust rule', async () => {
  const bed = await openSimulated({
    preset: 'epoxy',
    magnum: '2026.2',
    isPersonaBuilt: true,
    faults: ['dead-trust-rule'],
  })
  const accept = 'overrides:\n  accepted_findings: [cloud/dead-trust-rule]\n'
  const file = await bed.write('tenant.yaml', `${await exampleTenant('acme')}${accept}`)
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
  await bed.remove()
})
