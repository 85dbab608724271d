import type { Fetch, FetchInit, FetchResponse } from '../../src/openstack/http.ts'

/** What can become of one request. */
export const faultNames = [
  'answer lost',
  '500 after the effect',
  '503 before it',
  '429 with Retry-After',
  'connection refused',
  'silence',
  'silence after the effect',
  'token expired',
  'one wrong byte in the answer',
] as const
export type FaultName = (typeof faultNames)[number]

/** The `at`-th request that changes something, or the first whose line and body fit. */
export type Strike = { readonly fault: FaultName } & (
  { readonly at: number } | { readonly line: RegExp; readonly body: string }
)

/** Counts the requests that change something, from 1, and lets the chosen ones go wrong. Signing in is not counted. */
export function striking(
  fetch: Fetch,
  strikes: readonly Strike[],
  seen: (request: string) => void = () => undefined,
  struckOne: () => void = () => undefined,
): Fetch {
  let count = 0
  const spent = new Set<Strike>()
  const hits = (strike: Strike, line: string, body: string): boolean =>
    'at' in strike ? strike.at === count : strike.line.test(line) && body.includes(strike.body) && !spent.has(strike)
  return async (url, init) => {
    const { pathname } = new URL(url)
    if (init.method === 'GET' || init.method === 'HEAD' || pathname.endsWith('/auth/tokens')) return fetch(url, init)
    count++
    const line = `${init.method} ${pathname}`
    seen(line)
    const body = init.body === undefined ? '' : Buffer.from(init.body).toString('utf8')
    const strike = strikes.find((one) => hits(one, line, body))
    if (strike === undefined) return fetch(url, init)
    spent.add(strike)
    struckOne()
    return struck(strike.fault, fetch, url, init)
  }
}

async function struck(fault: FaultName, fetch: Fetch, url: string, init: FetchInit): Promise<FetchResponse> {
  switch (fault) {
    case 'answer lost':
      await fetch(url, init)
      throw broken('ECONNRESET')
    case '500 after the effect':
      await fetch(url, init)
      return answer(500, 'Internal Server Error')
    case '503 before it':
      return answer(503, 'Service Unavailable')
    case '429 with Retry-After':
      return answer(429, 'Too Many Requests', { 'retry-after': '1' })
    case 'connection refused':
      throw broken('ECONNREFUSED')
    case 'silence':
      return until(init.signal)
    case 'silence after the effect':
      await fetch(url, init)
      return until(init.signal)
    case 'token expired':
      return answer(401, 'The request you have made requires authentication.')
    case 'one wrong byte in the answer': {
      const given = await fetch(url, init)
      const chunks: Uint8Array[] = []
      for await (const chunk of given.body ?? []) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      if (body.length > 0) body[Math.floor(body.length / 2)] = 0x07
      return { status: given.status, headers: given.headers, body: once(body) }
    }
  }
}

function broken(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code })
}

function answer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): FetchResponse {
  const all = new Map(Object.entries({ 'content-type': 'text/plain', ...headers }))
  return { status, headers: { get: (name) => all.get(name.toLowerCase()) ?? null }, body: once(Buffer.from(text)) }
}

function until(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'))
    })
  })
}

async function* once(body: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body)
}
