/**
 * The dashboard on real services: a domain manager's day in 36 steps, what it is refused, and the pages of a member, in a browser. Horizon 23 on
 * Keystone 22 (default base and the charm's), Horizon 25.3 on Keystone 27.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isBlocked } from '../../src/finding.ts'
import type { Finding } from '../../src/finding.ts'
import { buildOverride } from '../../src/policy/build/override.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { parseRelease } from '../../src/policy/releases/release.ts'
import type { Base as PolicyBase } from '../../src/policy/releases/keystone.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import type { Served } from '../../src/simulator/serve.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import { isSample, isSwept } from '../sweep-share.ts'
import { at, signIn, signInAdmin, text } from './ask.ts'
import { findHorizon, findKeystone, findLab, layOverride, runLab } from './cloud.ts'
import type { LabKeystone } from './cloud.ts'
import { addRow, grantOnPage, openDashboard } from './dashboard-person.ts'
import type { Person } from './dashboard-person.ts'
import { makeTenant } from './tenant.ts'
import type { Tenant } from './tenant.ts'

type Cloud = Pick<LabKeystone, 'url' | 'admin'>

/** The lab's Keystones, and the simulator in the place of the whole cloud. */
const bases = [
  { base: 'default', horizon: 'main' },
  { base: 'charm', horizon: 'main' },
  { base: 'native', horizon: 'native' },
  { base: 'simulator', horizon: 'main' },
] as const
type Base = (typeof bases)[number]['base']

const memberPages: readonly string[] = [
  'project/',
  'project/instances/',
  'project/volumes/',
  'project/images',
  'project/key_pairs',
  'project/network_topology/',
  'project/networks/',
  'project/routers/',
  'project/security_groups/',
  'project/floating_ips/',
  'project/load_balancer',
  'project/cluster_templates',
  'project/clusters',
  'project/stacks/',
  'project/api_access/',
  'identity/application_credentials/',
]

let folder = ''
/** What `policy build --horizon` wrote. */
let files = ''
/** The same, with the policy file from `--horizon-zip`, as the dashboard's charm reads it. */
let charmed = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashboard-'))
  files = join(folder, 'files')
  const bed = await openTestBed({}, undefined)
  const zip = join(folder, 'files.zip')
  const { code, err } = await bed.run('policy', 'build', '--horizon', files, '--horizon-zip', zip)
  await bed.remove()
  expect(code, err).toBe(0)
  charmed = join(folder, 'charmed')
  await cp(files, charmed, { recursive: true })
  await rm(join(charmed, 'keystone_policy.yaml'))
  for (const [path, content] of Object.entries(unzipSync(await readFile(zip)))) {
    await mkdir(dirname(join(charmed, path)), { recursive: true })
    await writeFile(join(charmed, path), content)
  }
  // hooks/horizon_contexts.py of the charm
  const settings = `POLICY_DIRS = {'identity': ['${join(charmed, 'identity')}']}\n`
  await writeFile(join(charmed, 'local_settings.d/_9999_policyd.py'), settings)
})
afterAll(async () => {
  await runLab('reset')
  for (const name of ['main', 'native'] as const) await runLab('horizon', name)
  await rm(folder, { recursive: true })
})

// two minutes each; a sample takes one
describe.each(isSample ? bases.slice(0, 1) : bases)('a domain manager on the $base base', ({ base, horizon }) => {
  let keystone: Cloud
  let tenant: Tenant
  let person: Person
  let admin: Awaited<ReturnType<typeof signInAdmin>>
  let simulator: Served | undefined

  beforeAll(async () => {
    if (base === 'simulator') {
      const cloud = createCloud()
      simulator = await serve({ cloud, port: 0 })
      keystone = { url: simulator.url, admin: { ...cloud.admin, username: cloud.admin.name, role: 'admin' } }
      await runLab('horizon', horizon, files, '--keystone', simulator.url)
    } else {
      keystone = await onTheLab(base)
      await runLab('horizon', horizon, base === 'charm' ? charmed : files)
    }
    tenant = await makeTenant(keystone, 'acme')
    admin = await signInAdmin(keystone)
    person = await openDashboard(await findHorizon(horizon))
  })
  afterAll(async () => {
    await person.leave()
    await simulator?.close()
  })

  const names = async (collection: string): Promise<readonly unknown[]> => {
    const { body } = await admin('GET', `${keystone.url}/${collection}?domain_id=${tenant.domain.id}`)
    const found = at(body, collection)
    return Array.isArray(found) ? found.map((one: unknown) => at(one, 'name')) : []
  }
  const userId = async (name: string): Promise<string> => {
    const { body } = await admin('GET', `${keystone.url}/users?domain_id=${tenant.domain.id}&name=${name}`)
    return text(body, 'users.0.id')
  }
  const rolesOn = async (user: string, project: string): Promise<readonly unknown[]> => {
    const query = `user.id=${await userId(user)}&scope.project.id=${project}&include_names`
    const { body } = await admin('GET', `${keystone.url}/role_assignments?${query}`)
    const found = at(body, 'role_assignments')
    return (Array.isArray(found) ? found.map((one: unknown) => String(at(one, 'role.name'))) : []).toSorted()
  }

  test('signs in, makes projects and users, and grants what it may', { timeout: 600_000 }, async () => {
    const { page, go } = person
    // 1 to 4: the sign-in and a project
    await person.signIn(tenant.manager)
    expect(page.url()).not.toContain('auth/login')
    if (horizon === 'main') expect((await person.errors()).length).toBeGreaterThan(0)
    await go('identity/')
    await person.shoot(`${base}-manager-first-page`)
    expect(await person.rows()).toEqual([expect.stringContaining('acme-prod')])
    expect(await person.errors()).toEqual([])
    expect(await person.menu()).not.toContain('Admin')
    await go('identity/create')
    expect(await page.inputValue('#id_domain_name')).toBe('acme')
    await person.fillIn({ name: 'acme-dev', description: 'made in the dashboard' })
    await go('identity/')
    expect((await person.rows()).join()).toContain('acme-dev')
    const [dev, prod] = [await person.idOf('acme-dev'), await person.idOf('acme-prod')]

    // 5 to 9: users. The list of roles shows all of them
    await go('identity/users/create')
    expect(await page.locator('#id_role_id option').allTextContents()).toEqual(
      expect.arrayContaining(['admin', 'member']),
    )
    const passwords = (password: string) => ({ password, confirm_password: password })
    await person.fillIn({ name: 'alice', ...passwords('alice-secret-1'), project: 'acme-prod', role_id: 'member' })
    expect(await rolesOn('alice', prod)).toEqual(['member'])
    await go('identity/users/create')
    await person.fillIn({ name: 'mallory', ...passwords('mallory-secret-1'), project: 'acme-prod', role_id: 'admin' })
    expect(await person.said()).toContain('Unable to add user to primary project')
    // refused as it should be; the account stays, without a role
    expect(await rolesOn('mallory', prod)).toEqual([])
    await go('identity/users/create')
    await person.fillIn({ name: 'bob', ...passwords('bob-secret-1') })
    await go('identity/users/')
    for (const name of ['alice', 'bob', 'mallory', tenant.manager.name])
      expect((await person.rows()).join()).toContain(name)

    // 10 to 15: members of a project, in the dialog that a person opens
    await go('identity/')
    await page.locator('table tbody tr', { hasText: 'acme-prod' }).getByRole('link', { name: 'Manage Members' }).click()
    await expect.poll(() => page.locator('.modal-dialog').last().innerText(), { timeout: 45_000 }).toContain('alice')
    for (const role of ['member', 'load-balancer_member']) {
      await grantOnPage(person, dev, 'bob', role)
      expect(await person.errors()).toEqual([])
    }
    expect(await rolesOn('bob', dev)).toEqual(['load-balancer_member', 'member'])
    for (const role of ['admin', 'reader']) {
      await grantOnPage(person, dev, 'bob', role)
      expect(await person.said()).toContain('Failed to modify')
    }
    expect(await rolesOn('bob', dev)).toEqual(['load-balancer_member', 'member'])
    await go(`identity/${dev}/update/`)
    await person.fillIn({ description: 'changed in the dashboard' })
    expect(at((await admin('GET', `${keystone.url}/projects/${dev}`)).body, 'project.description')).toBe(
      'changed in the dashboard',
    )
  })

  test('works with groups, and sees the details of users and projects', { timeout: 600_000 }, async () => {
    const { page, go } = person
    // 16 to 21: groups
    await go('identity/groups/create')
    await person.fillIn({ name: 'devs' })
    await go('identity/groups/')
    expect((await person.rows()).join()).toContain('devs')
    const devs = await person.idOf('devs')
    await go(`identity/groups/${devs}/add_members/`)
    expect((await person.rows()).join()).toContain('bob')
    await addRow(person, 'bob')
    const confirmation = page.locator('.modal-dialog .btn-primary').last()
    await confirmation.click({ timeout: 5000 }).catch(() => undefined)
    await page.waitForLoadState('networkidle')
    await go(`identity/groups/${devs}/manage_members/`)
    expect((await person.rows()).join()).toContain('bob')
    await go('identity/')
    const dev = await person.idOf('acme-dev')
    await go(`identity/${dev}/update/?step=update_group_members`)
    expect(await page.content()).toContain('devs')

    // 22 to 27: details
    await go('identity/users/')
    const alice = await person.idOf('alice')
    await go(`identity/users/${alice}/detail/`)
    await person.openTab('Role assignments')
    await expect.poll(async () => (await person.rows()).join(), { timeout: 45_000 }).toContain('member')
    await person.openTab('Groups')
    expect(await person.errors()).toEqual([])
    await go(`identity/${dev}/detail/`)
    expect(await person.text()).toContain('changed in the dashboard')
    await person.openTab('Users')
    await expect.poll(async () => (await person.rows()).join(), { timeout: 45_000 }).toContain('bob')
    await person.openTab('Groups')
    expect(await person.errors()).toEqual([])
  })

  test('resets passwords, disables and deletes, and is shown no page of an admin', { timeout: 600_000 }, async () => {
    const { page, go } = person
    // 28 to 32: what changes or ends an account or a project
    const bob = await userId('bob')
    await go(`identity/users/${bob}/change_password/`)
    await person.fillIn({ password: 'bob-secret-2', confirm_password: 'bob-secret-2' })
    const account = { name: 'bob', domain: 'acme', password: 'bob-secret-2' }
    await signIn(keystone.url, account, { project: 'acme-dev', domain: 'acme' })
    await go(`identity/users/${bob}/update/`)
    await person.fillIn({ email: 'bob@acme.example' })
    expect(at((await admin('GET', `${keystone.url}/users/${bob}`)).body, 'user.email')).toBe('bob@acme.example')
    await go('identity/users/')
    await person.act('bob', 'Disable User')
    expect(at((await admin('GET', `${keystone.url}/users/${bob}`)).body, 'user.enabled')).toBe(false)
    await go('identity/users/')
    await person.act('bob', 'Delete User')
    expect(await names('users')).not.toContain('bob')
    await go('identity/')
    await person.act('acme-dev', 'Delete Project')
    expect(await names('projects')).toEqual(['acme-prod'])

    // 33 to 36: an application credential, the own password, what is not its own
    await go('identity/application_credentials/create/')
    await person.fillIn({ name: 'from-the-dashboard' })
    const made = await admin(
      'GET',
      `${keystone.url}/users/${await userId(tenant.manager.name)}/application_credentials`,
    )
    // a Keystone that enforces scope takes only the token of a project for it, and so Horizon says
    const isRefused = base === 'native'
    expect((await person.errors()).join()).toContain(isRefused ? 'Unable to create application credential' : '')
    expect(at(made.body, 'application_credentials')).toHaveLength(isRefused ? 0 : 1)
    await go('admin/hypervisors/')
    // typed by hand the page opens where there is a Nova, which refuses the token of a domain
    if (horizon === 'main') expect((await person.errors()).join()).toContain('Unable')
    else expect(person.faults).toEqual(['403 GET admin/hypervisors/'])
    const offered = await page.request.get(`${await findHorizon(horizon)}project/api_access/clouds.yaml/`)
    // why the handover says that this file is not the one to use: no such project is there, and no domain to work in
    const file = await offered.text()
    expect(file).toContain('project_id: None')
    expect(file).not.toMatch(/^\s+domain_(?:name|id):/m)
    await go('settings/password/')
    const [old, fresh] = [tenant.manager.password, 'a-new-secret-of-the-manager']
    await person.fillIn({ current_password: old, new_password: fresh, confirm_password: fresh })
    await signIn(keystone.url, { ...tenant.manager, password: fresh }, { domain: 'acme' })
  })

  // native Keystone stands alone: there is no other service to open a page of
  if (base !== 'native')
    test('a member opens every page of its project without a red box', { timeout: 600_000 }, async () => {
      const member = await openDashboard(await findHorizon(horizon))
      try {
        await member.signIn(tenant.creator)
        const faults: Record<string, readonly string[]> = {}
        for (const path of memberPages) {
          await member.go(path)
          await member.shoot(`${base}-member-${path.replaceAll(/\W+/g, '-')}`)
          const found = [...(await member.errors()), ...member.faults]
          if (found.length > 0) faults[path] = found
          expect(member.page.url()).toContain(path)
        }
        expect(faults).toEqual({})
        await member.go('project/security_groups/create')
        await member.fillIn({ name: 'from-the-dashboard' })
        await member.go('project/security_groups/')
        expect((await member.rows()).join()).toContain('from-the-dashboard')
      } finally {
        await member.leave()
      }
    })

  // they are scripts, which know no base
  if (base === 'default')
    test('the wizards of a member open, and lack what docs/dashboard.md says', { timeout: 600_000 }, async () => {
      const member = await openDashboard(await findHorizon(horizon))
      try {
        await member.signIn(tenant.creator)
        await member.go('project/load_balancer')
        await member.openWizard('Create Load Balancer')
        const secrets = expect.stringContaining('octavia-barbican') as string
        await expect.poll(() => member.faults, { timeout: 45_000 }).toEqual([secrets, secrets])
        await member.shoot(`${base}-member-wizard-load-balancer`)
        await member.go('project/clusters')
        const cluster = await member.openWizard('Create Cluster')
        await expect.poll(() => cluster.innerText(), { timeout: 45_000 }).toContain('Availability Zone')
        await member.shoot(`${base}-member-wizard-cluster`)
        await member.go('project/cluster_templates')
        const template = await member.openWizard('Create Cluster Template')
        await expect.poll(() => template.locator('option').allTextContents(), { timeout: 45_000 }).toContain('Mesos')
        await member.shoot(`${base}-member-wizard-template`)
        expect(member.faults).toEqual([])
      } finally {
        await member.leave()
      }
    })
})

// each needs a restart of Horizon and a probe; a sample takes one of them
describe('what is left out, preflight tells', () => {
  const settings = 'local_settings.d/_9999_tenant_onboard.py'
  type LeftOut = {
    readonly what: string
    readonly codes: readonly string[]
    /** Of the files that Horizon is given. */
    readonly change?: (folder: string) => Promise<void>
    /** Of the override of Keystone. */
    readonly override?: (text: string) => string
    readonly address?: string
  }
  const leftOut: readonly LeftOut[] = [
    { what: 'nothing', codes: [] },
    { what: 'the dashboard itself', codes: ['dashboard/no-answer'], address: 'http://127.0.0.1:9' },
    {
      what: 'the policy file',
      codes: ['dashboard/persona-hidden'],
      change: (dir) => rm(join(dir, 'keystone_policy.yaml')),
    },
    {
      what: 'the field for the domain',
      codes: ['dashboard/no-domain-field'],
      change: (dir) => without(join(dir, settings), /^OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT.*$/m),
    },
    {
      what: 'the domain as text',
      codes: ['dashboard/no-domain-field'],
      change: (dir) =>
        without(
          join(dir, settings),
          /^OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN.*$/m,
          'OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN = True',
        ),
    },
    {
      what: 'the module',
      codes: ['dashboard/admin-shown'],
      change: (dir) => without(join(dir, settings), /^HORIZON_CONFIG.*$/m),
    },
    {
      what: "Horizon's file, with Keystone's override in its place",
      codes: ['dashboard/persona-hidden'],
      change: async (dir) => {
        const keystone = await loadKeystone(parseRelease('22.0.2-0+deb12u6'))
        await writeFile(join(dir, 'keystone_policy.yaml'), buildOverride(keystone, { base: { kind: 'default' } }).text)
      },
    },
    {
      what: 'the right in Keystone to list the assignments below a project',
      codes: ['dashboard/members-refused'],
      override: (text) =>
        text.replace(
          /^"identity:list_role_assignments_for_tree": "[^"]*"$/m,
          '"identity:list_role_assignments_for_tree": "rule:admin_required"',
        ),
    },
  ]

  test.each(leftOut.filter((_, index) => isSwept(index, leftOut.length)))(
    '$what',
    { timeout: 600_000 },
    async ({ codes, change, override = (text) => text, address }) => {
      await runLab('reset')
      const { main } = (await findLab()).keystones
      const { text } = buildOverride(await loadKeystone(parseRelease('22.0.2-0+deb12u6')), {
        base: { kind: 'default' },
      })
      await layOverride(main, override(text))
      const changed = join(folder, 'changed')
      await cp(files, changed, { recursive: true })
      await change?.(changed)
      await runLab('horizon', 'main', changed)
      await rm(changed, { recursive: true })
      expect(await codesOf(address ?? (await findHorizon('main')))).toEqual(codes)
    },
  )
})

/** What `preflight --probe` says of a dashboard at this address. */
async function codesOf(address: string): Promise<readonly string[]> {
  const bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: (await findLab()).cloudsYaml }, undefined)
  try {
    const data = join(bed.folder, 'tenant-onboard', 'lab')
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'cloud.yaml'), `version: 1\nhorizon_url: ${address}\n`)
    const file = await bed.write('tenant.yaml', await exampleTenant('probed'))
    const { code, out, err } = await bed.run('preflight', file, '--probe', '-o', 'json')
    expect(out, err).not.toBe('')
    const { findings } = JSON.parse(out) as { findings: readonly Finding[] }
    expect(code, err).toBe(isBlocked(findings) ? 3 : 0)
    const found = findings.filter(({ code }) => code.startsWith('dashboard/'))
    // why, if it is not what was expected
    for (const { message } of found) process.stderr.write(`${message}\n`)
    return found.map(({ code }) => code)
  } finally {
    await bed.remove()
  }
}

async function without(path: string, line: RegExp, instead = ''): Promise<void> {
  const before = await readFile(path, 'utf8')
  expect(before).toMatch(line)
  await writeFile(path, before.replace(line, instead))
}

/** A Keystone of the lab as it was first made, with the override that is built for it. */
async function onTheLab(base: Exclude<Base, 'simulator'>): Promise<LabKeystone> {
  await runLab('reset')
  if (base === 'charm') await runLab('keystone', 'charm')
  const keystone = await findKeystone(base === 'native' ? 'native' : 'main')
  const release = await loadKeystone(parseRelease(base === 'native' ? '27.0.0-3+deb13u6' : '22.0.2-0+deb12u6'))
  const under: PolicyBase =
    base === 'charm'
      ? { kind: 'file', file: 'policy.yaml', text: await readFile(keystone.basePolicy, 'utf8') }
      : { kind: 'default' }
  await layOverride(keystone, buildOverride(release, { base: under }).text)
  return keystone
}
