/** What keeps a command from reaching the cloud: said with the key, the entry and the file where it is corrected. */
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuthority, createServerCertificate } from '../openstack/certificates.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'
import type { TestBed } from '../onboarding/test-bed.ts'

let bed: TestBed
const servers: Server[] = []

beforeEach(async () => {
  bed = await openTestBed({}, undefined, { sleep: () => Promise.resolve() })
  await bed.write('tenant.yaml', await exampleTenant('acme'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await bed.remove()
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function tlsPort(): Promise<{ readonly port: number; readonly ca: string }> {
  const ca = await createAuthority()
  const certificate = await createServerCertificate(ca, { type: 'ip', value: '127.0.0.1' })
  const refuse = createTlsServer(certificate, (_, response) => response.writeHead(401).end())
  return { port: await listen(refuse), ca: ca.pem }
}

/** Plans with an entry `lab` of these keys. */
async function planAt(authUrl: string, keys: readonly string[] = []): Promise<{ code: number; err: string }> {
  const auth = `{auth_url: '${authUrl}', username: u, password: p, user_domain_name: Default, project_name: q, project_domain_name: Default}`
  const entry = [`auth: ${auth}`, ...keys].map((line) => `    ${line}\n`).join('')
  await bed.write('clouds.yaml', `clouds:\n  lab:\n${entry}`)
  const { code, err } = await bed.run('plan', 'tenant.yaml')
  return { code, err }
}

const entry = (): string => `entry \`lab\` of ${bed.folder}/clouds.yaml`

test.each([
  ['a folder', 'folder', 'this is a folder, not a file'],
  ['missing', 'nothing.pem', 'cannot be read'],
  ['empty', 'empty.pem', 'this file is empty'],
  ['no PEM', 'tenant.yaml', 'this file has no certificate'],
])('a file for TLS that is %s: the key and the entry that name it', async (_, file, fault) => {
  await mkdir(join(bed.folder, 'folder'))
  await bed.write('empty.pem', '')
  for (const key of ['cacert', 'cert']) {
    const { code, err } = await planAt('https://127.0.0.1:1/v3', [`${key}: ${file}`])
    expect(code).toBe(2)
    expect(err).toContain(`${bed.folder}/${file}: `)
    expect(err).toContain(fault)
    expect(err).toContain(`it is \`${key}\` of ${entry()}`)
  }
})

test('a key that is no PEM, and a CA by `verify`, are told by their own keys', async () => {
  const { port, ca } = await tlsPort()
  const { cert } = await createServerCertificate(await createAuthority(), { type: 'dns', value: 'ops' })
  await bed.write('ca.pem', ca)
  await bed.write('cert.pem', cert)
  const keys = ['cacert: ca.pem', 'cert: cert.pem', 'key: tenant.yaml']
  expect((await planAt(`https://127.0.0.1:${port}/v3`, keys)).err).toContain(`it is \`key\` of ${entry()}`)
  expect((await planAt(`https://127.0.0.1:${port}/v3`, ['verify: ./tenant.yaml'])).err).toContain(
    `it is \`verify\` of ${entry()}`,
  )
})

test('a CA that is not trusted: the entry that has to name it; with it, Keystone is heard', async () => {
  const { port, ca } = await tlsPort()
  const { code, err } = await planAt(`https://127.0.0.1:${port}/v3`)
  expect(code).toBe(4)
  expect(err).toContain("give the cloud's CA as `cacert`")
  expect(err).toContain(`at \`auth_url\` of ${entry()}`)
  await bed.write('ca.pem', ca)
  expect((await planAt(`https://127.0.0.1:${port}/v3`, ['cacert: ca.pem'])).err).toContain('answered 401')
})

test('an address where nobody listens: the entry that has it', async () => {
  const port = await listen(createServer())
  servers.splice(0).forEach((server) => server.close())
  const { code, err } = await planAt(`http://127.0.0.1:${port}/v3`)
  expect(code).toBe(4)
  expect(err).toContain(`127.0.0.1:${port} refuses the connection (at \`auth_url\` of ${entry()})`)
})

test('http to a port of https, and https to a port of http, say so', async () => {
  const { port } = await tlsPort()
  expect((await planAt(`http://127.0.0.1:${port}/v3`)).err).toContain(
    `127.0.0.1:${port} closed the connection: the port may be one of https (at \`auth_url\` of ${entry()})`,
  )
  const plain = await listen(createServer())
  const { err } = await planAt(`https://127.0.0.1:${plain}/v3`)
  expect(err).toContain(`127.0.0.1:${plain} does not speak TLS: it may be plain http (at \`auth_url\` of ${entry()})`)
})

test('a port that closes a connection of TLS without a word', async () => {
  const silent = createServer()
  silent.on('connection', (socket) => socket.end())
  const port = await listen(silent)
  expect((await planAt(`https://127.0.0.1:${port}/v3`)).err).toContain('the port may be one of plain http')
})

test('a clouds.yaml that is a folder is said to be one', async () => {
  await mkdir(join(bed.folder, 'clouds.yaml'))
  expect((await bed.run('plan', 'tenant.yaml')).err).toContain(`${bed.folder}/clouds.yaml: this is a folder`)
})

test.each(['', 'clouds:\n', 'other: 1\n'])(
  'a clouds.yaml without an entry says that, and who asked: %j',
  async (text) => {
    await bed.write('clouds.yaml', text)
    const { code, err } = await bed.run('plan', 'tenant.yaml')
    expect(code).toBe(2)
    expect(err).toContain(
      `${bed.folder}/clouds.yaml: there is no cloud \`lab\`, which \`cloud\` of ${bed.folder}/tenant.yaml names`,
    )
    expect(err).toContain('this file has no entry below `clouds:`')
  },
)

test('no clouds.yaml at all: the folders where it may be', async () => {
  const { code, err } = await bed.run('plan', 'tenant.yaml')
  expect(code).toBe(2)
  expect(err).toContain('no cloud is configured')
  expect(err).toContain(`a clouds.yaml in one of ${bed.folder}`)
})

test('a misspelled `cloud` of the tenant file names that file, and the entry that was meant', async () => {
  await bed.write('tenant.yaml', await exampleTenant('acme', (text) => text.replace('cloud: lab', 'cloud: leb')))
  const { err } = await planAt('https://127.0.0.1:1/v3')
  expect(err).toContain(
    `there is no cloud \`leb\`, which \`cloud\` of ${bed.folder}/tenant.yaml names (did you mean \`lab\`?)`,
  )
})
