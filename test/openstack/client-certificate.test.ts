import { createServer } from 'node:https'
import { once } from 'node:events'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { readClientCertificate } from '../../src/openstack/client-certificate.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { createAuthority, createServerCertificate } from './certificates.ts'
import type { Authority } from './certificates.ts'

const now = new Date()
const loopback = { type: 'ip', value: '127.0.0.1' } as const
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

let ca: Authority
let client: Awaited<ReturnType<typeof createServerCertificate>>
beforeAll(async () => {
  ca = await createAuthority()
  client = await createServerCertificate(ca, { type: 'dns', value: 'operator' })
})

const readerOf = (files: Readonly<Record<string, string>>) => ({
  readText: (path: string) => Promise.resolve(new Map(Object.entries(files)).get(path)),
  now,
})

async function refusal(files: Readonly<Record<string, string>>, keyFile?: string): Promise<string> {
  const named = { certificateFile: '/c.pem', ...(keyFile === undefined ? {} : { keyFile }) }
  return readClientCertificate(named, readerOf(files)).then(() => 'read', String)
}

test('a server that asks for a certificate gets that of the entry, and takes nobody without it', async () => {
  const options = { ...(await createServerCertificate(ca, loopback)), ca: ca.pem, requestCert: true }
  const server = createServer({ ...options, rejectUnauthorized: true }, (_, response) => response.end('in'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  const url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v3`
  const shown = await readClientCertificate(
    { certificateFile: '/c.pem', keyFile: '/c.key' },
    readerOf({ '/c.pem': client.cert, '/c.key': client.key }),
  )
  const ask = async (transport: ReturnType<typeof createTransport>): Promise<number> => {
    closing.push(() => transport.close())
    const answer = await transport.fetch(url, {
      method: 'GET',
      headers: {},
      redirect: 'manual',
      signal: AbortSignal.timeout(5000),
    })
    return answer.status
  }
  expect(await ask(createTransport({ ca: ca.pem, client: shown }))).toBe(200)
  await expect(ask(createTransport({ ca: ca.pem }))).rejects.toThrow()
})

test('certificate and key may be in one file', async () => {
  const from = readerOf({ '/c.pem': `${client.key}${client.cert}` })
  expect((await readClientCertificate({ certificateFile: '/c.pem' }, from)).certificate).toBe(`${client.cert.trim()}\n`)
})

test('what no server would accept is refused with its file', async () => {
  const other = await createServerCertificate(ca, { type: 'dns', value: 'other' })
  const old = await createServerCertificate(ca, { type: 'dns', value: 'operator' }, -1)
  const locked = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'
  expect(await refusal({})).toContain("/c.pem: the client's certificate cannot be read")
  expect(await refusal({ '/c.pem': client.cert }, '/k')).toContain("/k: the client's key cannot be read")
  expect(await refusal({ '/c.pem': client.cert })).toContain('name its file as `key` in clouds.yaml')
  expect(await refusal({ '/c.pem': client.key })).toContain('/c.pem: this file has no certificate')
  expect(await refusal({ '/c.pem': client.cert, '/k': locked }, '/k')).toContain('has a passphrase')
  expect(await refusal({ '/c.pem': client.cert, '/k': other.key }, '/k')).toContain(
    'is not that of the first certificate',
  )
  expect(await refusal({ '/c.pem': old.cert, '/k': old.key }, '/k')).toContain("the client's certificate expired on")
  expect(await refusal({ '/c.pem': client.cert, '/k': client.key }, '/k')).toBe('read')
})
