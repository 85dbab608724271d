import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleTenant, filesBelow, openSimulated, openTestBed, operatorOf } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { pictureOf } from './picture.ts'

let bed: SimulatedTestBed
let file: string
let before: readonly string[]

beforeEach(async () => {
  bed = await openSimulated()
  before = pictureOf(bed.cloud.state)
  file = await bed.write('tenant.yaml', await exampleTenant('acme'))
})

afterEach(() => bed.remove())

async function apply(): Promise<void> {
  const { code, err } = await bed.run('apply', file, '--yes')
  expect(code, err).toBe(0)
}

test('a tenant with its cluster goes, and the cloud is as it was before it came', async () => {
  await apply()
  expect(bed.cloud.state.clusters.size).toBe(1)
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
  // the evidence stays, what signed in does not
  const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
  expect(await readdir(home)).not.toContain('secrets')
  expect(await readdir(home)).toContain('evidence.jsonl')
  expect((await bed.run('status', file)).out).not.toContain('validated')
})

test('a client certificate that Magnum leaves is found by its issuer, and that of another cluster stays', async () => {
  await apply()
  const { containers, secrets } = bed.cloud.state
  const left = containers.find(({ name }) => name === 'Magnum-Conductor')
  const ref = left?.secretRefs.find(({ name }) => name === 'certificate')
  const stored = secrets.get(ref?.secret_ref.split('/').at(-1) ?? '')
  if (left === undefined || ref === undefined || stored === undefined) throw new Error('the cluster has a certificate')
  const keep = (id: string, payload: string | undefined): void => {
    secrets.set(id, { ...stored, id, payload })
    const secret_ref = ref.secret_ref.replace(stored.id, id)
    containers.set(id, { ...left, id, secretRefs: [{ name: 'certificate', secret_ref }] })
  }
  keep('11111111-1111-4111-8111-111111111111', stored.payload)
  keep('22222222-2222-4222-8222-222222222222', 'not of this tenant')
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(containers.map(({ id }) => id)).toEqual(['22222222-2222-4222-8222-222222222222'])
})

test('without a name nothing is asked of a terminal that is not there, and nothing changes', async () => {
  await apply()
  const then = pictureOf(bed.cloud.state)
  const unasked = await bed.run('offboard', file)
  expect(unasked.code).toBe(2)
  expect(unasked.err).toContain('--confirm acme')
  const wrong = await bed.run('offboard', file, '--confirm', 'globex')
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain('`globex` is not the name of the tenant; nothing was changed')
  const dry = await bed.run('offboard', file, '--dry-run')
  expect(dry.code).toBe(0)
  expect(dry.out).toMatch(/clusters +delete +creator +cluster acme-cluster/)
  expect(dry.out).toMatch(/network +delete +automation +network acme-net/)
  expect(dry.out).toMatch(/identity +delete +operator +domain acme/)
  expect(pictureOf(bed.cloud.state)).toEqual(then)
})

test('who made a thing deletes it, the operator the rest', async () => {
  await apply()
  const sent = bed.sent.length
  expect((await bed.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  const by = (path: RegExp): ReadonlySet<string | undefined> =>
    new Set(
      bed.sent
        .slice(sent)
        .filter((one) => one.method === 'DELETE' && path.test(one.path) && one.status < 300)
        .map(({ user }) => user),
    )
  expect(by(/\/clusters\/|\/clustertemplates\/|os-keypairs/)).toEqual(new Set(['acme-cluster']))
  expect(by(/\/v2\.0\/(networks|subnets|routers)\//)).toEqual(new Set(['acme-svc']))
  expect(by(/\/v3\/(projects|domains)\/[0-9a-f]+$|quota/)).toEqual(new Set(['admin']))
})

test('with the data directory lost the operator does all of it, and the same cloud is left', async () => {
  await apply()
  await rm(join(bed.folder, 'tenant-onboard'), { recursive: true })
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(err).toContain('delete cluster acme-cluster as operator (creator cannot sign in here)')
  expect(code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('a tenant that is half made goes as well', async () => {
  await bed.run('apply', file, '--yes', '--until', 'domain')
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(code).toBe(0)
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('a name that never was is an error, and nothing is written for it', async () => {
  await apply()
  const then = pictureOf(bed.cloud.state)
  const mistyped = await bed.write('pied.yaml', await exampleTenant('pied'))
  const files = [...(await filesBelow(bed.folder)).keys()]
  for (const options of [['--confirm', 'pied'], ['--dry-run'], ['--unfreeze'], []]) {
    const { code, out, err } = await bed.run('offboard', mistyped, ...options)
    expect(err).toContain('there is no domain `pied`, and no record that there was one')
    expect(`${code} ${out}`).toBe('2 ')
  }
  expect([...(await filesBelow(bed.folder)).keys()]).toEqual(files)
  expect(await readdir(join(bed.folder, 'tenant-onboard', 'lab'))).not.toContain('pied')
  expect(pictureOf(bed.cloud.state)).toEqual(then)
})

test('of a tenant that went the record remains, and its absence is proved once more', async () => {
  await apply()
  expect((await bed.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  const again = await bed.run('offboard', file)
  expect(again.out, again.err).toContain('nothing of acme is left')
  expect(again.code).toBe(0)
  const thawed = await bed.run('offboard', file, '--unfreeze')
  expect(thawed.code).toBe(2)
  expect(thawed.err).toContain('there is no domain `acme`')
})

test('an unknown stage, and options that exclude each other, are refused', async () => {
  expect((await bed.run('offboard', file, '--unfreeze', '--dry-run')).code).toBe(2)
  expect((await bed.run('offboard', file, '--until', 'cluster')).err).toContain('did you mean `clusters`?')
  expect(pictureOf(bed.cloud.state)).toEqual(before)
})

test('what people put into the project goes too', async () => {
  await apply()
  const { state } = bed.cloud
  const project = idOf('projects', 'acme-prod')
  const user = idOf('users', 'acme-cluster')
  const createdAt = Date.now()
  const common = { project_id: project, user_id: user, createdAt }
  state.servers.set('s1', {
    ...common,
    id: 's1',
    name: 'pet',
    status: 'ACTIVE',
    flavorId: '1',
    imageId: '',
    keyName: undefined,
    addresses: {},
  })
  const volume = { ...common, id: 'v1', name: 'disk', status: 'available', size: 1, volumeType: 'standard' }
  state.volumes.set('v1', volume)
  state.volumeSnapshots.set('n1', { ...common, id: 'n1', name: 'shot', status: 'available', volume_id: 'v1' })
  state.secrets.set('11111111-1111-4111-8111-111111111111', {
    id: '11111111-1111-4111-8111-111111111111',
    name: 'key',
    project_id: project,
    creator_id: user,
    payload: 'x',
    contentType: 'text/plain',
    secretType: 'opaque',
    createdAt,
  })
  plantImage({ visibility: 'private', protected: true, owner: project })
  const { code, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(code, err).toBe(0)
  expect(err).toContain('enter project acme-prod as operator')
  expect(pictureOf(state)).toEqual(before)
})

test('with the data kept, project and domain stay, and nobody in them can sign in', async () => {
  await apply()
  const { state } = bed.cloud
  const project = idOf('projects', 'acme-prod')
  plantImage({ visibility: 'private', protected: false, owner: project })
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme', '--keep-data')
  expect(out, err).toContain('only the kept data of acme is left')
  expect(code).toBe(0)
  expect(state.images.map(({ name }) => name)).toContain('planted')
  expect(state.projects.map(({ name }) => name)).toContain('acme-prod')
  expect(state.clusters.size + state.networks.filter(({ project_id }) => project_id === project).length).toBe(0)
  const people = state.users.filter(({ domain_id }) => domain_id === idOf('domains', 'acme'))
  expect(people.map(({ name, enabled }) => `${name} ${String(enabled)}`).sort()).toEqual([
    'acme-cluster false',
    'acme-domain-admin false',
    'acme-svc false',
  ])
  // and later it goes altogether
  expect((await bed.run('offboard', file, '--confirm', 'acme')).code).toBe(0)
  expect(pictureOf(state)).toEqual(before)
})

test('a freeze cuts nothing off that lives, holds quotas at what is in use, and can be undone', async () => {
  await apply()
  const { state } = bed.cloud
  const then = pictureOf(state)
  const manager = idOf('users', 'acme-domain-admin')
  const { code, err } = await bed.run('offboard', file, '--confirm', 'acme', '--until', 'freeze')
  expect(code, err).toBe(0)
  expect(state.users.get(manager)?.enabled).toBe(false)
  expect(state.users.get(idOf('users', 'acme-cluster'))?.enabled).toBe(true)
  expect(state.clusters.map(({ status }) => status)).toEqual(['CREATE_COMPLETE'])
  expect(state.quotas.get(`network/${idOf('projects', 'acme-prod')}`)).toMatchObject({ network: 1, router: 1 })
  const thawed = await bed.run('offboard', file, '--unfreeze')
  expect(thawed.code, thawed.err).toBe(0)
  expect(pictureOf(state).map(unstamped)).toEqual(then.map(unstamped))
  expect((await bed.run('plan', file, '--exit-code')).code).toBe(0)
})

test('a domain that is disabled is opened with everybody in it locked out, and goes', async () => {
  await apply()
  const { state } = bed.cloud
  const domain = state.domains.find(({ name }) => name === 'acme')
  expect(domain).toBeDefined()
  if (domain !== undefined) state.domains.set(domain.id, { ...domain, enabled: false })
  const { code, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(err.indexOf('disable user acme-cluster')).toBeLessThan(err.indexOf('enable domain acme'))
  expect(err).toContain('disable user acme-cluster')
  expect(code, err).toBe(0)
  expect(pictureOf(state)).toEqual(before)
})

test('of a domain that somebody deleted by hand the orphans are found by the ids in the evidence', async () => {
  await apply()
  const { state } = bed.cloud
  const domain = idOf('domains', 'acme')
  state.domains.delete(domain)
  state.projects.deleteWhere(({ domain_id }) => domain_id === domain)
  const users = new Set(state.users.filter(({ domain_id }) => domain_id === domain).map(({ id }) => id))
  state.users.deleteWhere(({ id }) => users.has(id))
  state.applicationCredentials.deleteWhere(({ user_id }) => users.has(user_id))
  state.grants.deleteWhere(({ actorId }) => users.has(actorId))
  state.trusts.deleteWhere(({ trustor_user_id }) => users.has(trustor_user_id))
  const { code, out, err } = await bed.run('offboard', file, '--confirm', 'acme')
  expect(err).toContain('delete cluster acme-cluster as operator')
  expect(out).toContain('not shown: whether something of acme is left')
  expect(out.replace(/\s+/g, ' ')).toContain('no API shows which secrets and stacks it left')
  expect(code, err).toBe(3)
  expect(pictureOf(state)).toEqual(before)
})

test('what grows between the reading of its use and the limit is read again', async () => {
  await apply()
  const { servers } = bed.cloud.state
  const [server] = servers.filter(({ project_id }) => project_id === idOf('projects', 'acme-prod'))
  if (server === undefined) throw new Error('its cluster has servers')
  const limits: number[] = []
  const growing: Fetch = async (url, init) => {
    const answer = await bed.cloud.fetch(url, init)
    const { pathname } = new URL(url)
    if (!pathname.includes('/v2.1/os-quota-sets/')) return answer
    if (pathname.endsWith('/detail') && limits.length === 0) servers.set('grown', { ...server, id: 'grown' })
    if (init.method === 'PUT') limits.push(answer.status)
    if (limits.at(-1) === 200) servers.delete('grown')
    return answer
  }
  const on = await openTestBed(operatorOf(bed.cloud), growing, {}, bed.clock)
  const home = join('tenant-onboard', 'lab')
  await cp(join(bed.folder, home), join(on.folder, home), { recursive: true })
  const { out, err } = await on.run('offboard', file, '--confirm', 'acme')
  expect(out, err).toContain('nothing of acme is left')
  expect(limits.slice(0, 2)).toEqual([400, 200])
  expect(pictureOf(bed.cloud.state)).toEqual(before)
  await on.remove()
})

test('on a terminal the name is asked for, and another word changes nothing', async () => {
  await apply()
  const typed = ['yes', 'acme']
  const io = { isTerminal: true, ask: () => Promise.resolve(typed.shift() ?? '') }
  const terminal = await openTestBed(operatorOf(bed.cloud), bed.cloud.fetch, io, bed.clock)
  const then = pictureOf(bed.cloud.state)
  expect((await terminal.run('offboard', file)).code).toBe(2)
  expect(pictureOf(bed.cloud.state)).toEqual(then)
  expect((await terminal.run('offboard', file)).code).toBe(0)
  await terminal.remove()
})

function idOf(table: 'projects' | 'users' | 'domains', name: string): string {
  return bed.cloud.state[table].find((row) => row.name === name)?.id ?? ''
}

function plantImage(fields: { readonly visibility: 'private' | 'public'; protected: boolean; owner: string }): void {
  bed.cloud.state.images.set('i1', {
    ...fields,
    id: 'i1',
    name: 'planted',
    status: 'active',
    size: 1,
    min_disk: 0,
    min_ram: 0,
    disk_format: 'raw',
    container_format: 'bare',
    tags: [],
    properties: {},
    createdAt: Date.now(),
    updatedAt: Date.now(),
  })
}

/** Without the times of a change, and without what Magnum gives a new quota. */
function unstamped(line: string): string {
  return line.replace(/"updatedAt":\d+/g, '').replace(/^(magnumQuotas .*)"id":\d+(.*)"createdAt":\d+/, '$1$2')
}
