import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Auth } from '../../src/openstack/auth.ts'
import { createUser } from '../../src/openstack/keystone/users.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { signsIn } from '../../src/tenant/sessions.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import { byTrust, creatorSession, giveTrust, password, personWithWaysIn } from './ways-in.ts'

/* What a freeze shuts with an account, and what an account that stays enabled leaves open to a stranger. */

let bed: SimulatedTestBed
let operator: Session
let at: { readonly domain: string; readonly project: string; readonly stranger: string }

beforeEach(async () => {
  bed = await openSimulated()
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, err } = await bed.run('apply', 'tenant.yaml', '--yes')
  expect(code, err).toBe(0)
  const { admin } = bed.cloud
  operator = open({
    kind: 'password',
    user: { name: admin.name, domain: { name: admin.userDomain } },
    password: new Secret(admin.password),
    scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
  })
  const { id: stranger } = await createUser(operator, { name: 'passer-by', domain_id: 'default', password })
  at = { domain: idOf('domains', 'acme'), project: idOf('projects', 'acme-prod'), stranger }
})

afterEach(() => bed.remove())

const freeze = () => bed.run('offboard', 'tenant.yaml', '--confirm', 'acme', '--until', 'freeze')

test('password, application credential and trust of a person let in before a freeze, and not after it', async () => {
  const { tryAll } = await personWithWaysIn(operator, open, at)
  expect(await tryAll()).toEqual({ password: true, 'application credential': true, trust: true })
  const { code, out, err } = await freeze()
  expect(out, err).toContain('acme is frozen')
  expect(code).toBe(0)
  expect(await tryAll()).toEqual({ password: false, 'application credential': false, trust: false })
  expect((await bed.run('offboard', 'tenant.yaml', '--unfreeze')).code).toBe(0)
  expect(await tryAll()).toEqual({ password: true, 'application credential': true, trust: true })
})

test('a stranger with a trust of an account that stays enabled refutes the freeze, until the trust is gone', async () => {
  const { state } = bed.cloud
  const creator = idOf('users', 'acme-cluster')
  // the trusts of the cluster are no such thing
  expect(state.trusts.filter(({ trustor_user_id }) => trustor_user_id === creator)).not.toEqual([])
  const own = await creatorSession(open, bed.folder, creator, at.project)
  const trust = await giveTrust(own, creator, at)
  const { code, out } = await freeze()
  expect(out.replace(/\s+/g, ' ')).toContain('a trust of acme-cluster, which stays enabled, lets this user in')
  expect(out).toContain(`openstack trust delete ${trust}`)
  expect(code).toBe(3)
  expect(await signsIn(open(byTrust(at.stranger, trust)))).toBe(true)
  state.trusts.delete(trust)
  const again = await freeze()
  expect(again.out, again.err).toContain('acme is frozen')
  expect(again.code).toBe(0)
})

test('a stranger who took the name of a trustee is no trustee', async () => {
  const { state } = bed.cloud
  const creator = idOf('users', 'acme-cluster')
  const row = state.users.get(at.stranger)
  if (row === undefined) throw new Error('not seeded')
  const name = `11111111-1111-4111-8111-111111111111_${at.project}`
  state.users.set(at.stranger, { ...row, name })
  await giveTrust(await creatorSession(open, bed.folder, creator, at.project), creator, at)
  const { code, out } = await freeze()
  expect([code, out.includes(name)]).toEqual([3, true])
  state.users.set(at.stranger, { ...row, name, domain_id: idOf('domains', 'magnum') })
  expect((await freeze()).code).toBe(0)
})

test('a disabled stranger with such a trust, or one that is gone, is no way in', async () => {
  const { state } = bed.cloud
  const creator = idOf('users', 'acme-cluster')
  await giveTrust(await creatorSession(open, bed.folder, creator, at.project), creator, at)
  const row = state.users.get(at.stranger)
  if (row !== undefined) state.users.set(at.stranger, { ...row, enabled: false })
  expect((await freeze()).code).toBe(0)
  state.users.delete(at.stranger)
  expect((await freeze()).code).toBe(0)
})

function open(auth: Auth): Session {
  const { url, region, fetch } = bed.cloud
  return openSession({ actor: 'somebody', endpoint: { authUrl: url, region }, auth, fetch })
}

function idOf(table: 'projects' | 'domains' | 'users', name: string): string {
  return bed.cloud.state[table].find((row) => row.name === name)?.id ?? ''
}
