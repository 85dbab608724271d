import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { StopError } from '../errors.ts'
import { createAccess } from './access.ts'
import { createConsole } from './app.ts'
import type { Assets } from './assets.ts'

export type ServedConsole = {
  /** With the token that opens it once. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** Listens on loopback alone. `port` 0 takes a free one. */
export async function serveConsole(root: string, assets: Assets, port: number): Promise<ServedConsole> {
  const stop = new AbortController()
  let hosts: readonly string[] = []
  const access = createAccess(() => hosts)
  const app = createConsole({ root, assets, access, stop: stop.signal })
  const answer = getRequestListener(app.fetch)
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  const taken = await new Promise<number>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new StopError(`cannot listen on 127.0.0.1:${port}`, { cause: error }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
  hosts = [`127.0.0.1:${taken}`, `localhost:${taken}`]
  return {
    url: `http://127.0.0.1:${taken}/?token=${access.token}`,
    close: () =>
      new Promise((resolve) => {
        stop.abort()
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
