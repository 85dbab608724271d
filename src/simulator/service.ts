/**
 * A service is a table of routes and an envelope for its refusals; this makes it a Hono app. A missing route answers
 * 501 and names itself, so that a gap in the simulator does not look like an answer of OpenStack.
 */
import { Hono } from 'hono'
import { resolveToken } from './services/keystone/caller.ts'
import { isJson, parseJson, plain } from './json.ts'
import { Refusal } from './refusal.ts'
import { invariant } from '../errors.ts'
import type { Context } from 'hono'
import type { Caller } from './services/keystone/caller.ts'
import type { ApplicationCredential } from './state.ts'
import type { Json } from './json.ts'
import type { CatalogEntry, ServiceType, World } from './world.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type ServiceResponse = {
  readonly status: number
  /** JSON, unless `contentType` is another one and this is the text. */
  readonly body?: unknown
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Call = {
  readonly world: World
  readonly method: string
  /** Below the service's base, without the query. */
  readonly path: string
  /** The query with its question mark, or an empty text. */
  readonly search: string
  readonly params: Json
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  readonly text: string
  /** The body as JSON, `undefined` if it is not JSON. */
  readonly body: unknown
  readonly requestId: string
  /** The caller. Throws 401 if there is none. */
  readonly caller: () => Caller
}

export type Handler = (call: Call) => ServiceResponse | Promise<ServiceResponse>

export type Route = {
  readonly method: Method
  readonly path: string
  readonly handle: Handler
  /** Needs no token. */
  readonly isOpen: boolean
}

export type Service<Type extends ServiceType = ServiceType> = {
  readonly type: Type
  /** Of its project, and of the account that it signs in by: `nova`. */
  readonly name: string
  /** Where it listens below one host, as DevStack lays them out. */
  readonly path: string
  /** What the catalog has of it: one entry, unless it is registered under older types as well. */
  readonly catalog: readonly [CatalogEntry, ...CatalogEntry[]]
  /** The version document, at `/`. Needs no token. */
  readonly versions: Handler
  readonly routes: readonly Route[]
  /** The envelope; the status is the refusal's. */
  readonly refuse: (refusal: Refusal, call: Call) => Omit<ServiceResponse, 'status'>
  /** Headers of every answer, the request id among them. */
  readonly headers: (call: Call) => Readonly<Record<string, string>>
  /** Runs before the handler, for checks of a whole service: microversions, the project in the path. */
  readonly before?: (call: Call) => void
  /** Keystone checks the token itself; for every other service the middleware refuses first. */
  readonly hasMiddleware: boolean
}

export function route(method: Method, path: string, handle: Handler): Route {
  return { method, path, handle, isOpen: false }
}

export function openRoute(method: Method, path: string, handle: Handler): Route {
  return { method, path, handle, isOpen: true }
}

export function ok(body: unknown): ServiceResponse {
  return { status: 200, body }
}

export function created(body: unknown): ServiceResponse {
  return { status: 201, body }
}

export const noContent: ServiceResponse = { status: 204 }

/** A part of the path. If the route lacks it, the route is wrong. */
export function param(call: Call, name: string): string {
  const value = call.params[name]
  invariant(typeof value === 'string', `route ${call.path} has no :${name}`)
  return value
}

export function serviceApp(world: World, service: Service): Hono {
  const base = pathOf(world.bases[service.type])
  // Every service takes a path with a slash at its end for the one without.
  const app = new Hono({ getPath: (request) => below(base, pathOf(request.url)) })
  for (const each of [openRoute('GET', '/', service.versions), ...service.routes]) {
    app.on(each.method, each.path, (c) => run(world, service, c, base, each))
  }
  app.all('*', (c) => run(world, service, c, base, undefined))
  return app
}

/** The path of a URL, without parsing the rest: this runs several times for each request. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start < 0) return ''
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

function below(base: string, path: string): string {
  const rest = path.slice(base.length)
  if (rest === '' || rest === '/') return '/'
  return rest.endsWith('/') ? rest.slice(0, -1) : rest
}

async function run(
  world: World,
  service: Service,
  c: Context,
  base: string,
  found: Route | undefined,
): Promise<Response> {
  const call = await readCall(world, c, base)
  let answer: ServiceResponse
  try {
    if (service.hasMiddleware && found?.isOpen !== true) requireToken(call, service)
    service.before?.(call)
    if (found === undefined) throw notHere(service, call)
    answer = await found.handle(call)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const said: Omit<ServiceResponse, 'status'> =
      error.body === undefined ? service.refuse(error, call) : { body: error.body }
    answer = { ...said, status: error.status, headers: { ...said.headers, ...error.headers } }
  }
  return render(answer, { ...service.headers(call), ...answer.headers }, world)
}

function notHere(service: Service, call: Call): Refusal {
  return new Refusal(501, `the simulator has no ${call.method} ${call.path} (${service.type})`, {
    type: 'HTTPNotImplemented',
  })
}

async function readCall(world: World, c: Context, base: string): Promise<Call> {
  const { url } = c.req
  const question = url.indexOf('?')
  const search = question < 0 ? '' : url.slice(question)
  const hasBody = c.req.method !== 'GET' && c.req.method !== 'HEAD'
  const text = hasBody ? await c.req.text() : ''
  const params: unknown = c.req.param()
  let caller: Caller | undefined
  return {
    world,
    method: c.req.method,
    path: below(base, pathOf(url)),
    search,
    params: isJson(params) ? params : {},
    query: new URLSearchParams(search),
    header: (name) => c.req.header(name),
    text,
    body: text === '' ? undefined : parseJson(text),
    requestId: `req-${world.ids.uuid()}`,
    caller: () => {
      caller ??= resolveToken(world, c.req.header('x-auth-token'))
      return caller
    },
  }
}

/**
 * The answer of the middleware in front of every service but Keystone, the same for no token and for a dead one.
 * keystonemiddleware 10.1.0, keystonemiddleware/auth_token/__init__.py, AuthProtocol.process_request.
 */
function requireToken(call: Call, service: Service): void {
  try {
    const { applicationCredential } = call.caller()
    if (!mayAsk(applicationCredential, call, service)) throw new Refusal(401, '')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(401, 'The request you have made requires authentication.', {
      headers: { 'WWW-Authenticate': `Keystone uri="${call.world.bases.identity}/v3"` },
      body: {
        error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
      },
    })
  }
}

/**
 * Access rules are checked by the middleware, not by Keystone: keystonemiddleware 10.1.0, AuthProtocol._validate_token and _matches_rule. A rule
 * names a service by its type, and in its path `*` and `{x}` are one part, `**` any number.
 */
function mayAsk(credential: ApplicationCredential | undefined, call: Call, service: Service): boolean {
  if (credential?.accessRuleIds === undefined) return true
  const rules = call.world.state.accessRules.filter(({ id }) => credential.accessRuleIds?.includes(id) === true)
  const types = service.catalog.map(({ type }) => type)
  return rules.some(
    (rule) =>
      [service.type, ...types].includes(rule.service) &&
      rule.method === call.method &&
      patternOf(rule.path).test(call.path),
  )
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/\*\*|\*|\{[^}]*\}/g, (part) => (part === '**' ? '.+' : '[^/]+'))}$`)
}

function render(answer: ServiceResponse, headers: Readonly<Record<string, string>>, world: World): Response {
  const dated = { ...headers, Date: new Date(world.now()).toUTCString() }
  const { status, body, contentType } = answer
  if (body === undefined) return new Response(null, { status, headers: dated })
  if (contentType !== undefined) {
    return new Response(plain(body), { status, headers: { ...dated, 'Content-Type': contentType } })
  }
  return new Response(JSON.stringify(body), { status, headers: { ...dated, 'Content-Type': 'application/json' } })
}
