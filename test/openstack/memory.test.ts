import { describe, expect, test } from 'vitest'
import { createDomain, findDomain, getDomainConfig, listDomains } from '../../src/openstack/keystone/domains.ts'
import { createNetwork } from '../../src/openstack/neutron/networks.ts'
import { getNetworkUsage, updateNetworkQuota } from '../../src/openstack/neutron/quotas.ts'
import { createKeypair } from '../../src/openstack/nova.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import type { Fetch } from '../../src/openstack/http.ts'
import { Secret } from '../../src/secret.ts'
import { createCloud } from '../../src/simulator/cloud.ts'

function onCloud() {
  const cloud = createCloud({ preset: 'zed-patched', isPersonaBuilt: true })
  const time = { now: Date.parse('2026-01-01T00:00:00Z') }
  const sent: string[] = []
  const fetch: Fetch = (url, init) => {
    const { pathname } = new URL(url)
    if (!pathname.endsWith('/auth/tokens')) sent.push(`${init.method} ${pathname}`)
    return cloud.fetch(url, init)
  }
  const { admin, url: authUrl, region } = cloud
  const open = (): Session =>
    openSession({
      actor: 'operator',
      endpoint: { authUrl, region },
      auth: {
        kind: 'password',
        user: { name: admin.name, domain: { name: admin.userDomain } },
        password: new Secret(admin.password),
        scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
      },
      fetch,
      now: () => new Date(time.now),
    })
  const project = cloud.state.projects.find(({ name }) => name === admin.project)?.id ?? ''
  return { open, sent, time, project }
}

describe('a memory', () => {
  test('answers again, and whoever cites the answer cites the request that showed it', async () => {
    const { open, sent } = onCloud()
    const look = open().snapshot()
    const first = look.recording()
    await listDomains(first.session)
    const second = look.recording()
    expect(await listDomains(second.session)).toEqual(await listDomains(first.session))
    expect(sent).toHaveLength(1)
    expect(second.exchanges).toContain(first.exchanges.at(-1))
  })

  test('asks again after a change by any session on this cloud, and sees it', async () => {
    const { open, sent } = onCloud()
    const look = open().snapshot()
    expect(await findDomain(look, 'acme')).toBeUndefined()
    await createDomain(open(), { name: 'acme' })
    expect(await findDomain(look, 'acme')).toMatchObject({ name: 'acme' })
    expect(sent).toEqual(['GET /identity/v3/domains', 'POST /identity/v3/domains', 'GET /identity/v3/domains'])
  })

  test('does not keep what was asked while a change was under way', async () => {
    const { open, sent } = onCloud()
    const look = open().snapshot()
    await Promise.all([createDomain(open(), { name: 'acme' }), listDomains(look)])
    expect((await listDomains(look)).map(({ name }) => name)).toContain('acme')
    expect(sent.filter((line) => line.startsWith('GET'))).toHaveLength(2)
  })

  test('is a minute long', async () => {
    const { open, sent, time } = onCloud()
    const look = open().snapshot()
    await listDomains(look)
    time.now += 60_000
    await listDomains(look)
    expect(sent).toHaveLength(1)
    time.now += 1
    await listDomains(look)
    expect(sent).toHaveLength(2)
  })

  test('of a limit outlives a change of something else, and not a change of what counts against it', async () => {
    const { open, sent, project } = onCloud()
    const session = open()
    const look = session.snapshot()
    const asked = (): number => sent.filter((line) => line.endsWith('details.json')).length
    await getNetworkUsage(look, project)
    await createKeypair(session, { name: 'k', public_key: 'ssh-ed25519 AAAA' }).catch(() => undefined)
    await createDomain(session, { name: 'acme' })
    await getNetworkUsage(look, project)
    expect(asked()).toBe(1)
    await createNetwork(session, { name: 'n' })
    await getNetworkUsage(look, project)
    expect(asked()).toBe(2)
    await updateNetworkQuota(session, project, { network: 7 })
    expect((await getNetworkUsage(look, project))['network']?.limit).toBe(7)
  })

  test('of a session that always asks is for the others', async () => {
    const { open, sent } = onCloud()
    const look = open().snapshot()
    await listDomains(look)
    await listDomains(look.asking())
    await listDomains(look.asking())
    expect(sent).toHaveLength(3)
    await listDomains(look)
    await listDomains(look.asking().recalling())
    expect(sent).toHaveLength(3)
  })

  test('keeps no refusal', async () => {
    const { open, sent } = onCloud()
    const look = open().snapshot()
    for (const _time of [1, 2]) await getDomainConfig(look, 'default').catch(() => undefined)
    expect(sent).toHaveLength(2)
  })
})
