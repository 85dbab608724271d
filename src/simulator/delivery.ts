/** How a fault changes the answer to one request. */
import type { Hono } from 'hono'
import type { RequestFault } from './faults.ts'
import type { World } from './world.ts'

/** What `fetch` throws if nobody answers. A server then closes the connection. */
export class BrokenConnection extends TypeError {
  constructor(reason: string, code: string) {
    super('fetch failed', { cause: Object.assign(new Error(reason), { code }) })
  }
}

export async function deliver(world: World, app: Hono, request: Request, fault: RequestFault): Promise<Response> {
  switch (fault.kind) {
    case 'answer':
      return faultAnswer(world, fault)
    case 'answer-after-effect':
      await app.fetch(request)
      return faultAnswer(world, fault)
    case 'lost-answer':
      await app.fetch(request)
      throw new BrokenConnection('other side closed', 'UND_ERR_SOCKET')
    case 'unreachable':
      throw new BrokenConnection('connect ECONNREFUSED', 'ECONNREFUSED')
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1000))
      return app.fetch(request)
    case 'token-expired': {
      world.state.tokens.delete(request.headers.get('x-auth-token') ?? '')
      return app.fetch(request)
    }
  }
}

/** Without its own body: the answer of a proxy in front of the services. */
function faultAnswer(world: World, fault: RequestFault): Response {
  const headers = { Date: new Date(world.now()).toUTCString(), ...fault.headers }
  const status = fault.status ?? 500
  if (fault.body !== undefined) {
    return new Response(JSON.stringify(fault.body), {
      status,
      // a body is the service's own, and so is the id
      headers: {
        'x-openstack-request-id': `req-${world.ids.uuid()}`,
        ...headers,
        'Content-Type': 'application/json',
      },
    })
  }
  const html = `<html><body><h1>${status}</h1>\nNo server is available to handle this request.\n</body></html>\n`
  return new Response(html, { status, headers: { ...headers, 'Content-Type': 'text/html' } })
}

/** Only a fault delays an answer, so only then the caller's deadline is worth its cost. */
export function beforeAbort<Answer>(answered: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
    }
    signal.addEventListener('abort', abort, { once: true })
    void answered.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}
