import { createTransport } from './http.ts'
import type { Transport, TransportOptions } from './http.ts'
import { createLimiter } from './limiter.ts'

/**
 * Opens a new connection for every request, so that a load balancer distributes them over all servers behind one
 * address.
 */
export function createFreshTransport(options: TransportOptions = {}): Transport {
  const limit = createLimiter(options.connections ?? 6)
  const closing = new Set<Promise<void>>()
  return {
    fetch: (url, init) =>
      limit(async () => {
        const one = createTransport({ ...options, connections: 1 })
        try {
          return await one.fetch(url, init)
        } finally {
          // it ends when the answer has been read
          const closed = one.close().catch(() => undefined)
          closing.add(closed)
          void closed.then(() => closing.delete(closed))
        }
      }),
    close: async () => {
      await Promise.all(closing)
    },
  }
}
