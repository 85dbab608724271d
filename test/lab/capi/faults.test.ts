/**
 * What goes wrong behind Magnum, on real parts, and what `diagnose` makes of it with a kubeconfig of the management cluster. Each story asks
 * for a cluster, meets one fault, and ends with the cluster complete where the fault heals, or gone where it does not.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import {
  deleteApplicationCredential,
  listApplicationCredentials,
} from '../../../src/openstack/keystone/application-credentials.ts'
import { clusterOfCredential, namespaceOf } from '../../../src/openstack/magnum/made-names.ts'
import { deleteCluster, listClustersInDetail } from '../../../src/openstack/magnum/clusters.ts'
import type { Cluster } from '../../../src/openstack/magnum/clusters.ts'
import { openSession } from '../../../src/openstack/session.ts'
import type { Session } from '../../../src/openstack/session.ts'
import { secretNames } from '../../../src/tenant/sessions.ts'
import { secretsOf } from '../../onboarding/cluster-test-bed.ts'
import { openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager } from '../operator.ts'
import { capiTenant, openManagement } from './management.ts'
import type { Management } from './management.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed
let management: Management
let file: string
let creator: Session

beforeAll(async () => {
  await runLab('reset')
  await runLab('up', 'capi')
  lab = await findLab()
  await layManager(lab)
  management = await openManagement(lab.dir)
  // the real network: `diagnose` has to trust the CA in a Secret, and no other one
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, undefined)
  file = await bed.write('tenant.yaml', await capiTenant(lab.services['magnum']?.log ?? ''))
  const home = join(bed.folder, 'tenant-onboard/lab')
  await mkdir(home, { recursive: true })
  const kubeconfig = join(lab.dir, 'capi/mgmt/kubeconfig')
  await writeFile(join(home, 'cloud.yaml'), `version: 1\nmanagement_cluster: {kubeconfig: ${kubeconfig}}\n`)
  const { code, out, err } = await bed.run('apply', file, '--yes', '--until', 'template')
  expect(code, `${out}${err}`).toBe(0)
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

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
}

/** The cluster is asked for, and its Secrets are there: the driver writes that of the service accounts last. */
async function ask(): Promise<Cluster & { readonly stack_id: string }> {
  await bed.run('apply', file, '--yes', '--no-wait')
  return eventually(async () => {
    const found = await cluster()
    if (found === undefined || found.stack_id === null) return undefined
    const secrets = await management.names('/api/v1/secrets')
    const isThere = secrets.includes(`${found.stack_id}-sa`) || found.status === 'CREATE_FAILED'
    return isThere ? { ...found, stack_id: found.stack_id } : undefined
  })
}

type Found = { readonly code: string; readonly message: string; readonly remedy?: string; readonly owner?: string }

/** Until `diagnose` has this finding; an error with the last ones if it never has. */
async function diagnosed(code: string): Promise<Found> {
  const until = Date.now() + 180_000
  return eventually(async () => {
    const { out, err } = await bed.run('diagnose', file, '-o', 'json', '--api-timeout', '60')
    expect(out, err).not.toBe('')
    const { findings } = JSON.parse(out) as { readonly findings: readonly Found[] }
    const found = findings.find((one) => one.code === code)
    if (found === undefined && Date.now() > until)
      throw new Error(`no ${code}, but ${JSON.stringify(findings, null, 2)}`)
    return found
  })
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
  [
    'never-ready',
    'diagnosis/cluster-in-progress',
    /Magnum waits for Cluster API/,
    /kubectl -n magnum-\S+ describe cluster/,
  ],
] as const)('%s is %s', async (fault, code, message, remedy) => {
  await runLab('capi', fault)
  await ask()
  const found = await diagnosed(code)
  expect(found.message).toMatch(message)
  expect(found.remedy).toMatch(remedy)
  expect(found.owner).toBe('operator')
})

test('the API of the management cluster is gone: the address that Magnum could not reach', async () => {
  await runLab('down', 'capi')
  await bed.run('apply', file, '--yes', '--no-wait')
  const found = await diagnosed('diagnosis/management-cluster')
  expect(found.message).toMatch(/127\.0\.0\.1:\d+/)
})

test('a CA in the Secret that is not the one of the cloud: nothing says so, and with the right one the cluster is made', async () => {
  await runLab('capi', 'never-ready')
  const { stack_id, project_id } = await ask()
  const secret = `/api/v1/namespaces/${namespaceOf(project_id)}/secrets/${stack_id}-cloud-credentials`
  const before = await management.get(secret)
  const { cacert } = before['data'] as Readonly<Record<string, string>>
  const ca = (await management.get(`/api/v1/namespaces/${namespaceOf(project_id)}/secrets/${stack_id}-ca`))['data']
  await management.patch(secret, { data: { cacert: (ca as Readonly<Record<string, string>>)['tls.crt'] } })
  await runLab('capi')
  const found = await diagnosed('diagnosis/inside-ca-wrong')
  expect(found.message).toContain(`${stack_id}-cloud-credentials`)
  await management.patch(secret, { data: { cacert } })
  await complete()
})

test('a credential that is gone before the first sign-in: found in Keystone, and by the Secret', async () => {
  await runLab('capi', 'never-ready')
  const { uuid, user_id } = await ask()
  const own = await listApplicationCredentials(creator.snapshot(), user_id)
  for (const one of own.filter(({ name }) => clusterOfCredential(name) === uuid))
    await deleteApplicationCredential(creator, user_id, one.id)
  await runLab('capi')
  await diagnosed('diagnosis/child-credential-gone')
  await diagnosed('diagnosis/inside-credential-refused')
})

test('a Barbican that refuses connections', async () => {
  await runLab('down', 'barbican')
  await bed.run('apply', file, '--yes', '--no-wait')
  await diagnosed('diagnosis/key-manager-down')
})
