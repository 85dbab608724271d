/** A real Nova that takes the limits of projects from Keystone (nova.quota.UnifiedLimitsDriver). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from '../../src/openstack/http.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { listLimits } from '../../src/openstack/keystone/limits.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { getComputeQuota, updateComputeQuota } from '../../src/openstack/nova.ts'
import type { Session } from '../../src/openstack/session.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { isSample } from '../sweep-share.ts'
import { findLab, runLab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'

const transport = createTransport()
let bed: TestBed
let operator: Session

beforeAll(async () => {
  const lab = await findLab()
  await runLab('reset')
  await runLab('limits', 'unified')
  operator = openOperator(lab, transport.fetch)
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  const asked = (text: string): string =>
    text.replace(/ {4}template:[^]*$/, '').replace('instances: 10,', 'instances: 12,')
  await bed.write('tenant.yaml', await exampleTenant('acme', asked))
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

async function succeed(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await bed.run(...argv)
  expect(code, `${argv.join(' ')}: ${out}${err}`).toBe(0)
  return out
}

async function limits(projectId: string): Promise<Readonly<Record<string, number>>> {
  const found = await listLimits(await operator.rescoped({ kind: 'system' }), { project_id: projectId })
  return Object.fromEntries(found.map((row) => [row.resource_name, row.resource_limit]))
}

test('apply sets them in Keystone, Nova tells them, a freeze limits them, and its end gives them back', async () => {
  await succeed('apply', 'tenant.yaml', '--yes', '--until', 'self-service')
  const domain = await findDomain(operator, 'acme')
  const project = (await findProject(operator, 'acme-prod', domain?.id ?? ''))?.id ?? ''
  expect(await limits(project)).toEqual({ servers: 12, 'class:VCPU': 20, 'class:MEMORY_MB': 51200 })
  expect(await getComputeQuota(operator, project)).toMatchObject({ instances: 12, cores: 20, ram: 51200 })
  // what made the product's own way necessary
  await updateComputeQuota(operator, project, { instances: 3 })
  expect(await getComputeQuota(operator, project)).toMatchObject({ instances: 12 })
  expect(await succeed('apply', 'tenant.yaml', '--yes', '--until', 'self-service')).toContain(
    'nothing had to be changed',
  )
  await succeed('offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze')
  expect(await limits(project)).toEqual({ servers: 0, 'class:VCPU': 0, 'class:MEMORY_MB': 0 })
  await succeed('offboard', 'tenant.yaml', '--unfreeze')
  expect(await getComputeQuota(operator, project)).toMatchObject({ instances: 12, cores: 20, ram: 51200 })
  if (isSample) return
  await succeed('offboard', 'tenant.yaml', '--confirm', 'acme')
  expect(await limits(project)).toEqual({})
})
