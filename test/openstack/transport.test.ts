import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect } from 'node:net'
import type { Server as NetServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Auth } from '../../src/openstack/auth.ts'
import { createTransport } from '../../src/openstack/http.ts'
import type { TransportOptions } from '../../src/openstack/http.ts'
import { listDomains } from '../../src/openstack/keystone/domains.ts'
import { openSession } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import { createAuthority, createServerCertificate } from './certificates.ts'
import { failure, tokenBody } from './fake.ts'

const auth: Auth = {
  kind: 'password',
  user: { id: 'u1' },
  password: new Secret('correct horse'),
  scope: { kind: 'project', project: { id: 'p1' } },
}
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const keystone: RequestListener = (request, response) => {
  const isSignIn = request.method === 'POST'
  response.writeHead(isSignIn ? 201 : 200, { 'content-type': 'application/json', 'x-subject-token': 'token-1' })
  response.end(JSON.stringify(isSignIn ? tokenBody() : { domains: [{ id: 'd1', name: 'acme', enabled: true }] }))
}

async function listen(server: Server | NetServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Lists the domains of the Keystone at `authUrl`, by a transport of its own. */
async function domainsAt(authUrl: string, options: TransportOptions): Promise<readonly string[]> {
  const transport = createTransport(options)
  closing.push(() => transport.close())
  const session = openSession({
    actor: 'operator',
    endpoint: { authUrl },
    auth,
    fetch: transport.fetch,
    retry: { attempts: 1 },
  })
  return (await listDomains(session)).map((domain) => domain.name)
}

const loopback = { type: 'ip', value: '127.0.0.1' } as const

test('a cloud with a CA of its own is reached when that CA is given, and only then', async () => {
  const ca = await createAuthority()
  const port = await listen(createHttpsServer(await createServerCertificate(ca, loopback), keystone))
  const url = `https://127.0.0.1:${port}/v3`
  expect(await domainsAt(url, { ca: ca.pem })).toEqual(['acme'])
  const error = await failure(domainsAt(url, {}))
  expect(error).toMatchObject({ kind: 'tls', status: undefined })
  expect(String(error)).toContain("is from a CA that is not trusted here: give the cloud\'s CA as `cacert`")
  const other = await createAuthority({ name: 'CN=Another CA' })
  expect(await failure(domainsAt(url, { ca: other.pem }))).toMatchObject({ kind: 'tls' })
})

test('a certificate for another host is refused, and the message says what to use', async () => {
  const ca = await createAuthority()
  const port = await listen(
    createHttpsServer(await createServerCertificate(ca, { type: 'dns', value: 'keystone.acme.example' }), keystone),
  )
  const error = await failure(domainsAt(`https://127.0.0.1:${port}/v3`, { ca: ca.pem }))
  expect(error).toMatchObject({ kind: 'tls' })
  expect(String(error)).toContain('the certificate is not for 127.0.0.1')
})

test('an expired certificate of the server is refused, and verification can be turned off by name', async () => {
  const ca = await createAuthority()
  const port = await listen(createHttpsServer(await createServerCertificate(ca, loopback, -1), keystone))
  const url = `https://127.0.0.1:${port}/v3`
  const error = await failure(domainsAt(url, { ca: ca.pem }))
  expect(error).toMatchObject({ kind: 'tls' })
  expect(String(error)).toContain('has expired')
  expect(await domainsAt(url, { isInsecure: true })).toEqual(['acme'])
})

test('https to a port that speaks plain http says so', async () => {
  const port = await listen(createHttpServer(keystone))
  const error = await failure(domainsAt(`https://127.0.0.1:${port}/v3`, {}))
  expect(error).toMatchObject({ kind: 'tls' })
  expect(String(error)).toContain('it may be plain http')
})

test('a port where nobody listens is unreachable', async () => {
  const server = createHttpServer(keystone)
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  const error = await failure(domainsAt(`http://127.0.0.1:${port}/v3`, {}))
  expect(error).toMatchObject({ kind: 'unreachable', reason: `127.0.0.1:${port} refuses the connection` })
})

test('a name that DNS does not know is unreachable', async () => {
  const error = await failure(domainsAt('https://keystone.invalid/v3', {}))
  expect(error).toMatchObject({ kind: 'unreachable' })
  expect(String(error)).toMatch(/DNS does not know|DNS does not answer/)
})

test('a connection that breaks in the middle of an answer is unreachable', async () => {
  const port = await listen(
    createHttpServer((_, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"token"')
      setTimeout(() => response.destroy(), 5)
    }),
  )
  expect(await failure(domainsAt(`http://127.0.0.1:${port}/v3`, {}))).toMatchObject({ kind: 'unreachable' })
})

test('a redirect is not followed by the network either', async () => {
  const visits: string[] = []
  const thief = await listen(createHttpServer((request, response) => response.end(visits.push(request.url ?? ''))))
  const port = await listen(
    createHttpServer((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${thief}/v3/auth/tokens` }).end(),
    ),
  )
  expect(await failure(domainsAt(`http://127.0.0.1:${port}/v3`, {}))).toMatchObject({ kind: 'malformed' })
  expect(visits).toEqual([])
})

test('an answer that is refused unread gives its connection back', async () => {
  const port = await listen(
    createHttpServer((_, response) => {
      response.writeHead(302, { location: 'https://evil.example/' })
      response.end('x'.repeat(2_000_000))
    }),
  )
  const transport = createTransport({ connections: 1 })
  closing.push(() => transport.close())
  const endpoint = { authUrl: `http://127.0.0.1:${port}/v3` }
  const session = openSession({
    actor: 'operator',
    endpoint,
    auth,
    fetch: transport.fetch,
    retry: { attempts: 1 },
    deadlineMs: 3000,
  })
  for (let i = 0; i < 3; i++) expect(await failure(session.token())).toMatchObject({ kind: 'malformed', status: 302 })
})

test('connections are kept and used again', async () => {
  let connections = 0
  const server = createHttpServer(keystone).on('connection', () => connections++)
  const port = await listen(server)
  const transport = createTransport()
  closing.push(() => transport.close())
  const session = openSession({
    actor: 'operator',
    endpoint: { authUrl: `http://127.0.0.1:${port}/v3` },
    auth,
    fetch: transport.fetch,
  })
  for (let i = 0; i < 10; i++) await listDomains(session)
  expect(connections).toBeLessThanOrEqual(2)
})

test('https goes through the proxy by CONNECT, end to end; NO_PROXY goes past it', async () => {
  const ca = await createAuthority()
  const port = await listen(createHttpsServer(await createServerCertificate(ca, loopback), keystone))
  const tunnels: string[] = []
  const proxy = createHttpServer().on('connect', (request: { url?: string }, client) => {
    tunnels.push(request.url ?? '')
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    closing.push(() => onward.destroy())
  })
  const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`
  const url = `https://127.0.0.1:${port}/v3`
  expect(await domainsAt(url, { ca: ca.pem, proxy: { https: proxyUrl } })).toEqual(['acme'])
  expect(new Set(tunnels)).toEqual(new Set([`127.0.0.1:${port}`]))
  const seen = tunnels.length
  expect(await domainsAt(url, { ca: ca.pem, proxy: { https: proxyUrl, no: '127.0.0.0/8' } })).toEqual(['acme'])
  expect(tunnels).toHaveLength(seen)
})

test('a proxy that refuses is given what signs in there, and is named', async () => {
  const seen: (string | undefined)[] = []
  const proxy = createHttpServer().on('connect', (request: { headers: Record<string, string> }, client) => {
    seen.push(request.headers['proxy-authorization'])
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  const host = `127.0.0.1:${await listen(proxy)}`
  const url = 'https://keystone.example:5000/v3'
  const error = await failure(domainsAt(url, { proxy: { https: `http://me:hush@${host}` } }))
  expect(error).toMatchObject({ kind: 'unreachable' })
  expect(String(error)).toContain(`no connection to the proxy ${host}`)
  expect(String(error)).toContain('407')
  expect(String(error)).not.toContain('hush')
  expect(seen).toEqual([`Basic ${Buffer.from('me:hush').toString('base64')}`])
})

test('a proxy that is not there is what refuses the connection, not the cloud', async () => {
  const server = createHttpServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  const error = await failure(
    domainsAt('https://keystone.example:5000/v3', { proxy: { https: `http://127.0.0.1:${port}` } }),
  )
  expect(error).toMatchObject({ kind: 'unreachable', reason: `the proxy 127.0.0.1:${port} refuses the connection` })
})

test.each([
  ['proxy.acme.example:3128', true],
  ['http://proxy.acme.example:3128', true],
  ['', true],
  ['socks5://me:hush@proxy.acme.example', false],
  ['http://', false],
])('a proxy written as %j is taken: %s', (https, isTaken) => {
  const create = (): unknown => closing.push(createTransport({ proxy: { https } }).close)
  if (isTaken) expect(create).not.toThrow()
  else expect(create).toThrow(/^the proxy is not an http URL \(HTTPS_PROXY=http:\/\/HOST:PORT\)$/)
})
