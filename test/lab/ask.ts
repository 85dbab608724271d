/** Plain requests for tests of the lab itself: not the project's client, so that neither is proved by the other. */
import type { LabKeystone } from './cloud.ts'

export type Reply = { readonly status: number; readonly body: unknown }

export type Account = { readonly name: string; readonly domain: string; readonly password: string }

export type Scope = { readonly project: string; readonly domain: string } | { readonly domain: string }

type Send = (method: string, url: string, body?: unknown) => Promise<Reply>

async function send(token: string | undefined, method: string, url: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'openstack-api-version': 'container-infra latest',
  }
  if (token !== undefined) headers['x-auth-token'] = token
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

/** Signs in with a whole `identity` and sends with that token from then on. */
export async function signInWith(keystone: string, identity: unknown, scope?: unknown): Promise<Send> {
  const answer = await send(undefined, 'POST', `${keystone}/auth/tokens`, {
    auth: { identity, ...(scope === undefined ? {} : { scope }) },
  })
  const token = answer.headers.get('x-subject-token')
  if (token === null) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`)
  return async (method, url, body) => {
    const reply = await send(token, method, url, body)
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text }
  }
}

export function signIn(keystone: string, account: Account, scope: Scope): Promise<Send> {
  const domain = { name: scope.domain }
  return signInWith(
    keystone,
    {
      methods: ['password'],
      password: { user: { name: account.name, domain: { name: account.domain }, password: account.password } },
    },
    'project' in scope ? { project: { name: scope.project, domain } } : { domain },
  )
}

export function signInAdmin({ url, admin }: Pick<LabKeystone, 'url' | 'admin'>): Promise<Send> {
  return signIn(
    url,
    { name: admin.username, domain: admin.userDomain, password: admin.password },
    { project: admin.project, domain: admin.projectDomain },
  )
}

/** The value at a path of a body, such as `project.id` or `roles.0.name`. */
export function at(body: unknown, path: string): unknown {
  let here = body
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.entries(here).find(([name]) => name === key)?.[1] as unknown
  }
  return here
}

/** The same where only text will do; an error shows the body that came instead. */
export function text(body: unknown, path: string): string {
  const found = at(body, path)
  if (typeof found !== 'string') throw new Error(`no text at \`${path}\` of ${JSON.stringify(body)}`)
  return found
}
