import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exampleTenant, filesBelow, openSimulated } from './stand.ts'
import type { SimulatedStand } from './stand.ts'

describe('apply on a simulated cloud', () => {
  let stand: SimulatedStand
  let file: string

  beforeEach(async () => {
    stand = await openSimulated()
    file = await stand.write('tenant.yaml', await exampleTenant('acme'))
  })

  afterEach(() => stand.remove())

  test('takes a new tenant through every stage', async () => {
    const { code, out } = await stand.run('apply', file, '--yes')
    expect(out).toContain('acme is as asked; 21 changes: 8 by operator, 5 by manager, 5 by automation, 3 by creator')
    expect(code).toBe(0)
    const status = await stand.run('status', file, '--exit-code')
    expect(status.out.match(/validated/g)).toHaveLength(8)
    expect(status.code).toBe(0)
    const { clusters } = stand.cloud.state
    expect([...clusters.values()].map((cluster) => [cluster.name, cluster.status])).toEqual([
      ['acme-cluster', 'CREATE_COMPLETE'],
    ])
  })

  test('the second time sends no request that changes anything, and says so', async () => {
    await stand.run('apply', file, '--yes')
    const before = stand.sent.length
    const { code, out } = await stand.run('apply', file, '--yes', '-o', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, changed: [], changingRequests: 0 })
    const changing = stand.sent
      .slice(before)
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
    expect(changing).toEqual([])
    expect((await stand.run('apply', file, '--yes')).out).toContain('nothing had to be changed')
  })

  test('each thing is made by the hand that should make it', async () => {
    await stand.run('apply', file, '--yes')
    const made = (path: RegExp) =>
      new Set(
        stand.sent
          .filter((one) => one.method !== 'GET' && path.test(one.path) && one.status < 300)
          .map((one) => one.user),
      )
    expect(made(/\/v2\.0\/(networks|subnets|routers)/)).toEqual(new Set(['acme-svc']))
    expect(made(/\/clustertemplates|\/v1\/clusters/)).toEqual(new Set(['acme-cluster']))
    expect(made(/\/os-keypairs/)).toEqual(new Set(['acme-cluster']))
    expect(made(/quota/)).toEqual(new Set(['admin']))
    expect(made(/\/application_credentials/)).toContain('acme-svc')
    // the operator's token is in no request of the tenant's side
    const operator = stand.sent
      .filter((one) => one.user === 'admin' && one.method !== 'GET')
      .map((one) => `${one.method} ${one.path}`)
    expect(
      operator.filter((request) => /POST .*(networks|routers|subnets|clusters|os-keypairs|\/projects)$/.test(request)),
    ).toEqual([])
    const [cluster] = stand.cloud.state.clusters.values()
    const creator = [...stand.cloud.state.users.values()].find((user) => user.name === 'acme-cluster')
    expect([...stand.cloud.state.trusts.values()].map((trust) => trust.trustor_user_id)).toEqual([creator?.id])
    expect(cluster?.user_id).toBe(creator?.id)
  })

  test('no secret is in any file but its own, nor in what is printed', async () => {
    const first = await stand.run('apply', file, '--yes', '--debug')
    const second = await stand.run('plan', file, '-o', 'json', '--debug')
    const printed = [first, second].map(({ out, err }) => out + err).join('\n')
    const home = join(stand.folder, 'tenant-onboard', 'lab', 'acme')
    const files = await filesBelow(home)
    const secrets = [...files].filter(([path]) => path.startsWith(join(home, 'secrets')))
    expect(secrets.map(([path]) => path.slice(home.length + 9)).sort()).toEqual([
      'acme-cluster.key',
      'acme-cluster.kubeconfig',
      'acme-key.pem',
      'acme-svc.secret',
      'cluster.password',
      'domain-admin.password',
      'svc.password',
    ])
    for (const [path, text] of secrets) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      const secret = text.includes('PRIVATE KEY') ? (text.split('\n')[2] ?? '') : text.trim()
      expect(secret.length).toBeGreaterThan(30)
      expect(printed).not.toContain(secret)
      const holders = [...files]
        .filter(([other, content]) => other !== path && content.includes(secret))
        .map(([other]) => other)
      // the handover is how the tenant gets the one password that is theirs
      expect(holders).toEqual(path.endsWith('domain-admin.password') ? [join(home, 'handover', 'secure.yaml')] : [])
    }
  })

  test('--expect applies the plan that was approved, or nothing', async () => {
    const { digest } = JSON.parse((await stand.run('plan', file, '-o', 'json')).out) as { digest: string }
    const other = await stand.run('apply', file, '--expect', 'sha256:0')
    expect(other.code).toBe(2)
    expect(other.err).toContain('not the one that was approved; nothing was changed')
    expect(stand.cloud.state.domains.size).toBe((await openSimulated()).cloud.state.domains.size)
    expect((await stand.run('apply', file, '--expect', digest)).code).toBe(0)
  })

  test('without a terminal it applies only what was said yes to', async () => {
    const { code, err } = await stand.run('apply', file)
    expect(code).toBe(2)
    expect(err).toContain('there is no terminal to ask on')
    expect((await stand.run('apply', file, '--yes', '--until', 'domain')).code).toBe(0)
  })

  test('--until stops after a stage, and the rest follows later', async () => {
    await stand.run('apply', file, '--yes', '--until', 'network')
    expect(stand.cloud.state.networks.size).toBeGreaterThan(1)
    expect(stand.cloud.state.clusters.size).toBe(0)
    expect((await stand.run('status', file)).out).toMatch(/template +never run/)
    expect((await stand.run('apply', file, '--yes', '--no-wait')).code).toBe(0)
    expect((await stand.run('status', file)).out).toMatch(/cluster +accepted/)
    expect((await stand.run('apply', file, '--yes')).code).toBe(0)
    expect((await stand.run('status', file)).out).toMatch(/cluster +validated/)
  })
})
