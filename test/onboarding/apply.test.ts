import { stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exampleTenant, filesBelow, openSimulated } from './test-bed.ts'
import type { SimulatedTestBed } from './test-bed.ts'

describe('apply on a simulated cloud', () => {
  let bed: SimulatedTestBed
  let file: string

  beforeEach(async () => {
    bed = await openSimulated()
    file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  })

  afterEach(() => bed.remove())

  test('takes a new tenant through every stage', async () => {
    const { code, out } = await bed.run('apply', file, '--yes')
    expect(out).toContain(
      'acme matches its file; 21 changes: 8 by operator, 5 by manager, 5 by automation, 3 by creator',
    )
    expect(code).toBe(0)
    const status = await bed.run('status', file, '--exit-code')
    expect(status.out.match(/validated/g)).toHaveLength(8)
    expect(status.code).toBe(0)
    const { clusters } = bed.cloud.state
    expect([...clusters.values()].map((cluster) => [cluster.name, cluster.status])).toEqual([
      ['acme-cluster', 'CREATE_COMPLETE'],
    ])
  })

  test('the second time sends no request that changes anything, and says so', async () => {
    await bed.run('apply', file, '--yes')
    const before = bed.sent.length
    const { code, out } = await bed.run('apply', file, '--yes', '-o', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, changed: [], changingRequests: 0 })
    const changing = bed.sent
      .slice(before)
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/auth/tokens'))
    expect(changing).toEqual([])
    expect((await bed.run('apply', file, '--yes')).out).toContain('nothing had to be changed')
  })

  test('each thing is made by the hand that should make it', async () => {
    await bed.run('apply', file, '--yes')
    const made = (path: RegExp) =>
      new Set(
        bed.sent
          .filter((one) => one.method !== 'GET' && path.test(one.path) && one.status < 300)
          .map((one) => one.user),
      )
    expect(made(/\/v2\.0\/(networks|subnets|routers)/)).toEqual(new Set(['acme-svc']))
    expect(made(/\/clustertemplates|\/v1\/clusters/)).toEqual(new Set(['acme-cluster']))
    expect(made(/\/os-keypairs/)).toEqual(new Set(['acme-cluster']))
    expect(made(/quota/)).toEqual(new Set(['admin']))
    expect(made(/\/application_credentials/)).toContain('acme-svc')
    // the operator's token is in no request of the tenant's side
    const operator = bed.sent
      .filter((one) => one.user === 'admin' && one.method !== 'GET')
      .map((one) => `${one.method} ${one.path}`)
    expect(
      operator.filter((request) => /POST .*(networks|routers|subnets|clusters|os-keypairs|\/projects)$/.test(request)),
      // the throwaway for which preflight sets a quota of clusters
    ).toEqual(['POST /identity/v3/projects'])
    const [cluster] = bed.cloud.state.clusters.values()
    const creator = [...bed.cloud.state.users.values()].find((user) => user.name === 'acme-cluster')
    expect([...bed.cloud.state.trusts.values()].map((trust) => trust.trustor_user_id)).toEqual([creator?.id])
    expect(cluster?.user_id).toBe(creator?.id)
  })

  test('no secret is in any file but its own, nor in what is printed', async () => {
    const first = await bed.run('apply', file, '--yes', '--debug')
    const second = await bed.run('plan', file, '-o', 'json', '--debug')
    const printed = [first, second].map(({ out, err }) => out + err).join('\n')
    const home = join(bed.folder, 'tenant-onboard', 'lab', 'acme')
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
    const handedOver: Readonly<Record<string, readonly string[]>> = {
      'acme-cluster.key': ['secrets/acme-cluster.key'],
      'acme-cluster.kubeconfig': ['secrets/acme-cluster.kubeconfig'],
      'acme-key.pem': ['secrets/acme-key.pem'],
      'acme-svc.secret': ['secrets/acme-svc.secret', 'secure.yaml'],
      'cluster.password': ['secrets/cluster.password', 'secure.yaml'],
      'domain-admin.password': ['secure.yaml'],
      'svc.password': ['secrets/svc.password'],
    }
    for (const [path, text] of secrets) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      const secret = text.includes('PRIVATE KEY') ? (text.split('\n')[2] ?? '') : text.trim()
      expect(secret.length).toBeGreaterThan(30)
      expect(printed).not.toContain(secret)
      const holders = [...files]
        .filter(([other, content]) => other !== path && content.includes(secret))
        .map(([other]) => other)
      // the handover is how the tenant gets what is theirs: the secrets of its accounts, and the keys
      expect(holders.map((holder) => relative(join(home, 'handover'), holder)).sort()).toEqual(
        handedOver[basename(path)],
      )
    }
  })

  test('--expect applies the plan that was approved, or nothing', async () => {
    const { digest } = JSON.parse((await bed.run('plan', file, '-o', 'json')).out) as { digest: string }
    const other = await bed.run('apply', file, '--expect', 'sha256:0')
    expect(other.code).toBe(2)
    expect(other.err).toContain('not the approved one; nothing was changed')
    expect(bed.cloud.state.domains.size).toBe((await openSimulated()).cloud.state.domains.size)
    expect((await bed.run('apply', file, '--expect', digest)).code).toBe(0)
  })

  test('without a terminal it applies only what was said yes to', async () => {
    const { code, err } = await bed.run('apply', file)
    expect(code).toBe(2)
    expect(err).toContain('there is no terminal to ask on')
    expect((await bed.run('apply', file, '--yes', '--until', 'domain')).code).toBe(0)
  })

  test('what the file does not ask for is not asked: no gate, no tick, and the report counts without it', async () => {
    const small = await bed.write('small.yaml', (await exampleTenant('birch')).replace(/    template:[^]*$/, ''))
    const { code, err } = await bed.run('apply', small, '--yes')
    expect(code).toBe(0)
    expect(err).not.toContain('cluster:')
    const { out } = await bed.run('status', small, '--exit-code')
    expect(out).toMatch(/network +validated/)
    expect(out).toMatch(/template +not asked/)
    expect(out).toMatch(/cluster +not asked/)
    expect((await bed.run('status', small, '--exit-code')).code).toBe(0)
    expect((await bed.run('report', small, '-o', 'markdown')).out).toContain(
      'yes: all 6 stages that the file asks for are validated',
    )
  })

  test('--until stops after a stage, and the rest follows later', async () => {
    await bed.run('apply', file, '--yes', '--until', 'network')
    expect(bed.cloud.state.networks.size).toBeGreaterThan(1)
    expect(bed.cloud.state.clusters.size).toBe(0)
    expect((await bed.run('status', file)).out).toMatch(/template +never run/)
    expect((await bed.run('apply', file, '--yes', '--no-wait')).code).toBe(0)
    expect((await bed.run('status', file)).out).toMatch(/cluster +accepted/)
    expect((await bed.run('apply', file, '--yes')).code).toBe(0)
    expect((await bed.run('status', file)).out).toMatch(/cluster +validated/)
  })
})
