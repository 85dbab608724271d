/**
 * A cluster of the unchanged magnum-capi-helm on the lab's real Magnum, Keystone, Neutron, Octavia, Nova, Barbican, a real Kubernetes
 * API for the management cluster and one for each cluster. Only Cluster API is played (docs/lab.md), and no kubelet runs. The commands
 * are typed in the order of a tenant's life. With LAB_MAGNUM=20 it is another Magnum (docs/decisions/0161).
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import { findDomain } from '../../../src/openstack/keystone/domains.ts'
import { listTrusts } from '../../../src/openstack/keystone/trusts.ts'
import { listUsers } from '../../../src/openstack/keystone/users.ts'
import { findProject, listProjects } from '../../../src/openstack/keystone/projects.ts'
import { namespaceOf } from '../../../src/openstack/magnum/made-names.ts'
import { clusterNeeds, smallestMachine } from '../../../src/openstack/magnum/cluster-needs.ts'
import { listSecurityGroups } from '../../../src/openstack/neutron/security-groups.ts'
import { listServers } from '../../../src/openstack/nova.ts'
import type { Limits } from '../../../src/openstack/quotas.ts'
import type { Session } from '../../../src/openstack/session.ts'
import { readEvidence } from '../../../src/tenant/evidence.ts'
import { openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { grown, usedQuotas } from '../../onboarding/used-quotas.ts'
import { isSample } from '../../sweep-share.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager, openOperator } from '../operator.ts'
import { changedTables, readTables } from '../tables.ts'
import type { Tables } from '../tables.ts'
import { capiTenant, openManagement } from './management.ts'
import type { Management } from './management.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed
let management: Management
let file: string
let operator: Session
let before: Tables
/** Of acme-prod, before its cluster. */
let unused: Limits
/** The ids of acme-prod so far. */
const projects: string[] = []
const conductorLog = (): string => lab.services['magnum']?.log ?? ''

beforeAll(async () => {
  await runLab('reset')
  await runLab('up', 'capi')
  lab = await findLab()
  await layManager(lab)
  management = await openManagement(lab.dir)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await bed.write('tenant.yaml', await capiTenant(conductorLog()))
  operator = openOperator(lab, transport.fetch)
  // Octavia's project gets its default group with the first balancer of a cloud, or when somebody lists its groups
  const [service] = (await listProjects(operator)).filter(({ name }) => name === 'service')
  await listSecurityGroups(operator, { project_id: service?.id ?? '' })
  before = await readTables(lab)
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await management.close()
  await bed.remove()
  await transport.close()
})

async function type(line: string, expected = 0): Promise<string> {
  const { code, out, err } = await bed.run(...line.split(' '))
  expect(code, `${line}\n${out}${err}`).toBe(expected)
  return `${out}${err}`
}

async function findProduction(): Promise<string> {
  const domain = await findDomain(operator, 'acme')
  const { id = '' } = (await findProject(operator, 'acme-prod', domain?.id ?? '')) ?? {}
  return id
}

async function usedByProject(): Promise<Limits> {
  const id = await findProduction()
  // without a compute node Nova counts no server in its usage
  const servers = await listServers(operator, { projectId: id })
  return { ...(await usedQuotas(operator.snapshot(), id)), instances: servers.length }
}

async function applyMeasured(): Promise<void> {
  await type(`apply ${file} --yes --until template`)
  unused = await usedByProject()
  projects.push(await findProduction())
  await type(`apply ${file} --yes`)
}

/** That a master and a worker have taken what the table says. Flavors, and so cores and memory, are the template's. */
async function expectTaken(hasOwnNetwork: boolean): Promise<void> {
  const shape = { masters: 1, workers: 1, hasBalancer: true, hasFloatingIps: true, hasOwnNetwork, labels: {} }
  const { network, load_balancer, container_infra, compute } = clusterNeeds('capi-helm', shape, smallestMachine)
  const { instances = 0 } = compute
  const expected = { ...network, ...load_balancer, ...container_infra, instances }
  expect(grown(unused, await usedByProject())).toEqual(expected)
}

/** The id by which Cluster API signs in: it is in the Secret of the cluster. */
async function credentialOfCluster(): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespaceOf(await findProduction())}/secrets`
  const name = (await management.names(path)).find((one) => one.endsWith('-cloud-credentials'))
  const { data } = await management.get(`${path}/${name ?? ''}`)
  const clouds = Buffer.from((data as Readonly<Record<string, string>>)['clouds.yaml'] ?? '', 'base64').toString()
  return /application_credential_id: (\S+)/.exec(clouds)?.[1]
}

/** Text whose line breaks depend on the width. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

test('apply ends with a cluster whose nodes are Ready, and does nothing when it is typed again', async () => {
  await applyMeasured()
  const { out } = await bed.run('apply', file, '--yes', '-o', 'json')
  expect(JSON.parse(out)).toMatchObject({ ok: true, changed: [], changingRequests: 0 })
})

test('the cluster takes of each quota what the table of a cluster says', async () => {
  await expectTaken(false)
})

test('status, diagnose and audit find nothing wrong with it', async () => {
  expect(await type(`status ${file}`)).toMatch(/cluster +validated/)
  await type(`diagnose ${file} --api-timeout 60`)
  await type(`audit ${file} --deep`)
})

test('verify shows the tenant isolated while the cluster runs', () => type(`verify ${file}`))

test('a new password of the creator leaves the cluster as it is', async () => {
  await type(`rotate ${file} --account cluster --yes`)
  await type(`diagnose ${file} --api-timeout 60`)
})

// docs/cluster.md has the table: trusts and this API by release
const isRecent = (): boolean => Number.parseInt(lab.services['magnum']?.package ?? '') >= 23

test('apply knew how the creator must sign in on this Magnum, and a trust is there where it makes one', async () => {
  const records = await readEvidence(join(bed.folder, 'tenant-onboard/lab/acme/evidence.jsonl'))
  const rules = records.flatMap((record) =>
    record.kind === 'gate' && record.stage === 'preflight'
      ? record.checks.filter(({ claim }) => claim.includes('how the creator of a cluster must sign in'))
      : [],
  )
  const expected = isRecent()
    ? { trusts: 'never', signIn: 'password or application credential' }
    : { trusts: 'always', signIn: 'password' }
  expect(rules.at(-1)).toMatchObject({ ok: true, value: expected })
  const domain = await findDomain(operator, 'acme')
  const [creator] = await listUsers(operator, { domain_id: domain?.id ?? '', name: 'acme-cluster' })
  const trusts = (await listTrusts(operator)).filter(({ trustor_user_id }) => trustor_user_id === creator?.id)
  expect(trusts).toHaveLength(isRecent() ? 0 : 1)
})

test('the credential of a cluster is exchanged where Magnum has an API for it, else that is refused', async () => {
  if (!isRecent()) {
    expect(flat(await type(`rotate ${file} --cluster acme-cluster --yes`, 3))).toContain('rotate/magnum-too-old')
    return
  }
  const earlier = await credentialOfCluster()
  await type(`rotate ${file} --cluster acme-cluster --yes`)
  expect(await credentialOfCluster()).not.toBe(earlier)
  await type(`diagnose ${file} --api-timeout 60`)
})

test('another number of nodes is a plan of one change, and apply ends with that many nodes', async () => {
  await bed.write(
    'tenant.yaml',
    await capiTenant(conductorLog(), (text) => text.replace('node_count: 1', 'node_count: 2')),
  )
  expect(flat(await type(`plan ${file}`))).toMatch(/node_count.*1.*2/)
  await type(`apply ${file} --yes`)
  const machines = await management.names('/apis/cluster.x-k8s.io/v1beta1/machines')
  expect(machines.filter((name) => name.includes('-default-worker-'))).toHaveLength(2)
})

test('offboard leaves nothing but what its page names', offboard)

// by docs/cluster.md both work; here is what the other one means
test.skipIf(isSample)(
  'without the pin the driver makes a network of its own, and offboard takes that away as well',
  async () => {
    const unpinned = (text: string): string => text.replace('pin: required', 'pin: off')
    await bed.write('tenant.yaml', await capiTenant(conductorLog(), unpinned))
    await applyMeasured()
    await expectTaken(true)
    await offboard()
  },
  600_000,
)

async function offboard(): Promise<void> {
  expect(await type(`offboard ${file} --confirm acme`)).toContain('nothing of acme is left')
  for (const path of ['clusters', 'machines', 'machinedeployments'])
    expect(await management.names(`/apis/cluster.x-k8s.io/v1beta1/${path}`)).toEqual([])
  expect(await management.names('/apis/infrastructure.cluster.x-k8s.io/v1beta1/openstackclusters')).toEqual([])
  // the namespace of each project that had a cluster stays, and is empty
  const own = (await management.names('/api/v1/namespaces')).filter((name) => name.startsWith('magnum-'))
  expect(own.toSorted()).toEqual(projects.map(namespaceOf).toSorted())
  expect(await management.names('/api/v1/secrets')).toEqual([])
  expect(changedTables(before, await readTables(lab))).toEqual([])
}
