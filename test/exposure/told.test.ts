/** Any row that exposes a tenant, whoever made it: `audit` and `verify` tell it, and are green again without it. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAsTheTableSays } from '../../src/audit/verdict.ts'
import { exposureOfDomain } from '../../src/exposure/read.ts'
import { isBlocked } from '../../src/finding.ts'
import type { Finding } from '../../src/finding.ts'
import { findDomain } from '../../src/openstack/keystone/domains.ts'
import type { State } from '../../src/simulator/state.ts'
import { success } from '../../src/success.ts'
import { auditedCloud, auditOf, operatorOn } from '../audit/audited-cloud.ts'
import { fc, runs } from '../fast-check.ts'
import { exposedCloud, opened, placesOf, portOn, routed, shared } from './exposed-cloud.ts'
import type { ExposedCloud } from './exposed-cloud.ts'

let on: ExposedCloud
let state: State

beforeAll(async () => {
  on = await exposedCloud()
  state = on.bed.cloud.state
})

afterAll(() => on.bed.remove())

const ofAcme = (): Promise<readonly Finding[]> => exposureOfDomain(on.operator, on.domain)

test('two tenants that were made here: one note each, and as the table says', async () => {
  const notes = [expect.objectContaining({ code: 'exposure/no-address-scope', severity: 'info' })] as unknown[]
  expect(await ofAcme()).toEqual(notes)
  const found = await auditOf(on.operator)
  expect(found.findings).toEqual([...notes, ...notes])
  expect(isAsTheTableSays(found)).toBe(true)
  for (const { kind, read } of found.counted.rows.slice(-5)) expect(read, kind).toBeGreaterThan(0)
})

type Exposing = { readonly what: string; readonly put: (state: State) => () => void; readonly code: string }

/** An address of 198.51.100.0/24 or wider prefixes: none is in a subnet of the tenant. */
const outsidePrefix = fc.oneof(
  fc.constantFrom('0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '10.0.0.0/8', '10.20.0.0/16', '2001:db8::/32'),
  fc.integer({ min: 1, max: 254 }).map((last) => `198.51.100.${last}`),
)
const destination = fc.oneof(
  fc.constantFrom('10.20.25.0/24', '0.0.0.0/0', '10.0.0.0/8'),
  fc.integer({ min: 0, max: 255 }).map((third) => `172.16.${third}.0/24`),
)
const elsewhere = fc.constantFrom('globex-prod', 'admin', 'service')
const owner = fc.constantFrom('', 'compute:nova', 'baremetal:none', 'manila:share', 'Octavia')

const exposing: fc.Arbitrary<() => Exposing> = fc.oneof(
  fc.record({ destination, to: fc.constantFrom('globex', 'nobody') }).map(({ destination: where, to }) => () => {
    const hop = to === 'globex' ? placesOf(state).gateway('globex') : '203.0.113.250'
    return { what: `a route to ${where} by ${hop}`, put: routed('acme', where, hop), code: 'exposure/route' }
  }),
  destination.map((where) => () => {
    const put = routed('globex', where, placesOf(state).gateway('acme'))
    return { what: `a route of the neighbour to ${where}`, put, code: 'exposure/route' }
  }),
  owner.map((device_owner) => () => {
    const put = portOn('acme-net', 'acme-prod', { device_owner, port_security_enabled: false })
    return { what: `a port of \`${device_owner}\` without port security`, put, code: 'exposure/port-security' }
  }),
  fc.constantFrom('network:dhcp', 'network:floatingip', 'network:x').map((device_owner) => () => {
    const put = portOn('acme-net', 'acme-prod', { device_owner, port_security_enabled: false })
    return { what: `a port that calls itself ${device_owner}`, put, code: 'exposure/port-security' }
  }),
  outsidePrefix.map((ip_address) => () => {
    const pairs = [{ mac_address: 'fa:16:3e:00:00:01', ip_address }]
    const put = portOn('acme-net', 'acme-prod', { allowed_address_pairs: pairs })
    return { what: `a pair ${ip_address}`, put, code: 'exposure/address-pair' }
  }),
  fc.record({ project: elsewhere, device_owner: owner }).map(({ project, device_owner }) => () => {
    const put = portOn('acme-net', project, { device_owner })
    return { what: `a port of ${project} as \`${device_owner}\``, put, code: 'exposure/foreign-port' }
  }),
  fc
    .record({ network: fc.constantFrom('globex-net', 'provider-ext'), device_owner: owner })
    .map(({ network, device_owner }) => () => {
      const put = portOn(network, 'acme-prod', { device_owner })
      return { what: `a port on ${network}`, put, code: 'exposure/foreign-port' }
    }),
  fc
    .constantFrom(
      'network:router_interface',
      'network:router_interface_distributed',
      'network:ha_router_replicated_interface',
    )
    .map((device_owner) => () => {
      const device_id = placesOf(state).router('globex').id
      const put = portOn('acme-net', 'globex-prod', { device_owner, device_id })
      return { what: `the router of the neighbour as ${device_owner}`, put, code: 'exposure/foreign-port' }
    }),
  fc
    .record({
      to: fc.constantFrom('*', 'globex-prod', 'gone'),
      action: fc.constantFrom('access_as_shared', 'access_as_external'),
    })
    .map(({ to, action }) => () => {
      const target = to === 'globex-prod' ? placesOf(state).project(to) : to
      return { what: `${action} for ${to}`, put: shared('acme-net', target, action), code: 'exposure/shared' }
    }),
  fc
    .record({
      remote_ip_prefix: fc.constantFrom(null, '0.0.0.0/0', '::/0', '0.0.0.0/1'),
      protocol: fc.constantFrom(null, 'tcp', 'udp', '6'),
    })
    .map((rule) => () => {
      const what = `a group that admits ${rule.protocol ?? 'all'} from ${rule.remote_ip_prefix ?? 'everywhere'}`
      return { what, put: opened('acme-prod', 'acme-net', rule), code: 'exposure/open-group' }
    }),
)

test('any exposing row is told by both, with its request and a remedy, and both are as before without it', async () => {
  const before = await ofAcme()
  await fc.assert(
    fc.asyncProperty(exposing, async (make) => {
      const { what, put, code } = make()
      const undo = put(state)
      try {
        const [told, audited] = await Promise.all([ofAcme(), auditOf(on.operator)])
        expect(isAsTheTableSays(audited), what).toBe(false)
        for (const findings of [told, audited.findings]) {
          const found = findings.filter((finding) => finding.code === code && finding.severity !== 'info')
          expect(isBlocked(found), what).toBe(true)
          for (const { message, remedy } of found) {
            expect(message, what).toMatch(/; network: GET \/networking\/v2\.0\/[a-z-]+ \(req-/)
            expect(remedy, what).toBeTruthy()
          }
        }
      } finally {
        undo()
      }
      expect((await ofAcme()).map(({ code: one }) => one)).toEqual(before.map(({ code: one }) => one))
    }),
    { numRuns: runs(60) },
  )
})

test('what is harmless is not told: own pairs, own routes, open ports of a service', async () => {
  const own = placesOf(state)
  for (const put of [
    portOn('acme-net', 'acme-prod', {
      allowed_address_pairs: [{ mac_address: 'fa:16:3e:00:00:01', ip_address: '10.20.24.77' }],
    }),
    routed('acme', '172.16.0.0/16', '10.20.24.77'),
    routed('globex', '172.16.0.0/16', '203.0.113.250'),
    shared('globex-net', own.project('globex-prod')),
    opened('acme-prod', 'acme-net', { protocol: 'tcp', port_range_min: 443, port_range_max: 443 }),
  ]) {
    const undo = put(state)
    expect(isBlocked(await ofAcme())).toBe(false)
    undo()
  }
})

test.each([
  ['/v2.0/networks', 403],
  ['/v2.0/ports', 403],
  ['/v2.0/routers', 503],
  ['/v2.0/rbac-policies', 403],
  ['/v2.0/security-groups', 403],
  ['/v2.0/floatingips', 403],
  ['/v2.0/subnets', 403],
  ['/v3/projects', 403],
])('where %s answers %d, nothing is shown, and the request is named', async (path, status) => {
  const { fetch } = on.bed.cloud
  const refusing = operatorOn(on.bed.cloud, (url, init) =>
    init.method === 'GET' && new URL(url).pathname.endsWith(path)
      ? Promise.resolve(new Response('{"message":"no"}', { status, headers: { 'Content-Type': 'application/json' } }))
      : fetch(url, init),
  )
  const findings = await exposureOfDomain(refusing, on.domain)
  const unread = findings.filter(({ code }) => code === 'exposure/unread')
  expect(isBlocked(unread)).toBe(true)
  expect(unread.map(({ message }) => message).join()).toContain(path)
})

test('a Neutron without an extension is said to be without it, and nothing is missed', async () => {
  const lacking = ['rbac-policies', 'extraroute', 'address-scope', 'port-security', 'allowed-address-pairs']
  const { fetch } = on.bed.cloud
  const old = operatorOn(on.bed.cloud, async (url, init) => {
    const { pathname } = new URL(url)
    const answer = await fetch(url, init)
    if (!pathname.includes('/networking/')) return answer
    if (pathname.endsWith('/rbac-policies'))
      return new Response('{"message":"The resource could not be found."}', {
        status: 404,
        headers: { 'Content-Type': 'application/json' },
      })
    const text = (await new Response(answer.body as ReadableStream).text()).replace(
      /,?"(?:routes|port_security_enabled|allowed_address_pairs|ipv[46]_address_scope)":(?:\[[^\]]*\]|true|false|null)/g,
      '',
    )
    const body = JSON.parse(text) as { extensions?: { alias: string }[] }
    if (body.extensions !== undefined) body.extensions = body.extensions.filter(({ alias }) => !lacking.includes(alias))
    return new Response(JSON.stringify(body), {
      status: answer.status,
      headers: { 'Content-Type': 'application/json' },
    })
  })
  const findings = await exposureOfDomain(old, on.domain)
  expect(findings.map(({ code, where }) => `${code} ${where}`).toSorted()).toEqual(
    [
      ...lacking.map((alias) => `exposure/no-extension extension ${alias}`).toSorted(),
      'exposure/no-address-scope networks of acme',
    ].toSorted(),
  )
  expect(isBlocked(findings)).toBe(false)
})

test('a tenant with more networks than a URL has room for: each is looked at', async () => {
  const row = placesOf(state).network('acme-net')
  const names = Array.from({ length: 250 }, (_, at) => `more-${at}`)
  for (const name of names) state.networks.set(name, { ...row, id: name, name })
  const undo = names.filter((_, at) => at % 100 === 99).map((name) => portOn(name, 'admin')(state))
  expect((await ofAcme()).filter(({ code }) => code === 'exposure/foreign-port')).toHaveLength(undo.length)
  for (const one of undo) one()
  for (const name of names) state.networks.delete(name)
})

const answer = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

test.each([
  [
    'Octavia names the server of the port',
    [{ id: 'x', loadbalancer_id: null, compute_id: 'server-1', vrrp_port_id: null }],
    [],
  ],
  [
    'Octavia names another one',
    [{ id: 'x', loadbalancer_id: null, compute_id: 'server-2', vrrp_port_id: null }],
    ['exposure/foreign-port'],
  ],
  ['Octavia does not answer', undefined, ['exposure/foreign-port', 'exposure/unread']],
])('a port of a service on the network: %s', async (_, amphorae, codes) => {
  const undo = portOn('acme-net', 'service', { device_owner: 'compute:nova', device_id: 'server-1' })(state)
  const { fetch } = on.bed.cloud
  const asked: string[] = []
  const operator = operatorOn(on.bed.cloud, (url, init) => {
    if (!url.includes('/octavia/amphorae')) return fetch(url, init)
    asked.push(url)
    return Promise.resolve(amphorae === undefined ? answer({ faultstring: 'no' }, 403) : answer({ amphorae }))
  })
  const findings = await exposureOfDomain(operator, on.domain)
  undo()
  expect(findings.filter((finding) => isBlocked([finding])).map(({ code }) => code)).toEqual(codes)
  expect(asked).toHaveLength(1)
  // without such a port Octavia is not asked
  await exposureOfDomain(operator, on.domain)
  expect(asked).toHaveLength(1)
})

test('a cloud without Neutron has no packets to speak of, and nothing is counted', async () => {
  const cloud = auditedCloud()
  const network = cloud.state.services.find(({ type }) => type === 'network')
  cloud.state.services.delete(network?.id ?? '')
  const operator = operatorOn(cloud)
  const domain = await findDomain(operator, 'acme')
  expect(await exposureOfDomain(operator, { id: domain?.id ?? '', name: 'acme' })).toEqual([])
  const found = await auditOf(operator)
  expect(isAsTheTableSays(found)).toBe(true)
  expect(found.counted.rows.map(({ kind }) => kind)).not.toContain('ports')
})

test('what the operator accepts in cloud.yaml is a warning, and `verify` says yes', async () => {
  const undo = portOn('acme-net', 'acme-prod', { port_security_enabled: false })(state)
  const text = await readFile(`${on.bed.folder}/acme.yaml`, 'utf8')
  await on.bed.write('accepted.yaml', `${text}overrides:\n  accepted_findings: [exposure/port-security]\n`)
  for (const command of ['verify', 'audit']) {
    expect((await on.bed.run(command, 'acme.yaml')).code).toBe(3)
    const { code, out } = await on.bed.run(command, 'accepted.yaml')
    expect(code, out).toBe(0)
    expect(out).toContain('warning exposure/port-security')
    if (command === 'audit') expect(out).not.toContain(success.audit())
  }
  undo()
})

test('the neighbour is told of its own exposure, and not of that of others', async () => {
  const undo = portOn('acme-net', 'acme-prod', { port_security_enabled: false })(state)
  expect(isBlocked(await exposureOfDomain(on.operator, on.neighbour))).toBe(false)
  expect(isBlocked(await ofAcme())).toBe(true)
  undo()
})
