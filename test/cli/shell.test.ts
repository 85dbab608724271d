import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterEach, expect, test } from 'vitest'
import { helpOf } from '../../src/cli/help.ts'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { exampleTenant, filesBelow, openSimulated } from '../onboarding/test-bed.ts'
import type { SimulatedTestBed } from '../onboarding/test-bed.ts'

let bed: SimulatedTestBed | undefined
afterEach(() => bed?.remove())

async function open(seed?: Parameters<typeof openSimulated>[0]): Promise<SimulatedTestBed> {
  const opened = await openSimulated(seed, { env: {} })
  await opened.write('clouds.yaml', renderClouds(opened.cloud, { name: 'lab' }))
  bed = opened
  return opened
}

test('init writes a file that plans clean, is applied, and then has nothing to do', async () => {
  const on = await open()
  const written = await on.run('init', '--cloud', 'lab', '--tenant', 'acme', '--cluster')
  expect(written.code, written.err).toBe(0)
  expect(written.out).toContain('tenant-onboard plan tenant.yaml')
  expect(await readFile(join(on.folder, 'tenant.yaml'), 'utf8')).toContain('# the name of the domain')
  const planned = await on.run('plan', 'tenant.yaml', '-o', 'json')
  expect(planned.code, planned.out + planned.err).toBe(0)
  const applied = await on.run('apply', 'tenant.yaml', '--yes')
  expect(applied.code, applied.err).toBe(0)
  expect((await on.run('plan', 'tenant.yaml', '--exit-code')).code).toBe(0)
  // what exists stays
  const again = await on.run('init', '--cloud', 'lab', '--tenant', 'other')
  expect(again.code).toBe(2)
  expect(again.err).toContain('`tenant.yaml` exists already')
})

test('init asks on a terminal, and says which option to give without one', async () => {
  const on = await open()
  const alone = await on.run('init', '--cloud', 'lab')
  expect(alone.code).toBe(2)
  expect(alone.err).toContain('give `--tenant`')
  bed = await openSimulated(undefined, { isTerminal: true, ask: () => Promise.resolve('asked') })
  const asked = await bed.run('init', '--out', '-')
  expect(asked.code, asked.err).toBe(0)
  expect(parse(asked.out)).toMatchObject({ tenant: 'asked' })
})

test('list and show read the data directory alone, in every format', async () => {
  const on = await open()
  await on.write('acme.yaml', await exampleTenant('acme'))
  const empty = await on.run('list')
  expect(empty.out).toContain('begin with `tenant-onboard init')
  expect((await on.run('apply', 'acme.yaml', '--yes')).code).toBe(0)
  const before = on.sent.length
  const listed = await on.run('list', '-o', 'json')
  expect(JSON.parse(listed.out)).toMatchObject({
    tenants: [{ cloud: 'lab', tenant: 'acme', state: 'validated', isolation: { verdict: 'isolated as far as tried' } }],
  })
  expect((await on.run('list')).out).toContain('isolated as far as tried')
  expect((await on.run('list', '-o', 'value')).out).toMatch(/^lab acme validated /)
  expect((await on.run('list', '-o', 'csv')).out).toMatch(/^cloud,tenant,state,isolation,verified,changed\nlab,acme,/)
  expect((await on.run('list', '-o', 'markdown')).out).toMatch(/^\| cloud \| tenant /)
  expect(parse((await on.run('list', '-o', 'yaml')).out)).toEqual(JSON.parse(listed.out))
  const shown = await on.run('show', 'acme')
  expect(shown.out).toContain('acme on lab')
  expect(shown.out).toContain('acme-net')
  expect(JSON.parse((await on.run('show', 'lab/acme', '-o', 'json')).out)).toMatchObject({ tenant: 'acme' })
  const mistyped = await on.run('show', 'acne')
  expect(mistyped.code).toBe(2)
  expect(mistyped.err).toContain('did you mean `acme`?')
  expect(on.sent.length).toBe(before)
})

test('export writes a file whose plan has nothing to do', async () => {
  const on = await open()
  const two = (text: string): string =>
    `${text}  - name: test\n    description: for trials\n    quotas: { compute: { cores: unlimited, ram: 1536 MiB } }\n    network: { cidr: 10.30.1.0/24 }\n`
  await on.write('acme.yaml', await exampleTenant('acme', two))
  const applied = await on.run('apply', 'acme.yaml', '--yes')
  expect(applied.code, applied.err).toBe(0)
  const exported = await on.run('export', 'acme', '--cloud', 'lab', '--out', 'exported.yaml')
  expect(exported.code, exported.err).toBe(0)
  const planned = await on.run('plan', 'exported.yaml', '--exit-code')
  expect(planned.code, planned.out).toBe(0)
  const printed = await on.run('export', 'acme', '--cloud', 'lab', '--out', '-')
  expect([printed.code, parse(printed.out)]).toMatchObject([0, { tenant: 'acme' }])
  // a person may have edited it
  const over = await on.run('export', 'acme', '--cloud', 'lab', '--out', 'exported.yaml')
  expect([over.code, over.err.includes('`exported.yaml` exists already')]).toEqual([2, true])
  // a difference would be seen
  const text = await readFile(join(on.folder, 'exported.yaml'), 'utf8')
  await writeFile(join(on.folder, 'changed.yaml'), text.replace('1536 MiB', '2 GiB'))
  expect((await on.run('plan', 'changed.yaml', '--exit-code')).code).toBe(3)
  const mistyped = await on.run('export', 'acne', '--cloud', 'lab')
  expect(mistyped.code).toBe(2)
  expect(mistyped.err).toContain('did you mean `acme`?')
})

test('export says what a file cannot say, and that it was not made by this program', async () => {
  const on = await open({
    preset: 'zed-patched',
    isPersonaBuilt: true,
    domains: [{ name: 'umbra', projects: ['umbra-web', 'legacy'] }],
  })
  const exported = await on.run('export', 'umbra', '--cloud', 'lab')
  expect(exported.code).toBe(3)
  expect(exported.err).toContain('not in the file: project `legacy`')
  expect(exported.out).toContain('# this program did not make it')
  expect(parse(exported.out)).toMatchObject({ tenant: 'umbra', projects: [{ name: 'web' }] })
})

test('export --to terraform writes what is there, with its ids and without a secret', async () => {
  const on = await open()
  await on.write('clouds.yaml', renderClouds(on.cloud, { name: 'prod' }))
  const quoted = (text: string): string =>
    text.replace('cloud: lab', 'cloud: prod').replace(/^description: .*$/m, `description: 'a "\${b}"'`)
  await on.write('acme.yaml', await exampleTenant('acme', quoted))
  const applied = await on.run('apply', 'acme.yaml', '--yes')
  expect(applied.code, applied.err).toBe(0)
  const before = on.sent.length
  // as docs and help print it
  const line = helpOf['export']?.examples.find((one) => one.includes('--to terraform')) ?? ''
  const exported = await on.run(...line.split(' '))
  expect(exported.code, exported.err).toBe(3)
  expect(exported.err.trim().split('\n')).toEqual([
    'not in the file: quota of Magnum for `acme-prod`: Terraform has nothing for it',
    'not in the file: cluster `acme-cluster`: it stays as it is, outside of Terraform',
  ])
  const text = await readFile(join(on.folder, 'acme.tf'), 'utf8')
  expect(text).toContain('One owner a tenant: after `terraform apply`')
  expect(text).toContain(String.raw`description = "a \"\u0024{b}\" [tenant-onboard acme]"`)
  expect(text.match(/^import \{$/gm)?.length).toBe(text.match(/^resource /gm)?.length)
  expect(text.match(/^resource /gm)).toHaveLength(21)
  const secrets = [...(await filesBelow(join(on.folder, 'tenant-onboard', 'prod', 'acme', 'secrets'))).values()]
  expect(secrets.length).toBeGreaterThan(3)
  expect(secrets.filter((one) => text.includes(one.trim()))).toEqual([])
  const changing = on.sent
    .slice(before)
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
  expect(changing).toEqual([])
})

test('export --to ansible writes a playbook that takes no text for a template', async () => {
  const on = await open()
  await on.write('clouds.yaml', renderClouds(on.cloud, { name: 'prod' }))
  const hostile = 'costs {{ x }} or {% y %}'
  const quoted = (text: string): string =>
    text.replace('cloud: lab', 'cloud: prod').replace(/^description: .*$/m, `description: '${hostile}'`)
  await on.write('acme.yaml', await exampleTenant('acme', quoted))
  const applied = await on.run('apply', 'acme.yaml', '--yes')
  expect(applied.code, applied.err).toBe(0)
  const line = helpOf['export']?.examples.find((one) => one.includes('--to ansible')) ?? ''
  const exported = await on.run(...line.split(' '))
  expect(exported.code, exported.err).toBe(3)
  const text = await readFile(join(on.folder, 'acme.yml'), 'utf8')
  expect(text).toContain('One owner a tenant: after `ansible-playbook`')
  expect(text).toContain(`description: !unsafe ${hostile} [tenant-onboard acme]`)
  // the module makes a credential anew in each run, and finds a project by its name in any domain
  expect(text).not.toContain('openstack.cloud.application_credential')
  const [play] = parse(text, { logLevel: 'silent' }) as [{ tasks: Record<string, { name?: string }>[] }]
  const quota = play.tasks.find((task) => 'openstack.cloud.quota' in task)?.['openstack.cloud.quota']
  expect(quota).toMatchObject({
    name: expect.stringMatching(/^[0-9a-f-]{32,36}$/) as unknown,
    cores: 20,
    load_balancers: 10,
  })
  const secrets = [...(await filesBelow(join(on.folder, 'tenant-onboard', 'prod', 'acme', 'secrets'))).values()]
  expect(secrets.filter((one) => text.includes(one.trim()))).toEqual([])
})

test('export --to terraform names what the operator may not read, and what is not there', async () => {
  const on = await open({
    preset: 'zed-patched',
    isPersonaBuilt: true,
    domains: [{ name: 'umbra', projects: ['umbra-web'] }],
  })
  const exported = await on.run('export', 'umbra', '--to', 'terraform', '--cloud', 'lab')
  expect(exported.code).toBe(3)
  expect(exported.err).toContain('not in the file: account `umbra-svc`: it is not there')
  expect(exported.out).toContain('# Not in this file:\n#   account `umbra-domain-admin`: it is not there')
})

test('--quiet prints no progress and still says why a command ended; --log-file has everything', async () => {
  const on = await open()
  await on.write('acme.yaml', await exampleTenant('acme'))
  const quiet = await on.run('apply', 'acme.yaml', '--yes', '--quiet', '--log-file', 'run.log', '--until', 'domain')
  expect(quiet.code, quiet.err).toBe(0)
  expect(quiet.err).toBe('')
  expect(await readFile(join(on.folder, 'run.log'), 'utf8')).toMatch(/^\d{4}-\S+Z .*domain/m)
  const failed = await on.run('--quiet', 'plan', 'none.yaml')
  expect(failed.code).toBe(2)
  expect(failed.err).toContain('there is no file `none.yaml`')
  const unwritable = await on.run('list', '--log-file', 'no/such/folder.log')
  expect(unwritable.code).toBe(2)
})

test('--color decides, whatever the terminal is', async () => {
  const on = await open()
  await on.write('acme.yaml', await exampleTenant('acme'))
  expect((await on.run('show', 'none', '--color', 'always')).code).toBe(2)
  const painted = await on.run('explain', 'plan/conflict', '--color', 'always')
  expect(painted.out).toContain('\u001b[1m')
  expect((await on.run('explain', 'plan/conflict')).out).not.toContain('\u001b')
})

test('a failed command with -o yaml prints a document', async () => {
  const on = await open()
  const failed = await on.run('plan', 'none.yaml', '-o', 'yaml')
  expect(failed.code).toBe(2)
  expect(parse(failed.out)).toMatchObject({ ok: false, exitCode: 2 })
})
