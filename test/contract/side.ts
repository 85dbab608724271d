/** One cloud under a story: the lab's or the simulator's. A story sees endpoints by the catalog, like everybody. */
import { stepOf } from './transcript.ts'
import type { Reply, Step } from './transcript.ts'

/** A request as it goes out; the simulator's is a function, the lab's is the network. */
export type Send = (request: Request) => Promise<Response>

export type AdminAccount = {
  readonly name: string
  readonly password: string
  readonly userDomain: string
  readonly project: string
  readonly projectDomain: string
  /** `admin`, or `Admin` where a charm named it. */
  readonly role: string
}

export type Side = {
  readonly authUrl: string
  readonly admin: AdminAccount
  readonly send: Send
}

export type Options = { readonly headers?: Record<string, string>; readonly isSilent?: boolean }

/** Asks one service as somebody, and writes down what came back under `label`. */
export type Actor = (
  label: string,
  service: string,
  method: string,
  path: string,
  body?: unknown,
  options?: Options,
) => Promise<Reply>

export type Teller = {
  readonly run: string
  readonly admin: Actor
  readonly role: (name: string) => string
  readonly nobody: Actor
  /** Signs in; where a label is given, the answer is a step of the story. */
  readonly signIn: (auth: unknown, label?: string) => Promise<Actor & { readonly token: string }>
  readonly later: (undo: () => Promise<unknown>) => void
}

export type Story = (teller: Teller) => Promise<void>

export async function tell(side: Side, story: Story, run: string): Promise<readonly Step[]> {
  const steps: Step[] = []
  const undos: (() => Promise<unknown>)[] = []
  const ask = async (
    url: string,
    token: string | undefined,
    method: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Reply> => {
    const response = await side.send(
      new Request(url, {
        method,
        redirect: 'manual',
        headers: {
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(token === undefined ? {} : { 'X-Auth-Token': token }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    return { status: response.status, body: parse(text), headers: response.headers }
  }
  const actorWith = (token: string | undefined, endpoints: ReadonlyMap<string, string>): Actor => {
    return async (label, service, method, path, body, options = {}) => {
      const base = service === 'identity' ? side.authUrl : (endpoints.get(service) ?? `http://no-${service}.test`)
      const reply = await ask(`${base}${path}`, token, method, body, options.headers ?? {})
      if (options.isSilent !== true) steps.push(stepOf(label, reply, run))
      return reply
    }
  }
  const signIn: Teller['signIn'] = async (auth, label) => {
    const reply = await ask(`${side.authUrl}/auth/tokens`, undefined, 'POST', { auth }, {})
    if (label !== undefined) steps.push(stepOf(label, reply, run))
    const token = reply.headers.get('x-subject-token') ?? ''
    return Object.assign(actorWith(token, endpointsOf(reply.body)), { token })
  }
  const { admin: account } = side
  const admin = await signIn({
    identity: {
      methods: ['password'],
      password: { user: { name: account.name, domain: { name: account.userDomain }, password: account.password } },
    },
    scope: { project: { name: account.project, domain: { name: account.projectDomain } } },
  })
  const roles = await admin('', 'identity', 'GET', '/roles', undefined, { isSilent: true })
  const ids = new Map(rows(roles.body, 'roles').map((role) => [field(role, 'name'), field(role, 'id')]))
  const role = (name: string): string => ids.get(name === 'admin' ? account.role : name) ?? `no role ${name}`
  try {
    await story({
      run,
      admin,
      role,
      nobody: actorWith(undefined, endpointsOf(undefined)),
      signIn,
      later: (undo) => undos.unshift(undo),
    })
  } finally {
    for (const undo of undos) await undo()
  }
  return steps
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text === '' ? undefined : text
  }
}

function endpointsOf(body: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const service of rows(at(body, 'token'), 'catalog')) {
    const face = rows(service, 'endpoints').find((endpoint) => field(endpoint, 'interface') === 'public')
    if (face !== undefined) found.set(field(service, 'type'), field(face, 'url').replace(/\/$/, ''))
  }
  return found
}

export function at(value: unknown, path: string): unknown {
  let found = value
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = new Map<string, unknown>(Object.entries(found)).get(key)
  }
  return found
}

export function rows(value: unknown, key: string): readonly unknown[] {
  const found = at(value, key)
  return Array.isArray(found) ? found : []
}

export function field(value: unknown, path: string): string {
  const found = at(value, path)
  return typeof found === 'string' ? found : ''
}
