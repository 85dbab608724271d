/** `audit` on the main Keystone of the lab: says nothing of two clean tenants, and finds each deviation that is planted. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/finding.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { createGrant } from '../../src/openstack/keystone/grants.ts'
import { deleteRole, listRoles } from '../../src/openstack/keystone/roles.ts'
import { createUser, deleteUser, findUser, listUsers } from '../../src/openstack/keystone/users.ts'
import { Secret } from '../../src/secret.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { tenantOf } from '../../src/tenant/tenant.ts'
import { deviations } from '../audit/deviations.ts'
import type { AuditedCloud } from '../audit/deviations.ts'
import { findKeystone } from './cloud.ts'
import { openProbing, removeTenant } from './probing.ts'
import type { Probing } from './probing.ts'
import { makeTenant } from './tenant.ts'

const suffix = randomBytes(3).toString('hex')
const tenant = `audit-${suffix}`
const neighbour = `other-${suffix}`
const spec = tenantOf(
  parseSpec(
    'tenant.yaml',
    `version: 1\ntenant: ${tenant}\ncloud: lab\nprojects:\n  - name: prod\n    quotas:\n      compute: { cores: 20 }\n`,
  ),
  {},
)

let probing: Probing
let bed: AuditedCloud

beforeAll(async () => {
  const keystone = await findKeystone('main')
  probing = openProbing(keystone)
  const { operator, open } = probing
  const made = await makeTenant(keystone, tenant)
  await makeTenant(keystone, neighbour)
  // makeTenant makes the manager and the creator; the neighbour goes without a creator, which a deviation makes
  const other = await findDomain(operator, neighbour)
  const creator = other && (await findUser(operator, `${neighbour}-cluster`, other.id))
  if (creator !== undefined) await deleteUser(operator, creator.id)
  const password = new Secret('Aa1!of-svc-in-the-lab')
  const automation = await createUser(operator, { name: `${tenant}-svc`, domain_id: made.domain.id, password })
  for (const role of await listRoles(operator))
    if (['member', 'load-balancer_member'].includes(role.name))
      await createGrant(operator, {
        roleId: role.id,
        to: { kind: 'user', id: automation.id },
        on: { kind: 'project', id: made.project.id },
      })
  bed = { operator, tenant, neighbour, open }
})

afterAll(async () => {
  const { operator } = probing
  // with the protocol; the mapping stays otherwise when the domain goes
  for (const kind of ['identity_providers', 'mappings'])
    await operator.request({
      service: 'identity',
      method: 'DELETE',
      path: `/OS-FEDERATION/${kind}/planted-${tenant}`,
    })
  await removeTenant(operator, tenant)
  await removeTenant(operator, neighbour)
  for (const role of await listRoles(operator))
    if (role.name.startsWith('planted-')) await deleteRole(operator, role.id)
  const magnum = await findDomain(operator, 'magnum')
  const admin = magnum && (await findUser(operator, 'magnum_domain_admin', magnum.id))
  const adminRole = (await listRoles(operator)).find(({ name }) => name === 'admin')
  if (magnum !== undefined && admin !== undefined && adminRole !== undefined)
    await createGrant(operator, {
      roleId: adminRole.id,
      to: { kind: 'user', id: admin.id },
      on: { kind: 'domain', id: magnum.id },
    })
  for (const user of await listUsers(operator))
    if (user.name.startsWith('planted-') || user.name.startsWith('00000000-0000-4000-8000-000000000000_'))
      await deleteUser(operator, user.id)
  await probing.close()
})

const look = async (): Promise<readonly Finding[]> =>
  (await audit({ operator: probing.operator, tenants: [spec], managedRoles: ['member', 'load-balancer_member'] }))
    .findings
const key = ({ code, where, message }: Finding): string => `${code} ${where} ${message}`

test('nothing is found on two clean tenants, and each planted deviation adds its own findings alone', async () => {
  const start = await look()
  // what others have left on this lab is theirs; the file asks for 20 cores, which is the default
  expect(start.filter(({ message }) => message.includes(suffix))).toEqual([])
  let before = new Set(start.map(key))
  for (const { what, plant, codes } of deviations) {
    await plant(bed)
    const now = await look()
    const added = now.filter((finding) => !before.has(key(finding)))
    const told = added.map(({ code }) => code)
    expect(told.toSorted(), what).toEqual(codes)
    before = new Set(now.map(key))
  }
})
