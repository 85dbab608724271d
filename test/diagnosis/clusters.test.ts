/** Clusters that Magnum says something about: waiting for ever, complete with a failed group, failed in its driver. */
import { beforeAll, expect, test } from 'vitest'
import type { FaultName } from '../../src/simulator/faults.ts'
import { askForCluster, breakCloud, diagnose, onboard } from './broken-cloud.ts'
import type { Onboarded, Told } from './broken-cloud.ts'

let ready: Onboarded
beforeAll(async () => {
  ready = await onboard({ preset: 'caracal-charmed', isPersonaBuilt: true }, '--until', 'template')
})

/** The cluster is asked for in a cloud with this fault; then that many minutes pass. */
async function after(fault: FaultName, minutes = 0): Promise<{ readonly code: number; readonly told: Told }> {
  const cloud = breakCloud(ready, [fault])
  await askForCluster(ready, cloud)
  await ready.clock.sleep(minutes * 60_000)
  return diagnose(ready)
}

test('one that Cluster API never finishes: what waits for what, since when, and where to look', async () => {
  const young = await after('cluster-never-finishes', 2)
  expect(young.code).toBe(3)
  expect(young.told.findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['diagnosis/cluster-in-progress', 'unknown'],
  ])
  const { code, told } = await after('cluster-never-finishes', 75)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => [finding.code, finding.severity])).toEqual([
    ['diagnosis/cluster-in-progress', 'error'],
  ])
  const [finding] = told.findings
  expect(finding?.message).toMatch(/CREATE_IN_PROGRESS for 7\d minutes \(since 20\S+\): Magnum waits for Cluster API/)
  expect(finding?.remedy).toMatch(/kubectl -n magnum-[0-9a-f]{32} describe cluster acme-cluster-\S+/)
  expect(finding?.owner).toBe('operator')
})

test('one that is complete with a failed group of workers', async () => {
  const { code, told } = await after('cluster-workers-failed')
  expect(code).toBe(3)
  expect(told.findings.map((finding) => finding.code)).toEqual(['diagnosis/node-group-failed'])
  expect(told.findings[0]?.message).toMatch(/CREATE_COMPLETE, and its node group \S*worker\S* .* is CREATE_FAILED/)
})

test.each([
  ['management-cluster-down', 'diagnosis/management-cluster', /no connection to 10\.12\.12\.200:6443/],
  ['helm-failed', 'diagnosis/helm-failed', /version "0\.10\.1" not found/],
] as const)('%s: the reason that Magnum gave is the cause', async (fault, cause, words) => {
  const { code, told } = await after(fault)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => finding.code)).toEqual([cause])
  expect(told.findings[0]?.message).toMatch(words)
  expect(told.findings[0]?.owner).toBe('operator')
})

test('one that failed without a reason: the addon is named as possible, not as seen', async () => {
  const { code, told } = await after('cluster-addon-failed')
  expect(code).toBe(3)
  expect(told.findings.map((finding) => [finding.code, finding.severity])).toEqual([
    ['diagnosis/failed-without-reason', 'unknown'],
  ])
})

test('one that Magnum reads as unhealthy', async () => {
  const cloud = breakCloud(ready, [])
  await askForCluster(ready, cloud)
  expect((await ready.bed.run('apply', ready.file, '--yes')).code).toBe(0)
  expect((await diagnose(ready)).code).toBe(0)
  const sicken = (): void => {
    for (const row of [...cloud.state.clusters.values()])
      cloud.state.clusters.set(row.uuid, {
        ...row,
        health_status: 'UNHEALTHY',
        nodeGroups: row.nodeGroups.map((group) => ({
          ...group,
          status: group.role === 'worker' ? 'UPDATE_COMPLETE' : group.status,
        })),
      })
  }
  sicken()
  // it was read before the cluster was complete, perhaps
  const young = await diagnose(ready)
  expect(young.told.findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['diagnosis/cluster-unhealthy', 'unknown'],
  ])
  await ready.clock.sleep(180_000)
  // Magnum has looked since, and looks no more here
  await diagnose(ready)
  sicken()
  const { code, told } = await diagnose(ready)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => [finding.code, finding.severity])).toEqual([
    ['diagnosis/cluster-unhealthy', 'error'],
  ])
  // what is well is no reason
  expect(told.findings[0]?.message).toContain("UNHEALTHY: nodegroup: default-worker waiting on ['Ready', 'Available']")
})

test.each([
  ['quota-met-late', 'diagnosis/quota-met'],
  ['compute-quota-met', 'diagnosis/quota-met'],
  ['no-addresses', 'diagnosis/addresses-exhausted'],
] as const)('%s: Magnum never says it, and it is found while the cluster waits', async (fault, cause) => {
  const cloud = createBroken(fault)
  await askForCluster(ready, cloud)
  await ready.clock.sleep(5 * 60_000)
  const { code, told } = await diagnose(ready)
  expect(code).toBe(3)
  expect(cloud.state.clusters.map(({ status }) => status)).toEqual(['CREATE_IN_PROGRESS'])
  expect(told.findings.map((finding) => [finding.code, finding.severity])).toEqual([[cause, 'error']])
})

/** With what the fault does to a new cloud. */
function createBroken(fault: 'quota-met-late' | 'compute-quota-met' | 'no-addresses') {
  const cloud = breakCloud(ready, [])
  cloud.damage(
    fault === 'no-addresses' ? fault : fault === 'quota-met-late' ? 'load-balancer-quota-met' : 'compute-quota-met',
  )
  return cloud
}

test('a delete that nothing known holds up, for long', async () => {
  const cloud = breakCloud(ready, [])
  await askForCluster(ready, cloud)
  for (const row of [...cloud.state.clusters.values()])
    cloud.state.clusters.set(row.uuid, {
      ...row,
      status: 'DELETE_IN_PROGRESS',
      updatedAt: ready.clock.now().getTime() - 20 * 60_000,
    })
  const { code, told } = await diagnose(ready)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => finding.code)).toEqual(['diagnosis/cluster-in-progress'])
})
