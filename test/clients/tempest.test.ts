/** Tempest's tests of identity, and those of Keystone's plugin, on the lab and on the simulator. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCloud } from './clouds.ts'
import type { ClientsCloud, CloudName } from './clouds.ts'
import { expectAlike, outputOf } from './suite.ts'
import type { Outcome, Outcomes } from './suite.ts'
import { toolsFolder } from './tools.ts'

const environment = join(toolsFolder, 'tempest-43.0.0')
const selected = String.raw`^(tempest\.api\.identity|keystone_tempest_plugin\.tests\.api)`

/** Operations that the simulator does not have, and how many tests end there. docs/simulator.md names them. */
const missing: Readonly<Record<string, number>> = {
  'GET /v3/domains/config/default': 2,
  'POST /v3/OS-OAUTH1/consumers': 15,
  'POST /v3/policies': 2,
  'POST /v3/regions': 4,
  'POST /v3/services': 12,
  'PUT /v3/OS-FEDERATION/service_providers': 9,
  'PUT /v3/domains/': 3,
}

test('identity ends on the simulator as on the lab', { timeout: 3_600_000 }, async () => {
  const lab = await outcomesOn('lab')
  const simulator = withTestsOfClasses(await outcomesOn('simulator'), lab)
  expect([...lab.values()].filter(({ end }) => end === 'passed').length).toBeGreaterThan(150)
  const listed: Record<string, string> = {}
  const counts: Record<string, number> = Object.fromEntries(Object.keys(missing).map((each) => [each, 0]))
  for (const [name, { said }] of simulator) {
    const operation = Object.keys(missing).find((each) => said.includes(`the simulator has no ${each}`))
    if (operation === undefined || lab.get(name)?.end !== 'passed') continue
    listed[name] = operation
    counts[operation] = (counts[operation] ?? 0) + 1
  }
  expectAlike({ lab, simulator }, listed)
  expect(counts).toEqual(missing)
})

/** Where a class could not begin, none of its tests has an outcome: each gets that of the class. */
function withTestsOfClasses(outcomes: Outcomes, others: Outcomes): Outcomes {
  const all = new Map(outcomes)
  for (const [name, outcome] of outcomes) {
    const [, path] = /^setUpClass \((\S+)\)$/.exec(name) ?? []
    if (path === undefined || others.has(name)) continue
    all.delete(name)
    for (const test of others.keys()) if (test.startsWith(`${path}.`)) all.set(test, outcome)
  }
  return all
}

async function outcomesOn(name: CloudName): Promise<Outcomes> {
  const cloud = await openCloud(name)
  const home = await mkdtemp(join(tmpdir(), 'tempest-'))
  try {
    await mkdir(join(home, 'lock'))
    await writeFile(join(home, 'tempest.conf'), configurationFor(cloud, home))
    const [python = ''] = await readdir(join(environment, 'lib'))
    const top = join(environment, 'lib', python, 'site-packages')
    await writeFile(join(home, '.stestr.conf'), `[DEFAULT]\ntest_path=${top}/tempest/test_discover\ntop_dir=${top}\n`)
    const env = {
      HOME: home,
      PATH: `${environment}/bin:/usr/bin:/bin`,
      LC_ALL: 'C.UTF-8',
      TEMPEST_CONFIG_DIR: home,
      TEMPEST_CONFIG: 'tempest.conf',
    }
    const stestr = (...argv: readonly string[]) => outputOf('stestr', argv, { cwd: home, env })
    await stestr('init')
    return read(await stestr('run', '--serial', selected))
  } finally {
    await cloud.close()
    await rm(home, { recursive: true })
  }
}

function configurationFor({ authUrl, region, admin }: ClientsCloud, home: string): string {
  return `[oslo_concurrency]
lock_path = ${home}/lock
[identity]
uri_v3 = ${authUrl}
auth_version = v3
region = ${region}
admin_role = admin
default_domain_id = default
v3_endpoint_type = public
[auth]
use_dynamic_credentials = true
create_isolated_networks = false
admin_username = ${admin.name}
admin_password = ${admin.password}
admin_project_name = ${admin.project}
admin_domain_name = ${admin.userDomain}
admin_user_domain_name = ${admin.userDomain}
admin_project_domain_name = ${admin.projectDomain}
tempest_roles = member
[identity-feature-enabled]
api_v3 = true
trust = true
application_credentials = true
access_rules = true
[service_available]
cinder = false
glance = false
neutron = false
nova = false
swift = false
`
}

/** stestr's lines `{0} NAME [0.1s] ... ok`, and after `FAILED` what the test said, down to the next such line. */
function read(output: string): Outcomes {
  const outcomes = new Map<string, Outcome>()
  for (const part of output.split(/\n(?=\{\d+\} )/)) {
    const [, name, end] = /^\{\d+\} (setUpClass \(\S+\)|\S+) .*?\.\.\. (ok|FAILED|SKIPPED)/.exec(part) ?? []
    if (name === undefined || end === undefined) continue
    outcomes.set(name, { end: end === 'ok' ? 'passed' : end === 'FAILED' ? 'failed' : 'skipped', said: part })
  }
  return outcomes
}
