/** Tenants that others made: by the runbook's commands, by Terraform, by Ansible, in Horizon. They are taken over whole. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Table } from '../../src/simulator/table.ts'
import { runRunbook } from '../simulator/runbook.ts'
import { exampleTenant, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

let bed: SimulatedTestBed
let file: string

beforeEach(async () => {
  bed = await openSimulated(undefined, {}, { pace: { clusterAccepted: 0, clusterCreated: 0 } })
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
})

afterEach(() => bed.remove())

describe('a tenant typed by the runbook', () => {
  test('is taken over whole, with its template and its cluster', async () => {
    const { state } = bed.cloud
    expect(await runRunbook(bed.cloud, 'password')).toEqual({ stoppedAt: 'done', message: 'CREATE_COMPLETE' })
    const before = {
      template: state.clusterTemplates.map(({ uuid }) => uuid),
      cluster: state.clusters.map(({ uuid }) => uuid),
      network: state.networks.map(({ id }) => id),
    }
    const { code, out, err } = await bed.run('apply', file, '--yes', '--adopt')
    expect(code, out + err).toBe(0)
    expect(state.clusterTemplates.map(({ uuid }) => uuid)).toEqual(before.template)
    expect(state.clusters.map(({ uuid }) => uuid)).toEqual(before.cluster)
    expect(state.networks.map(({ id }) => id)).toEqual(before.network)
    expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
  })

  test('is audited and offboarded like any other', async () => {
    await runRunbook(bed.cloud, 'password')
    expect((await bed.run('apply', file, '--yes', '--adopt')).code).toBe(0)
    const audit = await bed.run('audit', file, '--deep')
    expect(audit.code, audit.out + audit.err).toBe(0)
    const gone = await bed.run('offboard', file, '--confirm', 'acme')
    expect(gone.code, gone.out + gone.err).toBe(0)
    expect(gone.out).toContain('nothing of acme is left')
  })

  test('keeps a template that differs, and is told both ways on', async () => {
    const { state } = bed.cloud
    await runRunbook(bed.cloud, 'password')
    const [template] = state.clusterTemplates.map((one) => one)
    if (template === undefined) throw new Error('the runbook makes a template')
    state.clusterTemplates.set(template.uuid, {
      ...template,
      fields: { ...template.fields, network_driver: 'flannel' },
    })
    const { code, out } = await bed.run('apply', file, '--yes', '--adopt')
    expect(code).toBe(3)
    expect(out).toContain('differs in network_driver ("flannel", file: "calico")')
    expect(out).toMatch(/to keep it, put what it has into the tenant file/)
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `which deletes acme-cluster with all that runs there: openstack coe cluster delete acme-cluster, then openstack coe cluster template delete ${template.uuid}`,
    )
    expect(state.clusters.size).toBe(1)
    expect(state.clusterTemplates.size).toBe(1)
  })
})

describe('a tenant whose descriptions another tool wrote', () => {
  test('is still ours: the marker is written again, without --adopt and with the same passwords', async () => {
    const { state } = bed.cloud
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
    // what Ansible's modules and `terraform apply` do: the description is theirs as a whole
    rewriteDescriptions(state.domains)
    rewriteDescriptions(state.projects)
    for (const [id, user] of state.users)
      if (String(user.extra['description']).includes('[tenant-onboard acme]'))
        state.users.set(id, { ...user, extra: { ...user.extra, description: 'managed by another tool' } })
    rewriteDescriptions(state.networks)
    rewriteDescriptions(state.subnets)
    rewriteDescriptions(state.routers)
    const before = state.users.map(({ id, passwordHash }) => [id, passwordHash])
    const plan = await bed.run('plan', file)
    expect(plan.code, plan.out).toBe(0)
    expect(plan.out).toMatch(/update +operator +domain acme: description: managed by another tool -> /)
    expect(plan.out).not.toContain('password')
    const { code, out, err } = await bed.run('apply', file, '--yes')
    expect(code, out + err).toBe(0)
    expect(state.users.map(({ id, passwordHash }) => [id, passwordHash])).toEqual(before)
    expect(state.domains.find(({ name }) => name === 'acme')?.description).toBe(
      'managed by another tool [tenant-onboard acme]',
    )
    expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
  })
})

function rewriteDescriptions<Row extends { readonly description?: string | null | undefined }>(
  table: Table<Row>,
): void {
  for (const [key, row] of table)
    if (row.description?.includes('[tenant-onboard acme]') === true)
      table.set(key, { ...row, description: 'managed by another tool' })
}
