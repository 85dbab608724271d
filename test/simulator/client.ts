/** A client for tests that trusts nothing of ours: plain requests, and paths into the answers. */
import type { Cloud } from '../../src/simulator/cloud.ts'

export type Reply = { readonly status: number; readonly body: unknown; readonly headers: Headers }

export type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>

/** Asks below a service's prefix: `identity/v3/projects`. */
export function asker(cloud: Cloud, token?: string): Ask {
  const root = cloud.url.replace('/identity/v3', '')
  return async (method, path, body, headers = {}) => {
    const request = new Request(`${root}/${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { 'X-Auth-Token': token }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const response = await cloud.answer(request)
    const text = await response.text()
    return { status: response.status, body: parsed(text), headers: response.headers }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text === '' ? undefined : text
  }
}

/** What is at `token.roles.0.name`, or undefined. */
export function at(value: unknown, path: string): unknown {
  let found = value
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = new Map<string, unknown>(Object.entries(found)).get(key)
  }
  return found
}

export function text(value: unknown, path: string): string {
  const found = at(value, path)
  if (typeof found !== 'string') throw new Error(`no text at ${path} in ${JSON.stringify(value)}`)
  return found
}

export function list(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path)
  if (!Array.isArray(found)) throw new Error(`no list at ${path} in ${JSON.stringify(value)}`)
  return found
}

/** The names in a list of resources. */
export function names(reply: Reply, key: string): readonly unknown[] {
  return list(reply.body, key).map((row) => at(row, 'name'))
}

export type SignedIn = Ask & { readonly token: string; readonly body: unknown }

export async function authenticate(cloud: Cloud, auth: unknown): Promise<Reply> {
  return asker(cloud)('POST', 'identity/v3/auth/tokens', { auth })
}

export async function signInWith(cloud: Cloud, auth: unknown): Promise<SignedIn> {
  const reply = await authenticate(cloud, auth)
  const token = reply.headers.get('x-subject-token')
  if (token === null) throw new Error(`sign-in answered ${reply.status}: ${JSON.stringify(reply.body)}`)
  return Object.assign(asker(cloud, token), { token, body: reply.body })
}

export function byPassword(user: unknown, scope?: unknown): unknown {
  const identity = { methods: ['password'], password: { user } }
  return scope === undefined ? { identity } : { identity, scope }
}

export function byApplicationCredential(id: string, secret: string): unknown {
  return { identity: { methods: ['application_credential'], application_credential: { id, secret } } }
}

export async function asAdmin(cloud: Cloud): Promise<SignedIn> {
  const { name, password, userDomain, project, projectDomain } = cloud.admin
  const user = { name, password, domain: { name: userDomain } }
  return signInWith(cloud, byPassword(user, { project: { name: project, domain: { name: projectDomain } } }))
}

/** A user of the domain `domain` whose password is `pw`: for the domain, or for one of its projects. */
export async function asUser(cloud: Cloud, domain: string, name: string, project?: string): Promise<SignedIn> {
  const scope =
    project === undefined ? { domain: { name: domain } } : { project: { name: project, domain: { name: domain } } }
  return signInWith(cloud, byPassword({ name, password: 'pw', domain: { name: domain } }, scope))
}

export async function roleIds(ask: Ask): Promise<(name: string) => string> {
  const { body } = await ask('GET', 'identity/v3/roles')
  const ids = new Map(list(body, 'roles').map((role) => [text(role, 'name'), text(role, 'id')]))
  return (name) => ids.get(name) ?? `no role ${name}`
}

/** OpenSSH, generated for this file and used nowhere else. */
export const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmJ4HD0XQp4MAgLuWMhcyoQ1MRaTBTnNKcyFsV0gTVb test'
