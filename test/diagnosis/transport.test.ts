/** TLS, the CA and the clock, with real handshakes: the simulator behind a certificate that is wrong in one way each. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/diagnosis/diagnose.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { createAuthority, createServerCertificate } from '../openstack/certificates.ts'
import { exampleTenant, openTestBed, operatorOf } from '../onboarding/test-bed.ts'

const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
})

type Server = {
  readonly days?: number
  readonly name?: string
  readonly isTrusted?: false
  readonly skewSeconds?: number
}

/** What a diagnosis says of a cloud whose Keystone shows such a certificate, and such a clock. */
async function findings({
  days = 10,
  name = '127.0.0.1',
  isTrusted,
  skewSeconds = 0,
}: Server): Promise<readonly string[]> {
  const authority = await createAuthority()
  const other = await createAuthority({ name: 'CN=Another CA' })
  const host = name === '127.0.0.1' ? ({ type: 'ip', value: name } as const) : ({ type: 'dns', value: name } as const)
  const { key, cert } = await createServerCertificate(authority, host, days)
  const cloud = createCloud(undefined, { now: () => Date.now() + skewSeconds * 1000 })
  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
        const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
        const url = `https://127.0.0.1${request.url ?? ''}`
        const answer = await cloud.answer(new Request(url, { method: request.method ?? 'GET', headers, ...body }))
        const date = new Date(Date.now() + skewSeconds * 1000).toUTCString()
        response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), date })
        response.end(Buffer.from(await answer.arrayBuffer()))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const { port } = server.address() as AddressInfo
  cloud.rebase(`https://127.0.0.1:${port}`)
  // the real network, where the handshake is
  const env = operatorOf(cloud)
  const bed = await openTestBed(env, undefined)
  closing.push(() => bed.remove())
  env['OS_CACERT'] = await bed.write('ca.pem', isTrusted === false ? other.pem : authority.pem)
  const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
  const { out, err } = await bed.run('diagnose', file, '-o', 'json')
  expect(out, err).not.toBe('')
  return (JSON.parse(out) as Diagnosis).findings.map(({ code }) => code)
}

test('a certificate that is right gives no finding of its own', async () => {
  expect((await findings({})).filter((code) => /tls|certificate|clock|untrusted/.test(code))).toEqual([])
})

test('a CA that did not sign it', async () => {
  expect(await findings({ isTrusted: false })).toEqual(['diagnosis/untrusted-ca'])
})

test('a certificate that has expired, while the clocks agree', async () => {
  expect(await findings({ days: -1 })).toEqual(['diagnosis/certificate-expired'])
})

test('one that only seems so, because a clock is wrong', async () => {
  expect(await findings({ days: -1, skewSeconds: -2 * 86_400 })).toEqual(['diagnosis/clock'])
})

test('a certificate for another name', async () => {
  expect(await findings({ name: 'elsewhere.test' })).toEqual(['diagnosis/tls'])
})
