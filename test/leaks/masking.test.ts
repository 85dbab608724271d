import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CloudError } from '../../src/errors.ts'
import { readVault } from '../../src/diagnosis/vault/reading.ts'
import { renderKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { programs } from '../../src/logs/program.ts'
import { wholeLines } from '../../src/logs/log.ts'
import { maskData, maskText, maskUnmistakable } from '../../src/masking.ts'
import { exchange } from '../../src/openstack/exchange.ts'
import type { FetchResponse } from '../../src/openstack/http.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { Secret } from '../../src/secret.ts'
import { generateSshKey, publicKeyOf } from '../../src/tenant/ssh-key.ts'
import { encodingsOf } from './search.ts'

function held(text: string): string {
  return new Secret(text).reveal()
}

test('a secret is masked in each of its encodings, and what stands around it stays', () => {
  const secret = held(`Q"u'o\\te & <tag> \u00dcn\u00ef/code+and=100% ${randomBytes(6).toString('hex')}`)
  for (const encoded of encodingsOf(secret)) {
    const masked = maskText(`before ${encoded} after`)
    expect(masked, encoded).not.toContain(encoded)
    expect(masked).toMatch(/^before .*\[redacted\].* after$/)
  }
  expect(maskText('before another after')).toBe('before another after')
})

test('any secret, in any of its encodings, in any text', () => {
  const secrets = fc
    .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
    .filter((text) => text.trim() === text && text.length >= 8)
  fc.assert(
    fc.property(secrets, fc.string({ unit: 'grapheme', maxLength: 30 }), (secret, beside) => {
      held(secret)
      for (const encoded of encodingsOf(secret)) {
        if (beside.includes(encoded)) continue
        expect(maskText(`${beside} ${encoded} ${beside}`)).not.toContain(encoded)
      }
    }),
    { numRuns: 60 },
  )
})

test.each(['=\r\n', '\n', '\r\n  ', '\\n', '\\r\\n', '%0A', '<br>', '&#10;'])(
  'line breaks of the sender (%j) do not hide a secret',
  (lineBreak) => {
    const secret = held(createHash('sha384').update(lineBreak).digest('base64'))
    for (const width of [20, 47, 60]) {
      const wrapped = secret.replaceAll(new RegExp(`.{${width}}`, 'g'), (part) => part + lineBreak)
      expect(maskText(`said: ${wrapped}.`)).toBe('said: [redacted].')
    }
  },
)

test('a token whose end was cut off is masked as well', () => {
  const token = held(`gAAAAABn${randomBytes(96).toString('base64url')}`)
  expect(maskText(`invalid token ${token.slice(0, 60)}...`)).toBe('invalid token [redacted]...')
})

test('a short password is masked where it stands as a value, and is no hole in every word', () => {
  const password = held('demo')
  for (const text of [
    `{"password": "${password}"}`,
    `password=${password}&x=1`,
    `password: ${password}`,
    `<b>${password}</b>`,
  ])
    expect(maskText(text)).toBe(text.replace('demo', '[redacted]'))
  for (const text of ['a demonstration', 'the demo of nova', 'project demo-prod']) expect(maskText(text)).toBe(text)
  // one of three letters would make a hole in everything: it is not masked, and docs/security.md says so
  held('abc')
  expect(maskText('{"password": "abc"}')).toBe('{"password": "abc"}')
})

test('a password that is also a name stays in names, ids and addresses; a text loses it', () => {
  held('openstack')
  const data = { name: 'openstack', href: 'https://openstack.example:5000/v3', fault: 'tried "openstack" as password' }
  expect(maskData(data)).toEqual({ ...data, fault: 'tried "[redacted]" as password' })
  expect(maskUnmistakable(JSON.stringify(data))).toBe(JSON.stringify(data))
  // what no name can be by chance is masked there as well
  const token = held(randomBytes(32).toString('hex'))
  expect(maskData({ name: token, [token]: 1 })).toEqual({ name: '[redacted]', '[redacted]': 1 })
})

test('of a key pair only the private half is masked', () => {
  for (let round = 0; round < 20; round++) {
    const key = held(generateSshKey())
    const shown = publicKeyOf(key, 'acme-key')
    expect(maskText(shown)).toBe(shown)
    for (const line of key.split('\n').filter((each) => each.length > 40 && !each.startsWith('-----')))
      expect(maskText(`x ${line} x`)).toBe('x [redacted] x')
  }
})

test('a certificate that was read as a payload is public: neither it nor its first line is masked', () => {
  const certificate = `-----BEGIN CERTIFICATE-----\n${randomBytes(48).toString('base64')}\n-----END CERTIFICATE-----\n`
  held(certificate)
  expect(maskText(certificate)).toBe(certificate)
  // a payload of another kind is masked by its lines, and its frame stays
  const frame = '-----BEGIN SOMETHING ELSE-----'
  const payload = held(`${frame}\n${randomBytes(24).toString('hex')}\n-----END SOMETHING ELSE-----`)
  expect(maskText(payload.split('\n')[1] ?? '')).toBe('[redacted]')
  expect(maskText(frame)).toBe(frame)
})

test('of a kubeconfig the key is masked, and its other words are not', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const text = renderKubeconfig({
    cluster: 'acme',
    address: 'https://203.0.113.7:6443',
    identity: { ca: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n', certificate: 'x', key },
  }).reveal()
  const data = /client-key-data: (\S+)/.exec(text)?.[1] ?? ''
  expect(data).not.toBe('')
  expect(maskText(text)).toContain('server: https://203.0.113.7:6443')
  expect(maskText(text)).not.toContain(data)
})

test('ten thousand secrets change nothing in a large answer that has none of them', () => {
  for (let made = 0; made < 10_000; made++) held(`gAAAAABn${randomBytes(90).toString('base64url')}`)
  const servers = Array.from({ length: 20_000 }, () => ({
    id: randomBytes(16).toString('hex'),
    name: 'a server',
    status: 'ACTIVE',
  }))
  const body = JSON.stringify(servers)
  expect(maskText(body)).toBe(body)
})

const secret = held(randomBytes(24).toString('base64url'))

function answering(status: number, body: string, headers: Record<string, string> = {}): () => Promise<FetchResponse> {
  const all = new Headers({ 'content-type': 'application/json', ...headers })
  return () => Promise.resolve({ status, headers: all, body: new Response(body).body })
}

const call = {
  service: 'identity',
  url: 'https://cloud.test/v3/x',
  method: 'GET',
  headers: {},
  deadlineMs: 1000,
  bodyLimit: 1e6,
}

test('the door of the cloud: errors, ids of requests, redirects, headers and answers', async () => {
  const errors = [
    answering(400, JSON.stringify({ error: { message: `no: ${secret}` } }), {
      'x-openstack-request-id': `req-${secret}`,
    }),
    answering(302, '', { location: `https://${secret}.test/` }),
    answering(302, '', { location: `/from/${secret}` }),
    answering(200, `<html>${secret}</html>`, { 'content-type': 'text/html' }),
    answering(200, `{"broken": "${secret}`),
  ]
  for (const fetch of errors) {
    const error = await exchange(fetch, call).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CloudError)
    if (!(error instanceof CloudError)) continue
    expect(`${error.message} ${error.requestId ?? ''} ${String(error.cause)}`).not.toContain(secret.toLowerCase())
    expect(`${error.message} ${error.requestId ?? ''} ${String(error.cause)}`).not.toContain(secret)
  }
  const answer = await exchange(answering(200, `{"name":"${secret}","other":"kept"}`, { 'x-hint': secret }), call)
  expect(answer.body).toEqual({ name: '[redacted]', other: 'kept' })
  expect(answer.headers.get('x-hint')).toBe('[redacted]')
  // only what becomes a secret at once may see it
  expect(answer.unmasked()).toEqual({ name: secret, other: 'kept' })
})

test('the doors of Vault, of programs and of logs', async () => {
  const vault = {
    address: 'https://vault.test',
    token: new Secret(secret),
    fetch: answering(403, `{"errors":["no ${secret}"]}`),
  }
  expect(JSON.stringify(await readVault(vault).catch(String))).not.toContain(secret)
  const run = programs({ PATH: '/usr/bin:/bin' }, new AbortController().signal)
  expect(await run('echo', [`said ${secret}`])).toBe('said [redacted]\n')
  await expect(run('sh', ['-c', `echo ${secret} >&2; exit 1`])).rejects.toThrow('failed: [redacted]')
  expect(wholeLines(Buffer.from(`2026 ERROR ${secret}\n`), false).lines).toEqual(['2026 ERROR [redacted]'])
})

test('the password of a proxy is a secret too', async () => {
  const { close } = createTransport({ proxy: { https: 'http://jane:Pr0xy-pass%2Fword@proxy.test:3128' } })
  await close()
  expect(
    maskText(`Proxy-Authorization: Basic ${Buffer.from('jane:Pr0xy-pass/word').toString('base64')}`),
  ).not.toContain('UHIweHktcGFzcy93b3Jk'.slice(0, 12))
  expect(maskText('for jane:Pr0xy-pass/word')).toBe('for jane:[redacted]')
})

test('a certificate for a key that is masked stays whole, wherever its public half begins', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  held(pem)
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)
  for (const before of [30, 31, 32]) {
    const text = Buffer.concat([Buffer.alloc(before, 7), point, Buffer.alloc(20, 9)]).toString('base64')
    expect(maskText(text)).toBe(text)
  }
  expect(maskText(pem)).not.toContain(pem.split('\n')[1])
})
