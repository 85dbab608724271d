import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet } from '../fleet/fleet-test-bed.ts'
import type { FleetTestBed } from '../fleet/fleet-test-bed.ts'
import { exampleTenant, operatorOf } from '../onboarding/test-bed.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
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

test('OS_REGION_NAME names another region than the entry', async () => {
  env['OS_REGION_NAME'] = 'RegionTwo'
  const { code, err } = await bed.run('plan', file)
  expect(code).toBe(2)
  expect(err).toContain('there is no region `RegionTwo` here, and OS_REGION_NAME names it (known: RegionOne)')
  expect(bed.sent).toEqual([])
  env['OS_REGION_NAME'] = 'RegionOne'
  expect(await bed.run('plan', file)).toMatchObject({ code: 0 })
})

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
