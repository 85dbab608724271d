/** A domain of the cloud itself is never a tenant, and no remedy takes away what clusters work by. */
import { expect, test } from 'vitest'
import { marker } from '../../src/tenant/names.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import { exampleTenant } from '../onboarding/test-bed.ts'
import { addCluster, auditedCloud, auditOf, grant, idOf, operatorOn } from './audited-cloud.ts'

test.each(['magnum', 'heat', 'Default'])('%s is no tenant, although it is marked as one', async (name) => {
  const cloud = auditedCloud()
  const domain = cloud.state.domains.get(idOf(cloud, 'domains', name))
  if (domain === undefined) throw new Error('not seeded')
  cloud.state.domains.set(domain.id, { ...domain, description: `taken over ${marker(name)}` })
  const { findings, counted } = await auditOf(operatorOn(cloud))
  expect(findings).toMatchObject([{ code: 'audit/service-domain', severity: 'error', where: `domain ${name}` }])
  expect(counted.tenants).toBe(2)
  cloud.state.domains.set(domain.id, domain)
  expect((await auditOf(operatorOn(cloud))).findings).toEqual([])
})

test("the domain of Magnum under another name is known by its account, and a tenant's file does not change that", async () => {
  const cloud = auditedCloud()
  const domain = cloud.state.domains.get(idOf(cloud, 'domains', 'magnum'))
  if (domain === undefined) throw new Error('not seeded')
  cloud.state.domains.set(domain.id, { ...domain, name: 'clusters' })
  const tenant = tenantOf(parseSpec('clusters.yaml', await exampleTenant('clusters')), {})
  const codes = (await auditOf(operatorOn(cloud), { tenants: [tenant] })).findings.map(({ code }) => code)
  expect(codes).toContain('audit/service-domain')
  expect(codes).not.toContain('audit/admin-in-tenant')
  expect(codes).not.toContain('audit/project-absent')
})

test('the trust of a living cluster is never proposed for removal', async () => {
  const cloud = auditedCloud()
  const [ann, project] = [idOf(cloud, 'users', 'ann'), idOf(cloud, 'projects', 'acme-prod')]
  const uuid = '11111111-1111-4111-8111-111111111111'
  const trustee = { id: 'trustee', name: `${uuid}_${project}` }
  const person = cloud.state.users.get(ann)
  if (person === undefined) throw new Error('not seeded')
  cloud.state.users.set('trustee', { ...person, ...trustee, domain_id: idOf(cloud, 'domains', 'magnum') })
  const trust = {
    id: 'of-a-cluster',
    trustor_user_id: ann,
    trustee_user_id: 'trustee',
    project_id: project,
    impersonation: true,
    expires_at: null,
    remaining_uses: null,
    redelegated_trust_id: null,
    redelegation_count: 0,
    extra: {},
    roleIds: [idOf(cloud, 'roles', 'member')],
  }
  cloud.state.trusts.set(trust.id, trust)
  addCluster(cloud, uuid, { project_id: project, user_id: ann })
  const remedies = async (): Promise<string> =>
    (await auditOf(operatorOn(cloud))).findings.map(({ remedy }) => remedy).join('\n')
  expect(await remedies()).not.toContain('trust delete')
  // only Magnum makes accounts in its domain; the name is free to anybody
  const codes = async (): Promise<readonly string[]> =>
    (await auditOf(operatorOn(cloud))).findings.map(({ code }) => code)
  expect(await codes()).not.toContain('audit/trust-outside')
  const row = { ...person, ...trustee, domain_id: idOf(cloud, 'domains', 'Default') }
  cloud.state.users.set('trustee', row)
  expect(await codes()).toContain('audit/trust-outside')
  cloud.state.users.set('trustee', { ...row, domain_id: idOf(cloud, 'domains', 'magnum') })
  // even if a party of it is gone
  cloud.state.trusts.set(trust.id, { ...trust, project_id: 'f'.repeat(32) })
  expect(await remedies()).toContain('cluster k8s works by it')
  cloud.state.clusters.clear()
  expect(await remedies()).toContain('openstack trust delete of-a-cluster')
})

test('a maker of a cluster who is gone is in no list of accounts to keep', async () => {
  const cloud = auditedCloud()
  const project = idOf(cloud, 'projects', 'acme-prod')
  const maker = 'f'.repeat(32)
  addCluster(cloud, 'c', { project_id: project, user_id: maker })
  const { findings, dependences } = await auditOf(operatorOn(cloud))
  expect(findings).toMatchObject([{ code: 'audit/cluster-orphaned', severity: 'error' }])
  expect(dependences).toEqual([])
  addCluster(cloud, 'c', { project_id: project, user_id: idOf(cloud, 'users', 'ann') })
  expect((await auditOf(operatorOn(cloud))).dependences).toMatchObject([{ user: { name: 'ann' }, clusters: ['k8s'] }])
})

test.each([
  { from: 'the project above', on: 'projects' as const, target: 'parent' },
  { from: 'the project that the domain is itself', on: 'projects' as const, target: 'acme' },
])('admin inherited from $from makes a cluster one of an admin', async ({ on, target }) => {
  const cloud = auditedCloud()
  // unlike `admin`, it has no role on the system
  const nova = idOf(cloud, 'users', 'nova')
  const project = cloud.state.projects.get(idOf(cloud, 'projects', 'acme-prod'))
  if (project === undefined) throw new Error('not seeded')
  cloud.state.projects.set('parent', { ...project, id: 'parent', name: 'parent' })
  cloud.state.projects.set(project.id, { ...project, parent_id: 'parent' })
  addCluster(cloud, 'c', { project_id: project.id, user_id: nova })
  const codes = async (): Promise<readonly string[]> =>
    (await auditOf(operatorOn(cloud))).findings.map(({ code }) => code)
  const targetId = target === 'acme' ? project.domain_id : target
  const key = grant(cloud, { actorId: nova, on, targetId, roleId: idOf(cloud, 'roles', 'admin'), isInherited: true })
  expect(await codes()).toContain('audit/cluster-by-admin')
  cloud.state.grants.delete(key)
  expect(await codes()).not.toContain('audit/cluster-by-admin')
})
