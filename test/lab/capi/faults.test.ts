/**
 * What goes wrong behind Magnum, on real parts, and what `diagnose` makes of it with a kubeconfig of the management cluster. Each story asks
 * for a cluster, meets one fault, and ends with the cluster complete where the fault heals, or gone where it does not.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import {
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../../../src/openstack/keystone/application-credentials.ts'
import { findDomain } from '../../../src/openstack/keystone/domains.ts'
import { findProject } from '../../../src/openstack/keystone/projects.ts'
import { clusterOfCredential, namespaceOf } from '../../../src/openstack/magnum/made-names.ts'
import { deleteCluster, listClustersInDetail } from '../../../src/openstack/magnum/clusters.ts'
import type { Cluster } from '../../../src/openstack/magnum/clusters.ts'
import { quotaTable } from '../../../src/openstack/quotas.ts'
import type { QuotaService } from '../../../src/openstack/quotas.ts'
import { openSession } from '../../../src/openstack/session.ts'
import type { Session } from '../../../src/openstack/session.ts'
import { secretNames } from '../../../src/tenant/sessions.ts'
import { secretsOf } from '../../onboarding/cluster-test-bed.ts'
import { openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager, openOperator } from '../operator.ts'
import { capiTenant, openManagement } from './management.ts'
import type { Management } from './management.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed
let management: Management
let file: string
let operator: Session
let creator: Session
let projectId: string

beforeAll(async () => {
  await runLab('reset')
  await runLab('up', 'capi')
  lab = await findLab()
  await layManager(lab)
  management = await openManagement(lab.dir)
  operator = openOperator(lab, transport.fetch)
  // the real network: `diagnose` has to trust the CA in a Secret, and no other one
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, undefined)
  file = await bed.write('tenant.yaml', await capiTenant(lab.services['magnum']?.log ?? ''))
  const home = join(bed.folder, 'tenant-onboard/lab')
  await mkdir(home, { recursive: true })
  const kubeconfig = join(lab.dir, 'capi/mgmt/kubeconfig')
  await writeFile(join(home, 'cloud.yaml'), `version: 1\nmanagement_cluster: {kubeconfig: ${kubeconfig}}\n`)
  const { code, out, err } = await bed.run('apply', file, '--yes', '--until', 'template')
  expect(code, `${out}${err}`).toBe(0)
  const domain = await findDomain(operator, 'acme')
  projectId = (await findProject(operator, 'acme-prod', domain?.id ?? ''))?.id ?? ''
  const password = await secretsOf(bed).read(secretNames.creator)
  if (password === undefined) throw new Error('the creator has no password')
  creator = openSession({
    actor: 'creator',
    endpoint: { authUrl: lab.keystones.main.url, region: 'RegionOne' },
    auth: {
      kind: 'password',
      user: { name: 'acme-cluster', domain: { name: 'acme' } },
      password,
      scope: { kind: 'project', project: { name: 'acme-prod', domain: { name: 'acme' } } },
    },
    fetch: transport.fetch,
  })
})

afterAll(async () => {
  await management.close()
  await bed.remove()
  await transport.close()
  await runLab('reset')
})

async function cluster(): Promise<Cluster | undefined> {
  return (await listClustersInDetail(creator.snapshot())).find(({ name }) => name === 'acme-cluster')
}

/** A cluster takes a minute on an idle machine. */
const eventually = <T>(look: () => Promise<T | undefined>): Promise<T> =>
  vi.waitUntil(look, { timeout: 300_000, interval: 2000 })

/** The cluster is asked for, and its Secrets are there: the driver writes that of the service accounts last. */
async function requestCluster(): Promise<Cluster & { readonly stack_id: string }> {
  const { code, out, err } = await bed.run('apply', file, '--yes', '--no-wait')
  expect(code, `${out}${err}`).toBe(0)
  return eventually(async () => {
    const found = await cluster()
    if (found === undefined || found.stack_id === null) return undefined
    const secrets = await management.names('/api/v1/secrets')
    const isThere = secrets.includes(`${found.stack_id}-sa`) || found.status === 'CREATE_FAILED'
    return isThere ? { ...found, stack_id: found.stack_id } : undefined
  })
}

/** Accepted before it fails (0), or failed already (3). */
async function requestToFail(): Promise<void> {
  const { code, out, err } = await bed.run('apply', file, '--yes', '--no-wait')
  expect([0, 3], `${out}${err}`).toContain(code)
}

type Found = { readonly code: string; readonly message: string; readonly remedy?: string; readonly owner?: string }

/** Until `diagnose` has this finding, with these words in it; an error with the last ones if it never has. */
async function diagnosed(code: string, words = ''): Promise<Found> {
  let last: readonly Found[] = []
  const found = eventually(async () => {
    last = (await diagnose()).findings
    return last.find((one) => one.code === code && one.message.includes(words))
  })
  return found.catch((cause: unknown) => {
    throw new Error(`no ${code} ${words}, but ${JSON.stringify(last, null, 2)}`, { cause })
  })
}

type Condition = { readonly type: string; readonly status: string }

type Told = { readonly findings: readonly Found[] }

async function diagnose(): Promise<Told> {
  const { out, err } = await bed.run('diagnose', file, '-o', 'json', '--api-timeout', '60')
  expect(out, err).not.toBe('')
  return JSON.parse(out) as Told
}

const complete = (): Promise<Cluster> =>
  eventually(async () => {
    const found = await cluster()
    expect(found?.status).not.toBe('CREATE_FAILED')
    return found?.status === 'CREATE_COMPLETE' ? found : undefined
  })

/** All is well again, and no cluster is left for the next story. */
afterEach(async () => {
  await runLab('up', 'capi')
  await runLab('capi')
  const found = await cluster()
  if (found !== undefined) await deleteCluster(creator, found.uuid)
  await eventually(async () => ((await cluster()) === undefined ? true : undefined))
})

test.each([
  [
    'helm-failed',
    'diagnosis/helm-failed',
    /node-groups\.yaml.*invalid value; expected string/,
    /correct what Helm says/,
  ],
  ['workers-failed', 'diagnosis/node-group-failed', /default-worker/, /kubectl -n magnum-/],
  [
    'addon-failed',
    'diagnosis/addon-failed',
    /ccm-openstack.*context deadline exceeded/,
    /only a new cluster is complete/,
  ],
] as const)('%s is %s', async (fault, code, message, remedy) => {
  await runLab('capi', fault)
  await requestCluster()
  const found = await diagnosed(code)
  expect(found.message).toMatch(message)
  expect(found.remedy).toMatch(remedy)
  expect(found.owner).toBe('operator')
})

test('Cluster API never ends: its cluster waits for infrastructure, and Magnum for it', async () => {
  await runLab('capi', 'never-ready')
  const { stack_id, project_id } = await requestCluster()
  const path = `/apis/cluster.x-k8s.io/v1beta1/namespaces/${namespaceOf(project_id)}/clusters`
  const waiting = await eventually(async () => {
    // Helm may not have made it yet
    if (!(await management.names(path)).includes(stack_id)) return undefined
    const { status } = await management.get(`${path}/${stack_id}`)
    const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly Condition[] }
    return conditions.find(({ type }) => type === 'InfrastructureReady')
  })
  expect(waiting.status).toBe('False')
  const found = await diagnosed('diagnosis/cluster-in-progress')
  expect(found.message).toMatch(/Magnum waits for Cluster API/)
  expect(found.remedy).toMatch(/kubectl -n magnum-\S+ describe cluster/)
  expect(found.owner).toBe('operator')
})

test('the API of the management cluster is gone: the address that Magnum could not reach', async () => {
  await runLab('down', 'capi')
  await requestToFail()
  const found = await diagnosed('diagnosis/management-cluster')
  expect(found.message).toMatch(/127\.0\.0\.1:\d+/)
})

test('a CA in the Secret that is not the one of the cloud: nothing says so, and with the right one the cluster is made', async () => {
  await runLab('capi', 'never-ready')
  const { stack_id, project_id } = await requestCluster()
  const secret = `/api/v1/namespaces/${namespaceOf(project_id)}/secrets/${stack_id}-cloud-credentials`
  const before = await management.get(secret)
  const { cacert, 'clouds.yaml': clouds = '' } = before['data'] as Readonly<Record<string, string>>
  // the catalog has plain http and TLS, in no order, and a CA counts on one of them only
  const signIn = Buffer.from(clouds, 'base64').toString()
  const byTls = signIn.replace(/(auth_url: ).*/, `$1${lab.keystones.main.tlsUrl}`)
  expect(byTls).toContain(lab.keystones.main.tlsUrl)
  const ca = (await management.get(`/api/v1/namespaces/${namespaceOf(project_id)}/secrets/${stack_id}-ca`))['data']
  const wrong = (ca as Readonly<Record<string, string>>)['tls.crt']
  await management.patch(secret, { data: { cacert: wrong, 'clouds.yaml': Buffer.from(byTls).toString('base64') } })
  await runLab('capi')
  const found = await diagnosed('diagnosis/inside-ca-wrong')
  expect(found.message).toContain(`${stack_id}-cloud-credentials`)
  await management.patch(secret, { data: { cacert } })
  await complete()
})

test('a credential that is gone before the first sign-in: found in Keystone, and by the Secret', async () => {
  await runLab('capi', 'never-ready')
  const { uuid, user_id } = await requestCluster()
  const own = await listApplicationCredentials(creator.snapshot(), user_id)
  for (const one of own.filter(({ name }) => clusterOfCredential(name) === uuid))
    await deleteApplicationCredential(creator, user_id, one.id)
  await runLab('capi')
  await diagnosed('diagnosis/child-credential-gone')
  await diagnosed('diagnosis/inside-credential-refused')
})

/** In the order in which Cluster API takes them. Of ports the load balancer takes the first. */
const quotas = [
  ['network', 'security_group', 0, /openstackcluster \S+ .*SecurityGroupsReady=False/],
  ['load_balancer', 'load_balancer', 0, /openstackcluster \S+ .*APIEndpointReady=False/],
  ['network', 'floatingip', 0, /openstackcluster \S+ .*APIEndpointReady=False/],
  ['network', 'port', 1, /event Failedcreateport/],
] as const

async function limit(service: QuotaService, key: string, value: number): Promise<void> {
  await quotaTable[service].set(operator, projectId, { [key]: value })
}

test('each quota that is met heals when it is raised, but a refused server is final until its Machine goes', async () => {
  // `apply` sets the quotas of the file, so the limits come after it, and Cluster API begins after them
  await runLab('capi', 'never-ready')
  await requestCluster()
  for (const [service, key, more] of quotas) {
    const { used = 0 } = (await quotaTable[service].usage(operator.snapshot(), projectId))[key] ?? {}
    await limit(service, key, used + more)
  }
  await limit('compute', 'instances', 0)
  await runLab('capi')
  for (const [service, key, , where] of quotas) {
    const found = await diagnosed('diagnosis/cluster-api-refused', `the quota of ${key} is met`)
    expect(found.message).toMatch(where)
    expect(found.message).toMatch(/ since 20\d\d-/)
    expect(found.remedy).toContain('tries again by itself')
    expect(found.owner).toBe('operator')
    await limit(service, key, -1)
  }
  const found = await diagnosed('diagnosis/machine-failed')
  expect(found.message).toContain('the quota of instances is met, and this machine is never tried again')
  await limit('compute', 'instances', -1)
  await diagnosed('diagnosis/machine-failed')
  const [, namespace = '', machine = ''] = /kubectl -n (\S+) delete machine (\S+)/.exec(found.remedy ?? '') ?? []
  const path = `/apis/cluster.x-k8s.io/v1beta1/namespaces/${namespace}/machines`
  expect(await management.names(path)).toContain(machine)
  for (const name of await management.names(path)) await management.remove(`${path}/${name}`)
  await complete()
})

test('what does not work in a complete cluster is told by its own API, and is gone when it works again', async () => {
  const { code, out, err } = await bed.run('apply', file, '--yes')
  expect(code, `${out}${err}`).toBe(0)
  for (const [fault, cause, message, owner] of [
    ['node-not-ready', 'diagnosis/node-not-ready', /is not Ready since 20\S+: .*cni plugin not initialized/, 'tenant'],
    ['cni-crashing', 'diagnosis/network-agent-down', /CrashLoopBackOff/, 'operator'],
    ['no-ccm', 'diagnosis/no-cloud-controller', /no such pod/, 'operator'],
  ] as const) {
    await runLab('capi', fault)
    const found = await diagnosed(cause)
    expect(found.message).toMatch(message)
    expect(found.owner).toBe(owner)
    await runLab('capi')
    await eventually(async () => ((await diagnose()).findings.length === 0 ? true : undefined))
  }
})

test('a Barbican that refuses connections', async () => {
  await runLab('down', 'barbican')
  await requestToFail()
  await diagnosed('diagnosis/key-manager-down')
})
