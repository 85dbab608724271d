/** What an entry of clouds.yaml may have wrong, and what is said of it: who, where it was written, what, and what to type. */
import { afterEach, expect, test } from 'vitest'
import { renderClouds } from '../../src/simulator/clouds-yaml.ts'
import { exampleTenant, openTestBed, simulate } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed

afterEach(() => bed.remove())

async function planOf(
  change: (clouds: string) => string,
): Promise<{ code: number; out: string; err: string; sent: number }> {
  const { cloud, clock } = simulate()
  let sent = 0
  bed = await openTestBed(
    {},
    (url, init) => {
      sent += 1
      return cloud.fetch(url, init)
    },
    {},
    clock,
  )
  await bed.write('clouds.yaml', change(renderClouds(cloud, { name: 'lab' })))
  await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { code, out, err } = await bed.run('plan', 'tenant.yaml')
  return { code, out, err, sent }
}

const refused = 'The request you have made requires authentication.'
const tryIt = 'name, domain, password or project may be wrong: try `openstack --os-cloud lab token issue`'

test.each([
  ['password', /(password: ).*/, '$1wrong', 'admin@Default, project admin@Default'],
  ['user', /(username: ).*/, '$1nobody', 'nobody@Default, project admin@Default'],
  ['domain', /(user_domain_name: ).*/, '$1Nowhere', 'admin@Nowhere, project admin@Default'],
  ['project', /(project_name: ).*/, '$1nothing', 'admin@Default, project nothing@Default'],
])('a wrong %s: account, entry and file, and a command', async (_, part, wrong, account) => {
  const { code, err } = await planOf((clouds) => clouds.replace(part, wrong))
  expect(code).toBe(4)
  expect(err).toContain(` to ${account}: ${refused}`)
  expect(err).toContain(`from entry \`lab\` of ${bed.folder}/clouds.yaml`)
  expect(err).toContain(tryIt)
})

test('a wrong path is no word on the credential', async () => {
  const { code, err } = await planOf((clouds) => clouds.replace(/(auth_url: \S+)\/identity\/v3/, '$1/nowhere/v3'))
  expect(code).toBe(4)
  expect(err).toContain('POST /nowhere/v3/auth/tokens answered 404')
  expect(err).not.toContain('may be wrong')
})

test('plain http is refused before anything is sent', async () => {
  const { code, err, sent } = await planOf((clouds) =>
    clouds.replace(/(auth_url: ).*/, '$1http://keystone.example:5000/v3'),
  )
  expect(code).toBe(2)
  expect(err).toContain(
    '`auth_url` is plain http://keystone.example:5000, where anyone on the path can read the password',
  )
  expect(err).toContain('--allow-http')
  expect(sent).toBe(0)
})

test('a region that the catalog does not have is said with those that it has, and with no request', async () => {
  const { code, out, err } = await planOf((clouds) => clouds.replace(/(region_name: ).*/, '$1RegionTwo'))
  expect(code).toBe(3)
  const words = (out + err).replaceAll(/\s+/g, ' ')
  expect(words).toContain(
    'in region `RegionTwo`, only in `RegionOne`: correct it where it is named: `region_name` of the entry',
  )
  expect(words).not.toContain('answered 201')
})

test('as it was written, the entry works', async () => {
  expect((await planOf((clouds) => clouds)).code).toBe(0)
})
