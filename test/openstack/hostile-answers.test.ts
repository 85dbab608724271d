/** Answers of a server that breaks HTTP or JSON itself, over a real connection: each is named as what it is, and ends at once. */
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { CloudError } from '../../src/errors.ts'
import { exchange } from '../../src/openstack/exchange.ts'
import { createTransport } from '../../src/openstack/http.ts'

let server: Server | undefined

afterEach(() => server?.close())

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
const good = `${head}content-length: 11\r\n\r\n{"a":"yes"}`
const deep = (start: string, levels: number): string => {
  const body = start.repeat(levels)
  return `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}
const nested = `{"error":{"message":${'['.repeat(50_000)}"no"${']'.repeat(50_000)}}}`

/** Sends the same bytes for every request, and asks twice. */
async function ask(bytes: string): Promise<readonly unknown[]> {
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(bytes))
  })
  const started = server
  await new Promise<void>((done) => started.listen(0, '127.0.0.1', done))
  const { port } = started.address() as AddressInfo // a server on a port has no other kind
  const { fetch, close } = createTransport()
  const url = `http://127.0.0.1:${port}/v3/x`
  const call = { service: 'identity', url, method: 'GET', headers: {}, deadlineMs: 3000, bodyLimit: 1e6 }
  const answers = []
  for (let time = 0; time < 2; time++)
    answers.push(
      await exchange(fetch, call).then(
        ({ body }) => body,
        (error: unknown) => error,
      ),
    )
  await close().catch(() => undefined)
  return answers
}

test.each([
  ['two lengths that differ', `${head}content-length: 11\r\ncontent-length: 12\r\n\r\n{"a":"yes"}`],
  [
    'a length and chunks',
    `${head}content-length: 11\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{"a":"yes"}\r\n0\r\n\r\n`,
  ],
  ['a length that is no number', `${head}content-length: eleven\r\n\r\n{"a":"yes"}`],
  ['a length below zero', `${head}content-length: -11\r\n\r\n{"a":"yes"}`],
  ['no HTTP at all: a mail server', '220 mail.test ESMTP Postfix\r\n'],
  ['no HTTP at all: bytes', '\u0016\u0003\u0001\u0000\ufffd{"a":"yes"}\r\n\r\n'],
])('%s: the answer is not HTTP, and not a missing connection', async (_, bytes) => {
  for (const answer of await ask(bytes)) {
    expect(answer).toBeInstanceOf(CloudError)
    expect(answer).toMatchObject({ kind: 'malformed' })
    expect(String(answer)).toContain('breaks the rules of HTTP')
  }
})

test('a second answer that nobody asked for is not taken for the next one', async () => {
  const forged = good.replace('"yes"', '"bad"')
  const [first] = await ask(good + forged)
  expect(first).toEqual({ a: 'yes' })
})

test.each([
  ['brackets without an end', deep('[', 100_000)],
  ['maps without an end', deep('{"error":', 30_000)],
  [
    'a message of 50,000 levels',
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${nested.length}\r\n\r\n${nested}`,
  ],
])('a refusal with deep JSON stays a refusal: %s', async (_, bytes) => {
  for (const answer of await ask(bytes)) {
    expect(answer).toBeInstanceOf(CloudError)
    expect(answer).toMatchObject({ kind: 'answer', status: 400 })
  }
})
