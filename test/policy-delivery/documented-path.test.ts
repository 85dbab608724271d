/** The commands of README, and those that we print, typed as they stand. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import type { Seed } from '../../src/simulator/seed.ts'
import { exampleTenant, operatorOf } from '../onboarding/test-bed.ts'
import { openDeliveryTestBed, override } from './test-bed.ts'
import type { DeliveryTestBed } from './test-bed.ts'

const beds: DeliveryTestBed[] = []

afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.remove()
})

/** A person at a terminal with clouds.yaml, who says yes. */
async function open(seed: Seed): Promise<DeliveryTestBed> {
  const env: Record<string, string> = {}
  const bed = await openDeliveryTestBed(seed, env, {
    isTerminal: true,
    confirm: () => Promise.resolve(true),
    columns: 80,
  })
  beds.push(bed)
  for (const name of Object.keys(operatorOf(bed.cloud))) env[name] = ''
  env['OS_CLIENT_CONFIG_FILE'] = await bed.write('clouds.yaml', renderClouds(bed.cloud, { name: 'prod' }))
  return bed
}

/** What a shell makes of a line. */
function wordsOf(line: string): readonly string[] {
  return line
    .replace(/\s+#.*$/, '')
    .split(' ')
    .filter((word) => word !== '')
    .slice(1)
}

const ownCloud = async (): Promise<readonly string[]> => {
  const [, rest = ''] = (await readFile('README.md', 'utf8')).split('## Your own cloud')
  const [section = ''] = rest.split('\n## ')
  return section.split('\n').flatMap((line) => /^ {4}(tenant-onboard .*)$/.exec(line)?.[1] ?? [])
}

test.each([
  ['the file that `init` writes', undefined, []],
  ['the example with a cluster', 'acme', ['acme-cluster']],
] as const)("README's way on one's own cloud, as it stands, ends with a tenant: %s", async (_, example, clusters) => {
  const lines = await ownCloud()
  expect(
    lines.map((line) => {
      const [name, sub] = wordsOf(line)
      return name === 'policy' ? `policy ${sub ?? ''}` : name
    }),
  ).toEqual(['policy advise', 'policy build', 'policy attach', 'init', 'preflight', 'plan', 'apply'])
  const bed = await open({ preset: 'zed-patched' })
  const data = join(bed.folder, 'tenant-onboard', 'prod')
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'cloud.yaml'), `version: 1\npolicy: {delivery: directory, path: ${bed.policyDir}}\n`)
  for (const line of lines) {
    const { code, out, err } = await bed.type(...wordsOf(line))
    expect(code, `${line}\n${out}${err}`).toBe(0)
    // what README shows is what is printed
    if (line.includes(' advise '))
      for (const next of lines.slice(1, 3)) expect(out).toContain(`  ${next.replace(/\s+#.*$/, '')}\n`)
    if (line.includes(' init ') && example !== undefined)
      await bed.write('tenant.yaml', await exampleTenant(example, (text) => text.replace('cloud: lab', 'cloud: prod')))
  }
  expect([...bed.cloud.state.domains.values()].map(({ name }) => name)).toContain('acme')
  expect([...bed.cloud.state.clusters.values()].map(({ name }) => name)).toEqual(clusters)
})

const presets = [
  ['zed-patched', 1],
  ['caracal-charmed', 1],
  ['epoxy', 1],
  ['epoxy-charmed', 1],
] as const

test.each(presets)('on %s the commands that `advise` prints work as printed', async (preset) => {
  const bed = await open({ preset })
  const way = ['--cloud', 'prod', '--policy-dir', bed.policyDir]
  const { code, out } = await bed.type('policy', 'advise', ...way)
  expect(code, out).toBe(0)
  const printed = out.split('\n').filter((line) => line.startsWith('  tenant-onboard '))
  expect(printed.map((line) => wordsOf(line)[1])).toEqual(['build', 'attach'])
  for (const line of printed) {
    const ran = await bed.type(...wordsOf(line.trim()))
    expect(ran.code, `${line}\n${ran.out}${ran.err}`).toBe(0)
  }
  expect(await readdir(bed.policyDir)).toEqual(['domain-manager.yaml'])
})

test('what an override was built for has not to be repeated, wherever it is read', async () => {
  const bed = await open({ preset: 'caracal-charmed' })
  const built = ['--base', 'charm', '--release', '2024.1+ossa-2026-015', '--magnum-domain', 'magnum']
  const roles = ['--managed-roles', 'member', 'load-balancer_member', 'reader']
  expect((await bed.type('policy', 'build', ...built, '--out', 'built.yaml', ...roles)).code).toBe(0)
  for (const command of ['lint', 'prove']) {
    const { code, out, err } = await bed.type('policy', command, 'built.yaml')
    expect(code, out + err).toBe(0)
  }
  const attached = await bed.type('policy', 'attach', 'built.yaml', '--cloud', 'prod', '--policy-dir', bed.policyDir)
  expect(attached.code, attached.out + attached.err).toBe(0)
  // by Kolla or Helm: nothing was attached from here
  const gate = ['policy', 'gate', 'built.yaml', '--cloud', 'prod', '--home', 'elsewhere']
  const held = await bed.type(...gate)
  expect(held.code, held.out + held.err).toBe(0)
  await writeFile(bed.file, '# nothing\n')
  const { code, out } = await bed.type(...gate)
  expect(out).toContain('delivery/not-in-force')
  expect(code).toBe(3)
  // a file of somebody else says nothing
  await bed.write('theirs.yaml', '"identity:list_endpoints": "rule:admin_required"\n')
  const theirs = await bed.type('policy', 'attach', 'theirs.yaml', '--cloud', 'prod', '--policy-dir', bed.policyDir)
  expect(theirs.code).toBe(2)
  expect(theirs.err).toContain('`tenant-onboard policy advise --cloud prod --policy-dir')
})

test.each([
  ['a malformed rule', (text: string) => text.replace('"identity:list_users": "', '"identity:list_users": "or or ')],
  ['another file', () => '"identity:list_endpoints": "rule:admin_required"\n'],
  ['no file', () => undefined],
] as const)('the commands in what the gate finds with %s are no errors of usage', async (_, damage) => {
  const bed = await open({ preset: 'zed-patched' })
  const good = await override()
  await bed.write('good.yaml', good)
  const way = ['--cloud', 'prod', '--policy-dir', bed.policyDir]
  expect((await bed.type('policy', 'attach', 'good.yaml', ...way, '--no-gate')).code).toBe(0)
  await writeFile(bed.file, damage(good) ?? '')
  const { code, out } = await bed.type('policy', 'gate', ...way)
  expect(code).toBe(3)
  const printed = [...out.matchAll(/`(tenant-onboard policy [^`]*)`/g)].map(([, command = '']) => command)
  expect(printed.length).toBeGreaterThan(0)
  for (const line of new Set(printed)) {
    const ran = await bed.type(...wordsOf(line))
    expect([0, 3], `${line}\n${ran.err}`).toContain(ran.code)
  }
})

test('every command in a finding of the delivery is one that the command line completes', async () => {
  const files = await readdir('src/policy-delivery', { recursive: true })
  const texts = await Promise.all(
    [
      'src/probes/remedies.ts',
      ...files.filter((name) => name.endsWith('.ts')).map((name) => join('src/policy-delivery', name)),
    ].map(async (path) =>
      (await readFile(path, 'utf8')).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '').replaceAll('\\`', '`'),
    ),
  )
  const named = texts.flatMap((text) =>
    [...text.matchAll(/`(?:tenant-onboard )?policy (\w+)[^`]*`/g)].map(([whole]) => whole),
  )
  const completed = /^`tenant-onboard policy (?:advise|attach|build|gate|lint|prove|rollback)`$/
  expect([...new Set(named)].filter((one) => !completed.test(one))).toEqual([])
})

test('a folder of the charm is refused, and the same folder of a plain installation is not', async () => {
  const bed = await open({ preset: 'zed-patched' })
  await bed.write('good.yaml', await override())
  const attach = ['policy', 'attach', 'good.yaml', '--cloud', 'prod', '--policy-dir', bed.policyDir, '--dry-run']
  expect((await bed.type(...attach)).code).toBe(0)
  // policy.d/.. is where keystone.conf is
  await writeFile(
    join(bed.policyDir, '..', 'keystone.conf'),
    '# [ WARNING ]\n# Configuration file maintained by Juju. Local changes may be overwritten.\n[DEFAULT]\n',
  )
  const { code, out } = await bed.type(...attach)
  expect(out).toContain('delivery/charm-owned')
  expect(out).toContain('--model openstack')
  expect(code).toBe(3)
})
