/** A cluster that Magnum calls complete, and in which something does not work: its own API tells it. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { breakCloud, diagnose, onboard } from './broken-cloud.ts'
import type { Onboarded } from './broken-cloud.ts'

let ready: Onboarded
beforeAll(async () => {
  ready = await onboard({ preset: 'caracal-charmed', isPersonaBuilt: true })
})

test.each([
  ['node-not-ready', 'diagnosis/node-not-ready', /node \S+ is not Ready/, /becomes Ready by itself/, 'tenant'],
  [
    'cni-crashing',
    'diagnosis/network-agent-down',
    /calico does not run on every node: .*CrashLoopBackOff/,
    /heals when their cause is gone/,
    'operator',
  ],
  [
    'no-cloud-controller',
    'diagnosis/no-cloud-controller',
    /no openstack-cloud-controller-manager is ready: no such pod/,
    /does not come by itself/,
    'operator',
  ],
] as const)('%s', async (fault, cause, words, remedy, owner) => {
  breakCloud(ready, [fault])
  const { code, told } = await diagnose(ready)
  expect(code).toBe(3)
  const found = told.findings.find((one) => one.code === cause)
  expect(found?.message).toMatch(words)
  expect(found?.remedy).toMatch(remedy)
  expect(found?.owner).toBe(owner)
})

test('a healthy one has no finding, and one whose kubeconfig is not here is not shown', async () => {
  breakCloud(ready, [])
  const healthy = await diagnose(ready)
  expect([healthy.code, healthy.told.findings]).toEqual([0, []])
  await rm(join(ready.bed.folder, 'tenant-onboard/lab/acme/secrets/acme-cluster.kubeconfig'))
  const { code, told } = await diagnose(ready)
  expect([code, told.findings]).toEqual([3, []])
  const open = told.hypotheses.filter(({ verdict }) => verdict === 'open')
  expect(open.map((one) => one.code)).toEqual([
    'diagnosis/node-not-ready',
    'diagnosis/network-agent-down',
    'diagnosis/no-cloud-controller',
  ])
  expect(open[0]?.because).toContain('no kubeconfig of acme-cluster is here')
})
