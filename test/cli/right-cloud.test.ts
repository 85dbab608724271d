import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFleet } from '../fleet/fleet-test-bed.ts'
import type { FleetTestBed } from '../fleet/fleet-test-bed.ts'
import { exampleTenant, operatorOf } from '../onboarding/test-bed.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import type { Cloud } from '../../src/simulator/cloud.ts'

/* A command works on the cloud that its file names, whatever the shell says. */

const env: Record<string, string> = {}
let bed: FleetTestBed
let file: string

beforeEach(async () => {
  bed = await openFleet(['alpha', 'beta'], { env, io: { columns: 200 } })
  file = await bed.write('tenant.yaml', await tenantOn('alpha'))
})
afterEach(async () => {
  for (const name of Object.keys(env)) Reflect.deleteProperty(env, name)
  await bed.remove()
})

const tenantOn = (cloud: string): Promise<string> =>
  exampleTenant('acme', (text) => text.replace(/^cloud: .*$/m, `cloud: ${cloud}`))

/** What openrc of that cloud exports. */
const openrc = (name: string): Record<string, string> => operatorOf(bed.clouds.get(name) as Cloud)

const commands: readonly (readonly string[])[] = [
  ['preflight', 'FILE'],
  ['plan', 'FILE'],
  ['apply', 'FILE', '--yes'],
  ['verify', 'FILE'],
  ['audit', 'FILE'],
  ['diagnose', 'FILE'],
  ['rotate', 'FILE', '--account', 'svc', '--yes'],
  ['handover', 'FILE', '--yes'],
  ['offboard', 'FILE', '--confirm', 'acme'],
]

const typed = (command: readonly string[]): readonly string[] => command.map((one) => (one === 'FILE' ? file : one))

test.each(commands)('%s: OS_CLOUD names another cloud than the file', async (...command) => {
  env['OS_CLOUD'] = 'beta'
  const { code, err } = await bed.run(...typed(command))
  expect(code).toBe(2)
  expect(err).toContain(`\`alpha\` by \`cloud\` of ${file} (https://alpha.test/identity/v3)`)
  expect(err).toContain('`beta` by OS_CLOUD (https://beta.test/identity/v3)')
  expect(err).toContain('--cloud alpha')
  expect(bed.sent).toEqual([])
})

test.each(commands)('%s: OS_AUTH_URL is that of another cloud than the file', async (...command) => {
  Object.assign(env, openrc('beta'))
  const { code, err } = await bed.run(...typed(command))
  expect(code).toBe(2)
  expect(err).toContain(`\`alpha\` by \`cloud\` of ${file} (https://alpha.test/identity/v3)`)
  expect(err).toContain('by OS_AUTH_URL (https://beta.test/identity/v3)')
  expect(bed.sent).toEqual([])
})

test('the variables of the same cloud, in another spelling, change nothing', async () => {
  Object.assign(env, openrc('alpha'), { OS_AUTH_URL: 'https://ALPHA.test:443/identity/', OS_CLOUD: 'alpha' })
  const { code, err } = await bed.run('plan', file)
  expect(err).toBe('')
  expect(code).toBe(0)
})

test('a flag settles what the shell says, and not what the file says', async () => {
  env['OS_CLOUD'] = 'beta'
  expect(await bed.run('plan', file, '--cloud', 'alpha')).toMatchObject({ code: 0 })
  const sent = bed.sent.length
  const { code, err } = await bed.run('plan', file, '--cloud', 'beta')
  expect(code).toBe(2)
  expect(err).toContain('`beta` by --cloud (https://beta.test/identity/v3), and `alpha` by `cloud` of')
  expect(err).toContain(`change \`cloud\` of ${file}`)
  expect(bed.sent).toHaveLength(sent)
})

test('a name that no entry has contradicts OS_CLOUD, and a flag says that it is that cloud', async () => {
  file = await bed.write('tenant.yaml', await tenantOn('production'))
  env['OS_CLOUD'] = 'beta'
  const { code, err } = await bed.run('plan', file)
  expect(code).toBe(2)
  expect(err).toContain('`production` by')
  expect(err).toContain('(no entry of clouds.yaml)')
  expect(err).toContain('--cloud beta')
  expect(bed.sent).toEqual([])
  expect(await bed.run('plan', file, '--cloud', 'beta')).toMatchObject({ code: 0 })
})

test('an openrc without an entry of that name says where the cloud is, and OS_CLOUD_NAME what it is called', async () => {
  file = await bed.write('tenant.yaml', await tenantOn('production'))
  Object.assign(env, openrc('beta'))
  expect(await bed.run('plan', file)).toMatchObject({ code: 0 })
  env['OS_CLOUD_NAME'] = 'production'
  expect(await bed.run('plan', file)).toMatchObject({ code: 0 })
  env['OS_CLOUD_NAME'] = 'staging'
  const { code, err } = await bed.run('plan', file)
  expect(code).toBe(2)
  expect(err).toContain('`staging` by OS_CLOUD_NAME')
  env['OS_CLOUD_NAME'] = 'alpha'
  expect((await bed.run('plan', file)).err).toContain('two clouds are called `alpha`')
})

test.each([['policy', 'gate'], ['policy', 'advise'], ['audit']])(
  '%s %s: without a file, OS_CLOUD and OS_AUTH_URL are two clouds',
  async (...command) => {
    Object.assign(env, openrc('beta'), { OS_CLOUD: 'alpha' })
    const { code, err } = await bed.run(...command)
    expect(code).toBe(2)
    expect(err).toContain('`alpha` by OS_CLOUD (https://alpha.test/identity/v3)')
    expect(err).toContain('`envvars` by OS_AUTH_URL (https://beta.test/identity/v3)')
    expect(bed.sent).toEqual([])
    const named = await bed.run(...command, '--cloud', 'alpha')
    expect(named.err).not.toContain('two clouds')
    expect(bed.sent.length).toBeGreaterThan(0)
  },
)

test('a fleet: OS_CLOUD and OS_AUTH_URL may name one of its clouds, and no other', async () => {
  await bed.add('acme.yaml', await tenantOn('alpha'))
  for (const other of [{ OS_CLOUD: 'beta' }, openrc('beta')]) {
    Object.assign(env, other)
    const { code, err } = await bed.run('fleet', 'plan', 'fleet')
    expect(code).toBe(2)
    expect(err).toContain('two clouds are named: `alpha` by `cloud` of fleet/acme.yaml')
    expect(err).toContain('(https://beta.test/identity/v3)')
    expect(bed.sent).toEqual([])
    for (const name of Object.keys(other)) Reflect.deleteProperty(env, name)
  }
  env['OS_CLOUD'] = 'alpha'
  expect(await bed.run('fleet', 'plan', 'fleet')).toMatchObject({ code: 0 })
})

const others: readonly (readonly string[])[] = [
  ...commands,
  ['policy', 'gate', '--cloud', 'alpha'],
  ['policy', 'advise', '--cloud', 'alpha'],
  ['export', 'acme', '--cloud', 'alpha'],
]

test.each(others)('%s %s: OS_REGION_NAME names another region than the entry', async (...command) => {
  env['OS_REGION_NAME'] = 'RegionTwo'
  const { code, err } = await bed.run(...typed(command))
  expect(code).toBe(2)
  expect(err).toContain(
    'two regions are named: `RegionTwo` by OS_REGION_NAME, and `RegionOne` by the entry of clouds.yaml',
  )
  expect(err).toContain('--region RegionOne settles it')
  expect(bed.sent).toEqual([])
})

test.each(others)('%s %s: --region names another region than the entry', async (...command) => {
  const { code, err } = await bed.run(...typed(command), '--region', 'RegionTwo')
  expect(code).toBe(2)
  expect(err).toContain('two regions are named: `RegionTwo` by --region, and `RegionOne` by the entry of clouds.yaml')
  expect(bed.sent).toEqual([])
})

test('--region settles what the shell says, of an entry and of an openrc', async () => {
  env['OS_REGION_NAME'] = 'RegionTwo'
  expect(await bed.run('plan', file, '--region', 'RegionOne')).toMatchObject({ code: 0 })
  Object.assign(env, openrc('alpha'), { OS_REGION_NAME: 'RegionTwo' })
  const { code, out } = await bed.run('plan', file, '--cloud', 'envvars', '--region', 'RegionOne')
  expect(code).toBe(0)
  expect(out).toContain('cloud envvars at https://alpha.test/identity/v3, region RegionOne')
  expect((await bed.run('plan', file, '--region', '')).err).toContain('the region by --region has no name')
})

describe('an entry with two regions', () => {
  let two: FleetTestBed
  let own: string
  let path: string
  let listed: string

  beforeEach(async () => {
    two = await openFleet(['alpha'], { env, io: { columns: 200 }, through: withSecondRegion })
    own = await two.write('tenant.yaml', await tenantOn('alpha'))
    path = join(two.folder, '.config/openstack/clouds.yaml')
    listed = (await readFile(path, 'utf8')).replace('region_name: RegionOne', 'regions: [RegionOne, RegionTwo]')
    await writeFile(path, listed, { mode: 0o600 })
  })
  afterEach(() => two.remove())

  test('the flag takes one, or the shell, or the first; a tenant stays in its own', async () => {
    const regionOf = async (...argv: string[]): Promise<string> => {
      const { out, err } = await two.run('plan', own, ...argv)
      return /region (\w+)/.exec(out)?.[1] ?? err
    }
    expect(await regionOf()).toBe('RegionOne')
    expect(await regionOf('--region', 'RegionTwo')).toBe('RegionTwo')
    env['OS_REGION_NAME'] = 'RegionTwo'
    expect(await regionOf()).toBe('RegionTwo')
    expect(await regionOf('--region', 'RegionOne')).toBe('RegionOne')
    const applied = await two.run('apply', own, '--until', 'self-service', '--yes', '--region', 'RegionOne')
    expect(applied).toMatchObject({ code: 0 })
    const { code, err } = await two.run('apply', own, '--yes')
    expect(code).toBe(2)
    expect(err).toContain('is of a tenant in region `RegionOne`, and region `RegionTwo` is chosen: nothing was changed')
    expect(err).toContain('choose `RegionOne` with `--region`')
    // what sends nothing takes the cloud of the last record, and a flag is believed or refused
    expect((await two.run('status', own)).out.split('\n')[0]).toBe(line('alpha'))
    expect((await two.run('report', own, '-o', 'markdown')).out).toContain(`C${line('alpha').slice(1)}`)
    for (const command of ['status', 'report']) {
      const asked = await two.run(command, own, '--region', 'RegionTwo')
      expect(asked.code).toBe(2)
      expect(asked.err).toContain('is of a tenant in region `RegionOne`')
    }
  })

  test('without a word about a region the catalog leaves two, and the flag takes one', async () => {
    await writeFile(path, listed.replace(/^ *regions: .*\n/m, ''), { mode: 0o600 })
    const { code, err } = await two.run('plan', own)
    expect(code).toBe(2)
    expect(err).toContain('the catalog has the regions `RegionOne`, `RegionTwo`: choose one with --region')
    expect(await two.run('plan', own, '--region', 'RegionOne')).toMatchObject({ code: 0 })
  })

  test('a proof in one region is none for a tenant in the other', async () => {
    const throwaways = async (tenant: string, region: string): Promise<number> => {
      const text = (await tenantOn('alpha')).replace('tenant: acme', `tenant: ${tenant}`)
      const before = two.sent.length
      const next = await two.write(`${tenant}.yaml`, text)
      const { code } = await two.run('apply', next, '--until', 'self-service', '--yes', '--region', region)
      expect(code).toBe(0)
      const made = two.sent
        .slice(before)
        .filter(({ method, path: at }) => method === 'POST' && at.endsWith('/v3/domains'))
      return made.length - 1
    }
    expect(await throwaways('acme', 'RegionOne')).toBe(1)
    expect(await throwaways('birch', 'RegionOne')).toBe(0)
    expect(await throwaways('cedar', 'RegionTwo')).toBe(1)
  })
})

/** Each endpoint a second time, in another region. */
function withSecondRegion(fetch: Fetch): Fetch {
  return async (url, init) => {
    const answer = await fetch(url, init)
    if (!url.endsWith('/auth/tokens')) return answer
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body ?? []) chunks.push(chunk)
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { token?: { catalog?: Service[] } }
    for (const service of value.token?.catalog ?? [])
      service.endpoints.push(
        ...service.endpoints.map((one) => ({ ...one, region: 'RegionTwo', region_id: 'RegionTwo' })),
      )
    return { status: answer.status, headers: answer.headers, body: Readable.from([Buffer.from(JSON.stringify(value))]) }
  }
}

type Service = { readonly endpoints: object[] }

const line = (name: string, account = 'admin@Default, project admin@Default'): string =>
  `cloud ${name} at https://${name}.test/identity/v3, region RegionOne, as ${account}`

test('one line says which cloud it is: above the plan, in the question, in status, in the evidence and in the report', async () => {
  const planned = await bed.run('plan', file)
  expect(planned.out.split('\n')[0]).toBe(line('alpha'))
  const asked: string[] = []
  const terminal = await openFleet(['alpha'], {
    io: {
      columns: 200,
      isTerminal: true,
      confirm: (question) => {
        asked.push(question)
        return Promise.resolve(true)
      },
      ask: (question) => {
        asked.push(question)
        return Promise.resolve('acme')
      },
    },
  })
  try {
    const own = await terminal.write('tenant.yaml', await tenantOn('alpha'))
    const applied = await terminal.run('apply', own, '--until', 'self-service')
    expect(applied.err.split('\n')[0]).toBe(line('alpha'))
    const status = await terminal.run('status', own)
    expect(status.out.split('\n')[0]).toBe(line('alpha'))
    const json = JSON.parse((await terminal.run('status', own, '-o', 'json')).out) as { cloud: object }
    expect(json.cloud).toEqual({
      entry: 'alpha',
      authUrl: 'https://alpha.test/identity/v3',
      region: 'RegionOne',
      account: 'admin@Default, project admin@Default',
    })
    const home = join(terminal.folder, 'tenant-onboard/alpha/acme')
    const [first] = await readEvidence(join(home, 'evidence.jsonl'))
    expect(first).toMatchObject({ kind: 'run', command: 'apply', cloud: json.cloud })
    const report = (await terminal.run('report', own, '-o', 'markdown')).out
    expect(report).toContain(`C${line('alpha').slice(1)}`)
    await terminal.run('rotate', own, '--account', 'svc')
    await terminal.run('offboard', own)
    expect(asked).toEqual([
      `${line('alpha')}\napply this plan?`,
      `${line('alpha')}\nrotate it?`,
      `${line('alpha')}\ntype the tenant's name to continue:`,
    ])
  } finally {
    await terminal.remove()
  }
})

test('a fleet says which clouds it is on', async () => {
  await bed.add('acme.yaml', await tenantOn('alpha'))
  await bed.add('other.yaml', (await tenantOn('beta')).replace('tenant: acme', 'tenant: other'))
  const { err } = await bed.run('fleet', 'plan', 'fleet')
  expect(err.split('\n').slice(0, 2)).toEqual([line('alpha'), line('beta')])
})

test('a fleet and a move say it in their questions, too', async () => {
  const asked: string[] = []
  const confirm = (question: string): Promise<boolean> => {
    asked.push(question)
    return Promise.resolve(true)
  }
  const terminal = await openFleet(['alpha'], { io: { columns: 200, isTerminal: true, confirm } })
  try {
    await terminal.add('acme.yaml', await tenantOn('alpha'))
    await terminal.run('fleet', 'apply', 'fleet', '--until', 'domain')
    const path = join(terminal.folder, 'tenant-onboard/alpha/keystone.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('https://alpha.test', 'https://old.test'))
    expect(await terminal.run('cloud', 'move', 'alpha')).toMatchObject({ code: 0 })
    expect(asked).toEqual([
      `${line('alpha')}\napply all of them?`,
      `${line('alpha')}\nis this the same cloud, at its new address?`,
    ])
  } finally {
    await terminal.remove()
  }
})
