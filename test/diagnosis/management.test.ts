/**
 * With a kubeconfig of the management cluster in cloud.yaml: what its objects say, and what none of them says. The conditions, reasons and
 * messages are those of Cluster API 1.12.10 and its provider for OpenStack 0.14.7, as they were recorded under each fault. The stories
 * of test/lab/capi do the same on a real Kubernetes API.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { BrokenConnection } from '../../src/simulator/delivery.ts'
import { askForCluster, breakCloud, diagnose, onboard } from './broken-cloud.ts'
import type { Onboarded } from './broken-cloud.ts'

const address = 'https://management.test:6443'
const pem = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

type Objects = Readonly<Record<string, readonly unknown[] | number>>

let ready: Onboarded
beforeAll(async () => {
  ready = await onboard({ preset: 'caracal-charmed', isPersonaBuilt: true }, '--until', 'template')
  const home = join(ready.bed.folder, 'tenant-onboard', 'lab')
  await mkdir(home, { recursive: true })
  const kubeconfig = {
    apiVersion: 'v1',
    'current-context': 'capi',
    contexts: [{ name: 'capi', context: { cluster: 'capi', user: 'reader' } }],
    clusters: [{ name: 'capi', cluster: { server: address, 'certificate-authority-data': base64(pem('CA')) } }],
    users: [
      { name: 'other', user: {} },
      { name: 'reader', user: { token: 'a-token-of-the-reader' } },
    ],
  }
  await writeFile(join(home, 'management.kubeconfig'), JSON.stringify(kubeconfig))
  await writeFile(join(home, 'cloud.yaml'), 'version: 1\nmanagement_cluster: {kubeconfig: management.kubeconfig}\n')
})

/** A cluster that Cluster API does not finish, while the management cluster has these objects of it. `STACK` is its release. */
async function waiting(objects: Objects, isTrusted = true) {
  const cloud = breakCloud(ready, ['cluster-never-finishes'])
  await askForCluster(ready, cloud)
  await ready.clock.sleep(75 * 60_000)
  const stack = cloud.state.clusters.find(({ name }) => name === 'acme-cluster')?.stack_id ?? ''
  const { fetch } = cloud
  const asked: string[] = []
  ready.swap.fetch = (url, init) => {
    if (!isTrusted && url.startsWith(cloud.url) && asked.some((path) => path.includes('/secrets')))
      return Promise.reject(new BrokenConnection('self-signed certificate', 'SELF_SIGNED_CERT_IN_CHAIN'))
    if (!url.startsWith(address)) return fetch(url, init)
    expect(init.headers['Authorization']).toBe('Bearer a-token-of-the-reader')
    const { pathname } = new URL(url)
    asked.push(pathname)
    const [plural = ''] = pathname.split('/').slice(-1)
    const found = objects[plural] ?? (pathname.includes('/v1beta1/') || pathname.startsWith('/api/') ? [] : 404)
    const status = typeof found === 'number' ? found : 200
    const text = JSON.stringify(typeof found === 'number' ? { message: `status ${found}` } : { items: found })
    const headers = { 'content-type': 'application/json' }
    return Promise.resolve(
      new Response(text.replaceAll('STACK', stack).replaceAll('AUTH', cloud.url), { status, headers }),
    )
  }
  const { code, told } = await diagnose(ready)
  expect(code).toBe(3)
  return { told, stack, findings: told.findings.map((one) => [one.code, one.severity] as const), asked }
}

const since = '2026-11-23T06:00:00Z'
const named = (name: string, conditions: readonly unknown[], more: object = {}) => ({
  metadata: { name },
  status: { conditions, ...more },
})
const no = (type: string, reason: string, message: string) => ({
  type,
  status: 'False',
  reason,
  message,
  lastTransitionTime: since,
})

const waits = named('STACK-control-plane-x', [
  no('InfrastructureReady', 'WaitingForInfrastructure', '0 of 2 completed'),
])

test.each([
  [
    'a quota of floating IPs',
    'APIEndpointConfigFailed',
    `failed to reconcile load balancer: Expected HTTP response code [201] when accessing [POST http://neutron/v2.0/floatingips], but got 409 instead: {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['floatingip']."}}`,
    /the quota of floatingip is met/,
    /tries again by itself/,
  ],
  [
    'a quota of load balancers',
    'APIEndpointConfigFailed',
    'failed to reconcile load balancer: Expected HTTP response code [201] when accessing [POST http://octavia/v2.0/lbaas/loadbalancers], but got 403 instead: {"faultcode": "Client", "faultstring": "Quota has been met for resources: Load Balancer", "debuginfo": null}',
    /the quota of load_balancer is met/,
    /tries again by itself/,
  ],
  [
    'a network that is gone',
    'OpenStackError',
    'failed to find network: Expected HTTP response code [200] when accessing [GET http://neutron/v2.0/networks/1], but got 404 instead: NetworkNotFound',
    /pinned to does not exist/,
    /does not heal by itself/,
  ],
  [
    'two external networks',
    'OpenStackError',
    'failed to get external network: filter matched more than one resource',
    /names no external network/,
    /does not heal by itself/,
  ],
  [
    'a Neutron that is down',
    'OpenStackError',
    'failed to find network: dial tcp 10.0.0.1:9696: connect: connection refused',
    /does not answer/,
    /tries again by itself/,
  ],
] as const)(
  '%s: the OpenStackCluster has it, with its time, object and remedy',
  async (_, reason, message, cause, heals) => {
    const { told, stack, findings } = await waiting({
      openstackclusters: [
        named('STACK', [no('APIEndpointReady', reason, message), no('Ready', 'OpenStackError', message)]),
      ],
    })
    expect(findings).toEqual([['diagnosis/cluster-api-refused', 'error']])
    const [finding] = told.findings
    expect(finding?.message).toMatch(cause)
    expect(finding?.message).toContain(since)
    expect(finding?.remedy).toMatch(heals)
    expect(finding?.remedy).toMatch(new RegExp(`kubectl -n magnum-[0-9a-f]{32} describe openstackcluster ${stack}$`))
  },
)

test('a met quota of ports stands in an event alone', async () => {
  const event = {
    type: 'Warning',
    reason: 'Failedcreateport',
    message: "Failed to create port: got 409 instead: Quota exceeded for resources: ['port']",
    lastTimestamp: since,
    involvedObject: { kind: 'OpenStackServer', name: 'STACK-control-plane-x' },
  }
  const { told, findings } = await waiting({ machines: [waits], events: [event] })
  expect(findings).toEqual([['diagnosis/cluster-api-refused', 'error']])
  expect(told.findings[0]?.message).toContain('the quota of port is met')
  // the machine has its port by now: the event is an old one
  const healed = await waiting({ events: [event] })
  expect(healed.findings).toEqual([['diagnosis/cluster-in-progress', 'error']])
})

test('a refused server is final: its Machine has to go', async () => {
  const message =
    'error creating Openstack instance: got 403 instead: Quota exceeded for instances: Requested 1, but already used 0 of 0'
  const { told, stack, findings } = await waiting({
    machines: [waits],
    openstackservers: [named('STACK-control-plane-x', [no('InstanceReady', 'InstanceCreateFailed', message)])],
  })
  expect(findings).toEqual([['diagnosis/machine-failed', 'error']])
  expect(told.findings[0]?.message).toContain('the quota of instances is met')
  expect(told.findings[0]?.remedy).toMatch(new RegExp(`delete machine ${stack}-control-plane-x$`))
})

test('an addon that failed is named, with its own words', async () => {
  const { told, findings } = await waiting({
    helmreleases: [named('STACK-ccm-openstack', [], { phase: 'Failed', failureMessage: 'context deadline exceeded' })],
  })
  expect(findings).toEqual([['diagnosis/addon-failed', 'error']])
  expect(told.findings[0]?.message).toContain('context deadline exceeded')
})

const secret = (id: string) => ({
  metadata: { name: 'STACK-cloud-credentials' },
  data: {
    'clouds.yaml': base64(
      `clouds: {openstack: {auth: {auth_url: "https://simulator.test/identity/v3", application_credential_id: "${id}", application_credential_secret: not-the-secret}, region_name: RegionOne}}`,
    ),
    cacert: base64(pem('CA')),
  },
})

test('a credential that Keystone refuses stands in no object: it is tried as the provider would', async () => {
  const { told, findings, stack } = await waiting({ secrets: [secret('00000000000000000000000000000000')] })
  expect(findings).toEqual([['diagnosis/inside-credential-refused', 'error']])
  expect(told.findings[0]?.message).toContain(`Secret ${stack}-cloud-credentials`)
  expect(JSON.stringify(told)).not.toContain('not-the-secret')
})

test("a CA in the Secret that is not the cloud's", async () => {
  const { findings } = await waiting({ secrets: [secret('00000000000000000000000000000000')] }, false)
  expect(findings).toContainEqual(['diagnosis/inside-ca-wrong', 'error'])
})

test('what may not be read is undecided, and the cluster is told as waiting', async () => {
  const { told, findings } = await waiting({ secrets: 403, machines: 403 })
  expect(findings).toEqual([['diagnosis/cluster-in-progress', 'error']])
  const open = told.hypotheses.filter(({ verdict }) => verdict === 'open').map(({ code }) => code)
  expect(open).toContain('diagnosis/inside-credential-refused')
  expect(open).toContain('diagnosis/cluster-api-refused')
  expect(open).toContain('diagnosis/machine-failed')
  const seen = told.experiments.flatMap(({ facts }) => facts.map(({ saw }) => saw))
  expect(seen).toContainEqual(expect.stringContaining('not read: machines (403)'))
})

test('a management cluster without any object of the cluster excludes nothing: it may be another one', async () => {
  const { told, findings } = await waiting({})
  expect(findings).toEqual([['diagnosis/cluster-in-progress', 'error']])
  const open = told.hypotheses.filter(({ verdict }) => verdict === 'open').map(({ code }) => code)
  expect(open).toEqual(expect.arrayContaining(['diagnosis/cluster-api-refused', 'diagnosis/addon-failed']))
})

test('what no cause here explains does not silence that the cluster waits', async () => {
  const group = named('STACK-workers', [no('Available', 'Stuck', 'no machine')], { phase: 'Failed' })
  const { findings } = await waiting({ machinedeployments: [group] })
  expect(findings).toEqual([['diagnosis/cluster-in-progress', 'error']])
})

test('a kubeconfig that is of no use is a mistake in a file', async () => {
  await ready.bed.write('tenant-onboard/lab/management.kubeconfig', 'current-context: nothing\n')
  const { code, err } = await ready.bed.run('diagnose', ready.file)
  expect(code).toBe(2)
  expect(err).toContain('names no server with a certificate authority')
})
