/** Domains of the cloud itself are refused by every command that changes a tenant, also with `--adopt`. */
import { afterEach, describe, expect, test } from 'vitest'
import type { State } from '../../src/simulator/state.ts'
import { exampleTenant, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed

afterEach(() => bed.remove())

/** A tenant file with the name of a domain. */
async function open(name: string, change: (state: State) => void = () => undefined): Promise<void> {
  bed = await openSimulated({
    preset: 'zed-patched',
    isPersonaBuilt: true,
    domains: [
      { name: 'octavia', users: [{ name: 'octavia', grants: [{ role: 'admin', domain: true }] }] },
      { name: 'spare', users: [{ name: 'boss' }] },
    ],
  })
  await bed.write('tenant.yaml', await exampleTenant(name))
  change(bed.cloud.state)
}

/** What was sent that could have changed something. */
const changing = (): readonly string[] =>
  bed.sent.flatMap(({ method, path }) =>
    method === 'GET' || path.endsWith('/auth/tokens') ? [] : [`${method} ${path}`],
  )

function makeAdminOfItself({ users, roles, grants, domains }: State): void {
  const [user, role, domain] = [
    users.find(({ name }) => name === 'boss'),
    roles.find(({ name }) => /^admin$/i.test(name)),
    domains.find(({ name }) => name === 'spare'),
  ]
  if (user === undefined || role === undefined || domain === undefined) throw new Error('the cloud lacks something')
  const on = { on: 'domains', targetId: domain.id, roleId: role.id, isInherited: false } as const
  grants.set('test', { actor: 'users', actorId: user.id, ...on })
}

function renameMagnum({ domains }: State): void {
  for (const domain of [...domains.values()])
    if (domain.name === 'magnum') domains.set(domain.id, { ...domain, name: 'renamed' })
}

describe.each([
  ['magnum', 'Magnum keeps its trustees in it', undefined],
  ['heat', 'Heat keeps the users of its stacks in it', undefined],
  ['default', "it is Keystone's default domain", undefined],
  ['octavia', 'accounts of services are in it', undefined],
  ['spare', 'its account `boss` holds admin on it', makeAdminOfItself],
] as const)('%s', (name, because, change) => {
  test.each([
    [['plan', 'tenant.yaml', '--adopt']],
    [['apply', 'tenant.yaml', '--yes', '--adopt']],
    [['offboard', 'tenant.yaml', '--confirm', name, '--adopt']],
    [['rotate', 'tenant.yaml', '--account', 'domain-admin', '--yes']],
  ])('%j', async (command) => {
    await open(name, change)
    const { code, out, err } = await bed.run(...command)
    const text = (out + err).replace(/\s+/g, ' ')
    expect(text).toContain('tenant/protected-domain')
    expect(text).toContain(because)
    expect(code).toBe(3)
    expect(changing()).toEqual([])
  })
})

test("Magnum's domain under another name is known by its account", async () => {
  await open('renamed', renameMagnum)
  const { out, code } = await bed.run('plan', 'tenant.yaml', '--adopt')
  expect(out).toContain('Magnum keeps its trustees in it')
  expect(code).toBe(3)
})

test.each(['magnum', 'default'])('handover of %s', async (name) => {
  await open(name)
  const { code, out, err } = await bed.run('handover', 'tenant.yaml', '--yes')
  expect(out + err).toContain('tenant/protected-domain')
  expect(code).toBe(3)
})

test('any other domain can be adopted', async () => {
  await open('spare')
  const { code, out, err } = await bed.run('apply', 'tenant.yaml', '--yes', '--adopt', '--until', 'domain')
  expect(code, out + err).toBe(0)
})
