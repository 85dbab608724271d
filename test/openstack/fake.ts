import type { FetchInit, FetchResponse } from '../../src/openstack/http.ts'
import type { SessionOptions } from '../../src/openstack/options.ts'
import { openSession } from '../../src/openstack/session.ts'
import type { Session } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'

/** What the fake was asked, as it came over the wire. */
export type Asked = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Handler = (asked: Asked, nth: number) => FetchResponse | Promise<FetchResponse>

/** A cloud of one function. Sign-in is answered unless `signIn` says otherwise; all the rest is the handler's. */
export function fakeCloud(
  handler: Handler,
  options: Partial<SessionOptions<string>> & { readonly signIn?: Handler } = {},
): { readonly session: Session; readonly asked: Asked[]; readonly signIns: Asked[] } {
  const asked: Asked[] = []
  const signIns: Asked[] = []
  const { signIn = (_, nth) => json(201, tokenBody(), { 'x-subject-token': `token-${nth}` }), ...rest } = options
  const fetch = async (url: string, init: FetchInit): Promise<FetchResponse> => {
    await Promise.resolve()
    init.signal.throwIfAborted()
    const one = { method: init.method, url, headers: init.headers, body: String(init.body ?? '') }
    if (new URL(url).pathname.endsWith('/auth/tokens') && init.method === 'POST') {
      signIns.push(one)
      return signIn(one, signIns.length)
    }
    asked.push(one)
    return handler(one, asked.length)
  }
  const session = openSession({
    actor: 'operator',
    endpoint: { authUrl: 'https://keystone.example:5000' },
    auth: {
      kind: 'password',
      user: { name: 'admin', domain: { name: 'Default' } },
      password: new Secret('correct horse'),
      scope: { kind: 'project', project: { name: 'admin', domain: { name: 'Default' } } },
    },
    fetch,
    sleep: async () => {
      await Promise.resolve()
    },
    random: () => 0.5,
    ...rest,
  })
  return { session, asked, signIns }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

export function tokenBody(token: Readonly<Record<string, unknown>> = {}): unknown {
  const inDefault = { domain: { id: 'default', name: 'Default' } }
  return {
    token: {
      methods: ['password'],
      user: { id: 'u1', name: 'admin', ...inDefault },
      project: { id: 'p1', name: 'admin', ...inDefault },
      roles: [{ id: 'r1', name: 'admin' }],
      issued_at: new Date().toISOString(),
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      catalog: [
        endpoint('network', 'https://network.example:9696'),
        endpoint('compute', 'https://compute.example:8774/v2.1'),
        endpoint('image', 'https://image.example:9292'),
        endpoint('volumev3', 'https://volume.example:8776/v3/p1'),
        endpoint('container-infra', 'https://magnum.example:9511/v1'),
      ],
      ...token,
    },
  }
}

export function endpoint(type: string, url: string, region = 'RegionOne'): unknown {
  return { type, name: type, endpoints: [{ interface: 'public', region_id: region, region, url }] }
}

/** The error that a promise ends in. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
