/**
 * A cluster of the unchanged magnum-capi-helm on the lab's real Magnum, Keystone, Neutron, Octavia, Nova, Barbican, a real Kubernetes
 * API for the management cluster and one for each cluster. Only Cluster API is played (docs/lab.md), and no kubelet runs. The commands
 * are typed in the order of a tenant's life.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../../src/openstack/http.ts'
import { openTestBed } from '../../onboarding/test-bed.ts'
import type { TestBed } from '../../onboarding/test-bed.ts'
import { findLab, runLab } from '../cloud.ts'
import type { Lab } from '../cloud.ts'
import { layManager } from '../operator.ts'
import { changedTables, readTables } from '../tables.ts'
import type { Tables } from '../tables.ts'
import { capiTenant, openManagement } from './management.ts'
import type { Management } from './management.ts'

const transport = createTransport()
let lab: Lab
let bed: TestBed
let management: Management
let file: string
let before: Tables
const conductorLog = (): string => lab.services['magnum']?.log ?? ''

beforeAll(async () => {
  await runLab('reset')
  await runLab('up', 'capi')
  lab = await findLab()
  await layManager(lab)
  management = await openManagement(lab.dir)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await bed.write('tenant.yaml', await capiTenant(conductorLog()))
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

/** Text whose line breaks depend on the width. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

test('apply ends with a cluster whose nodes are Ready, and does nothing when it is typed again', async () => {
  await type(`apply ${file} --yes`)
  const { out } = await bed.run('apply', file, '--yes', '-o', 'json')
  expect(JSON.parse(out)).toMatchObject({ ok: true, changed: [], changingRequests: 0 })
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

test('a Magnum without the API for it refuses to exchange the credential of a cluster', async () => {
  expect(flat(await type(`rotate ${file} --cluster acme-cluster --yes`, 3))).toContain('rotate/magnum-too-old')
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

test('offboard leaves nothing but what its page names', async () => {
  const out = await type(`offboard ${file} --confirm acme`)
  expect(out).toContain('nothing of acme is left')
  for (const path of ['clusters', 'machines', 'machinedeployments'])
    expect(await management.names(`/apis/cluster.x-k8s.io/v1beta1/${path}`)).toEqual([])
  expect(await management.names('/apis/infrastructure.cluster.x-k8s.io/v1beta1/openstackclusters')).toEqual([])
  const namespaces = await management.names('/api/v1/namespaces')
  const own = namespaces.filter((name) => name.startsWith('magnum-'))
  expect(own).toHaveLength(1)
  expect(await management.names(`/api/v1/namespaces/${own[0] ?? ''}/secrets`)).toEqual([])
  // with the first cluster of a cloud Octavia's project gets its default group, once
  const changes = changedTables(before, await readTables(lab)).filter((line) => !/^neutron\.\S+ has more: /.test(line))
  expect(changes).toEqual([])
})
