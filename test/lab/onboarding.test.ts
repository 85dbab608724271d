import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listApplicationCredentials } from '../../src/openstack/keystone/application-credentials.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import { deleteGrant } from '../../src/openstack/keystone/grants.ts'
import { findProject } from '../../src/openstack/keystone/projects.ts'
import { findRole } from '../../src/openstack/keystone/roles.ts'
import { listTrusts } from '../../src/openstack/keystone/trusts.ts'
import { findUser } from '../../src/openstack/keystone/users.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { listRouters, updateRouter } from '../../src/openstack/neutron/routers.ts'
import { deleteKeypair } from '../../src/openstack/nova.ts'
import type { Session } from '../../src/openstack/session.ts'
import { success } from '../../src/success.ts'
import { exampleTenant, filesBelow, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'
import { findLab, runLab } from './cloud.ts'
import type { Lab } from './cloud.ts'
import { layManager, openOperator } from './operator.ts'

/* The main job on real services: a new tenant through every stage, with an override of ours in place. */

const run = promisify(execFile)
const transport = createTransport()
let lab: Lab
let bed: TestBed
let file: string
let operator: Session

beforeAll(async () => {
  lab = await findLab()
  await runLab('reset')
  operator = openOperator(lab, transport.fetch)
  await layManager(lab)
  bed = await openTestBed({ OS_CLIENT_CONFIG_FILE: lab.cloudsYaml }, transport.fetch)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
})

afterAll(async () => {
  // first: it is put back also where the beginning failed
  await runLab('reset')
  await bed.remove()
  await transport.close()
})

test('apply takes a new tenant through every stage, the cluster accepted with its trust', async () => {
  const { code, out, err } = await bed.run('apply', file, '--yes', '--no-wait')
  expect(out, err).toContain(
    `${success['apply --no-wait']('acme')}; 21 changes: 8 by operator, 5 by manager, 5 by automation, 3 by creator`,
  )
  expect(code).toBe(0)
  expect((await bed.run('status', file)).out).toMatch(/cluster +accepted/)
})

test('a second apply sends no request that changes anything', async () => {
  const before = bed.sent.length
  const { code, out } = await bed.run('apply', file, '--yes', '--no-wait', '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, changed: [], changingRequests: 0 })
  const changing = bed.sent
    .slice(before)
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
  expect(changing).toEqual([])
})

test('Keystone, Neutron and Magnum show the right hands', async () => {
  const domain = await findDomain(operator, 'acme')
  const creator = await findUser(operator, 'acme-cluster', domain?.id ?? '')
  const automation = await findUser(operator, 'acme-svc', domain?.id ?? '')
  const trusts = await listTrusts(operator, { trustor_user_id: creator?.id ?? '' })
  // one for Magnum's trustee; Heat makes its own from the same token
  expect(trusts.length).toBeGreaterThan(0)
  expect(await listTrusts(operator, { trustor_user_id: automation?.id ?? '' })).toEqual([])
  expect((await listApplicationCredentials(operator, automation?.id ?? '')).map((one) => one.name)).toEqual([
    'acme-svc',
  ])
  const made = (path: RegExp) =>
    new Set(
      bed.sent.filter((one) => one.method !== 'GET' && path.test(one.path) && one.status < 300).map((one) => one.user),
    )
  expect(made(/\/v2\.0\/(networks|subnets|routers)/)).toEqual(new Set(['acme-svc']))
  expect(made(/\/clustertemplates|\/v1\/clusters|\/os-keypairs/)).toEqual(new Set(['acme-cluster']))
  expect(made(/quota/)).toEqual(new Set(['admin']))
})

test('what is taken away by hand is found by plan and repaired by apply', async () => {
  const domain = await findDomain(operator, 'acme')
  const domainId = domain?.id ?? ''
  const [project, creator, automation, role] = await Promise.all([
    findProject(operator, 'acme-prod', domainId),
    findUser(operator, 'acme-cluster', domainId),
    findUser(operator, 'acme-svc', domainId),
    findRole(operator, 'load-balancer_member'),
  ])
  await deleteGrant(operator, {
    roleId: role?.id ?? '',
    to: { kind: 'user', id: automation?.id ?? '' },
    on: { kind: 'project', id: project?.id ?? '' },
  })
  const [router] = await listRouters(operator, { name: 'acme-router' })
  await updateRouter(operator, router?.id ?? '', { external_gateway_info: null })
  await deleteKeypair(operator, 'acme-key', { userId: creator?.id ?? '' })
  const plan = await bed.run('plan', file, '--exit-code')
  expect(plan.out).toMatch(/update +manager +roles member and load-balancer_member of acme-svc/)
  expect(plan.out).toMatch(/update +automation +acme-router: gateway: null -> provider-ext/)
  expect(plan.out).toMatch(/create +creator +keypair acme-key/)
  expect(plan.code).toBe(3)
  const { code, out } = await bed.run('apply', file, '--yes', '--no-wait')
  expect(out).toContain(`${success['apply --no-wait']('acme')}; 3 changes`)
  expect(code).toBe(0)
  expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
})

test('the handover alone lets the openstack command work', async () => {
  const folder = join(bed.folder, 'tenant-onboard', 'lab', 'acme', 'handover')
  expect((await readdir(folder)).sort()).toEqual(['README.md', 'clouds.yaml', 'secrets', 'secure.yaml'])
  const { stdout } = await run(
    '/usr/bin/openstack',
    ['--os-cloud', 'acme-domain-admin', 'project', 'list', '-f', 'value', '-c', 'Name'],
    {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder },
    },
  )
  expect(stdout.trim()).toBe('acme-prod')
})

test('behind TLS it works with the CA, which the handover carries, and says no without it', async () => {
  const clouds = await readFile(lab.cloudsYaml, 'utf8')
  const bare = await bed.write('clouds.yaml', clouds.replaceAll(/^ +cacert: .*\n/gm, ''))
  // not acme, whose cluster fails sooner or later: the lab has no machines
  const other = await exampleTenant('other', (text) =>
    text.replace('10.20.24.0', '10.20.25.0').replace('cloud: lab', 'cloud: lab-tls'),
  )
  const fresh = await bed.write('other.yaml', other)
  const preflight = async (config: string): Promise<{ readonly code: number; readonly text: string }> => {
    const child = spawn('node', ['dist/tenant-onboard.js', 'preflight', fresh], {
      env: { PATH: process.env.PATH, HOME: bed.folder, OS_CLIENT_CONFIG_FILE: config },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    const [code] = (await once(child, 'close')) as [number]
    return { code, text }
  }
  const trusting = await preflight(lab.cloudsYaml)
  expect(trusting.code, trusting.text).toBe(0)
  const without = await preflight(bare)
  expect(without.code).toBe(4)
  expect(without.text).toContain('certificate')
})

test('no secret is in any file but its own, nor on any command line while it runs', async () => {
  const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  const files = await filesBelow(home)
  const secrets = [...files].filter(([path]) => path.startsWith(join(home, 'secrets')))
  expect(secrets).toHaveLength(5)
  const running = run('node', ['dist/tenant-onboard.js', 'plan', file, '--debug'], {
    env: { PATH: process.env.PATH, HOME: bed.folder, OS_CLIENT_CONFIG_FILE: lab.cloudsYaml },
  })
  const { stdout: ps } = await run('ps', ['axeww', '-o', 'args'], { maxBuffer: 2 ** 26 })
  // a cluster that has failed by now is a finding, and exit 3
  const { stdout, stderr } = await running.catch(
    (ended: unknown) => ended as { readonly stdout: string; readonly stderr: string },
  )
  expect(stdout).not.toBe('')
  for (const [path, text] of secrets) {
    const secret = text.includes('PRIVATE KEY') ? (text.split('\n')[2] ?? '') : text.trim()
    expect(ps + stdout + stderr).not.toContain(secret)
    const holders = [...files]
      .filter(([other, content]) => other !== path && content.includes(secret))
      .map(([other]) => other)
    // and the handover, which is how the tenant gets the secrets of its accounts
    const name = basename(path)
    expect(holders.map((holder) => relative(join(home, 'handover'), holder)).sort()).toEqual([
      ...(name === 'domain-admin.password' ? [] : [`secrets/${name}`]),
      ...(['domain-admin.password', 'cluster.password', 'acme-svc.secret'].includes(name) ? ['secure.yaml'] : []),
    ])
  }
})
