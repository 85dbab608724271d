import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createTransport } from '../../src/openstack/http.ts'
import { striking } from '../crash/faults.ts'
import type { Strike } from '../crash/faults.ts'

/**
 * A forward proxy that lets chosen requests go wrong on their way to real services, over real connections. Plain http only: it
 * reads what goes through its tunnels.
 */
export type FaultProxy = {
  readonly url: string
  /** One fault, from now on; the answer says whether its request came by. */
  strike(one: Strike): () => boolean
  /** Every request that came by, as it was answered; in milliseconds of one clock. */
  readonly exchanges: readonly Timed[]
  close(): Promise<void>
}

/** From the request's arrival until the service's whole answer was here. */
export type Timed = { readonly request: string; readonly began: number; readonly ended: number }

export async function openFaultProxy(): Promise<FaultProxy> {
  const transport = createTransport()
  let { fetch } = transport
  const exchanges: Timed[] = []

  const relay = async (target: string, asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of asked) chunks.push(chunk as Buffer)
    const gone = new AbortController()
    answer.on('close', () => {
      gone.abort()
    })
    const { host: _, connection: __, 'content-length': ___, ...headers } = asked.headers
    const began = performance.now()
    const given = await fetch(`http://${target}${asked.url ?? '/'}`, {
      method: asked.method ?? 'GET',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonical(name), String(value)])),
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      signal: gone.signal,
      redirect: 'manual',
    })
    for (const name of passed) {
      const value = given.headers.get(name)
      if (value !== null) answer.setHeader(name, value)
    }
    answer.writeHead(given.status)
    for await (const chunk of given.body ?? []) answer.write(chunk)
    exchanges.push({ request: `${asked.method ?? ''} ${target}${asked.url ?? ''}`, began, ended: performance.now() })
    answer.end()
  }

  const targets = new WeakMap<Socket, string>()
  const inside = createServer((asked, answer) => {
    // a connection that breaks has no words
    relay(targets.get(asked.socket) ?? '', asked, answer).catch(() => asked.socket.destroy())
  })
  // without a tunnel the whole URL is in the first line
  const server = createServer((asked, answer) => {
    const { host, pathname, search } = new URL(asked.url ?? '')
    asked.url = `${pathname}${search}`
    relay(host, asked, answer).catch(() => asked.socket.destroy())
  })
  const open = new Set<Socket>()
  server.on('connect', (asked: IncomingMessage, socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => undefined)
    targets.set(socket, asked.url ?? '')
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    inside.emit('connection', socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strike(one) {
      let hasStruck = false
      fetch = striking(transport.fetch, [one], undefined, () => (hasStruck = true))
      return () => hasStruck
    },
    exchanges,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await transport.close()
    },
  }
}

/** What our client looks at. */
const passed = [
  'content-type',
  'content-length',
  'location',
  'retry-after',
  'x-subject-token',
  'x-openstack-request-id',
  'x-compute-request-id',
  'openstack-api-version',
]

/** Node writes header names small; the code that reads them here goes by their usual form. */
function canonical(name: string): string {
  return name === 'x-auth-token' ? 'X-Auth-Token' : name
}
