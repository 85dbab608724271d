/** The acceptance tests of gophercloud, on the lab and on the simulator. They are what Go programs, Terraform's provider among them, expect. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCloud, seededIds } from './clouds.ts'
import type { ClientsCloud, CloudName } from './clouds.ts'
import { expectAlike, outputOf } from './suite.ts'
import type { Differences, Outcome, Outcomes } from './suite.ts'
import { toolsFolder } from './tools.ts'

const missing: Readonly<Record<string, Differences>> = {
  'identity-v3': {
    TestCredentialsValidateS3: 'EC2 Signature not supplied',
    TestEndpointCRUD: 'POST /v3/services',
    TestLimitsCRUD: 'POST /v3/registered_limits',
    TestOAuth1CRUD: 'POST /v3/OS-OAUTH1/consumers',
    TestPoliciesCRUD: 'POST /v3/policies',
    TestPoliciesList: 'GET /v3/policies',
    TestProjectEndpoints: '/v3/OS-EP-FILTER/projects',
    TestRegionsCRUD: 'POST /v3/regions',
    TestRegisteredLimitsCRUD: 'POST /v3/registered_limits',
    TestServicesCRUD: 'POST /v3/services',
  },
  'containerinfra-v1': {},
  'networking-v2': {
    TestSubnetsWithSubnetPool: 'POST /v2.0/subnetpools',
    TestSubnetsWithSubnetPoolNoCIDR: 'POST /v2.0/subnetpools',
    TestSubnetsWithSubnetPoolPrefixlen: 'POST /v2.0/subnetpools',
  },
}

test.each(Object.keys(missing))('%s ends on the simulator as on the lab', { timeout: 1_800_000 }, async (suite) => {
  const lab = await outcomesOn('lab', suite)
  const simulator = await outcomesOn('simulator', suite)
  expect([...lab.values()].filter(({ end }) => end === 'passed').length).toBeGreaterThan(1)
  expectAlike({ lab, simulator }, missing[suite] ?? {})
})

async function outcomesOn(name: CloudName, suite: string): Promise<Outcomes> {
  const cloud = await openCloud(name)
  const home = await mkdtemp(join(tmpdir(), 'gophercloud-'))
  try {
    const env = await environmentOf(cloud, home)
    return read(
      await outputOf(join(toolsFolder, 'gophercloud-2.14.0', `${suite}.test`), ['-test.v'], { cwd: home, env }),
    )
  } finally {
    await cloud.close()
    await rm(home, { recursive: true })
  }
}

async function environmentOf(cloud: ClientsCloud, home: string): Promise<Record<string, string>> {
  const { authUrl, region, admin } = cloud
  const { image, flavors, externalNetwork } = await seededIds(cloud)
  const [flavor = '', larger = ''] = flavors
  return {
    HOME: home,
    PATH: '/usr/bin:/bin',
    OS_AUTH_URL: authUrl,
    OS_USERNAME: admin.name,
    OS_PASSWORD: admin.password,
    OS_DOMAIN_NAME: admin.userDomain,
    OS_PROJECT_NAME: admin.project,
    OS_TENANT_NAME: admin.project,
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
    // the tests of every release
    OS_BRANCH: 'master',
    OS_IMAGE_ID: image,
    OS_MAGNUM_IMAGE_ID: image,
    OS_FLAVOR_ID: flavor,
    OS_FLAVOR_ID_RESIZE: larger,
    OS_EXTGW_ID: externalNetwork,
    OS_POOL_NAME: 'provider-ext',
  }
}

/** `go test -v`: the lines of a test stand between its `=== RUN` and its `--- PASS`. */
function read(output: string): Outcomes {
  const outcomes = new Map<string, Outcome>()
  let said: string[] = []
  for (const line of output.split('\n')) {
    if (line.startsWith('=== RUN')) said = []
    said.push(line)
    const [, end, name] = /^--- (PASS|FAIL|SKIP): (\S+)/.exec(line) ?? []
    if (end === undefined || name === undefined) continue
    outcomes.set(name, {
      end: end === 'PASS' ? 'passed' : end === 'FAIL' ? 'failed' : 'skipped',
      said: said.join('\n'),
    })
  }
  return outcomes
}
