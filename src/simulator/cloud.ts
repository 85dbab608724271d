/**
 * An OpenStack that is a `fetch` function: one app for each service over one state. `createCloud` is all that a test or
 * the demo needs; `serve` puts the same cloud on a port.
 */
import { randomFillSync } from 'node:crypto'
import { barbican } from './barbican.ts'
import { cinder } from './cinder.ts'
import { countFaults, namedFault, requestFaults } from './faults.ts'
import { damage } from './damage.ts'
import { buildOverride } from '../policy/build/override.ts'
import { emptyState } from './state.ts'
import { fill, homesOf } from './seed.ts'
import { glance } from './glance.ts'
import { heat } from './heat.ts'
import { invariant } from '../errors.ts'
import { isAtLeast } from '../policy/dialect.ts'
import { keystone } from './keystone.ts'
import { keystoneRules, loadKeystone } from '../policy/keystone.ts'
import { magnum } from './magnum.ts'
import { makeIds, SERVICE_TYPES } from './world.ts'
import { neutron } from './neutron.ts'
import { nova } from './nova.ts'
import { octavia } from './octavia.ts'
import { placement } from './placement.ts'
import { policyOf } from './keystone/rules.ts'
import { PRESETS, profileOf } from './presets.ts'
import { runJob } from './magnum/conductor.ts'
import { pathOf, serviceApp } from './service.ts'
import type { Hono } from 'hono'
import type { Fault, RequestFault } from './faults.ts'
import type { Fetch, FetchInit } from '../openstack/http.ts'
import type { InnerAnswer, InnerRequest, Pace, ServiceType, World } from './world.ts'
import type { Job, State } from './state.ts'
import type { Policy } from './keystone/rules.ts'
import type { Profile } from './profile.ts'
import type { Seed } from './seed.ts'
import type { Service } from './service.ts'

export type CloudOptions = {
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly random?: (size: number) => Uint8Array
  /** Where the services are: `/identity` and so on below it. */
  readonly url?: string
  readonly adminPassword?: string
  readonly pace?: Partial<Pace>
  /** What was there before; the seed's objects are then not made. */
  readonly state?: State
}

export type Cloud = {
  readonly fetch: Fetch
  /** The same as a whole `Request`, for a server. Throws where a fault breaks the connection. */
  readonly answer: (request: Request, service?: ServiceType) => Promise<Response>
  /** Where Keystone is, with its version: what `auth_url` wants. */
  readonly url: string
  readonly state: State
  /** Who may do everything, signing in by password with a scope of `project`. */
  readonly admin: AdminAccount
  readonly region: string
  /** Moves the endpoints below another URL, or each to its own: a port is known only once it is open. */
  readonly rebase: (to: string | Readonly<Record<ServiceType, string>>) => void
  readonly issuer: Pick<World, 'now' | 'ids'>
}

/** What `fetch` throws when nobody answers. A server that meets it closes the connection. */
export class BrokenConnection extends TypeError {
  constructor(reason: string, code: string) {
    super('fetch failed', { cause: Object.assign(new Error(reason), { code }) })
  }
}

export type AdminAccount = {
  readonly name: string
  readonly password: string
  readonly userDomain: string
  readonly project: string
  readonly projectDomain: string
}

const SERVICES: readonly Service[] = [
  keystone,
  nova,
  neutron,
  glance,
  cinder,
  octavia,
  barbican,
  magnum,
  heat,
  placement,
]

/** Below one host, as DevStack lays them out. */
const PREFIXES: Readonly<Record<ServiceType, string>> = {
  identity: '/identity',
  compute: '/compute',
  network: '/networking',
  image: '/image',
  'block-storage': '/volume',
  'load-balancer': '/load-balancer',
  'key-manager': '/key-manager',
  'container-infra': '/container-infra',
  orchestration: '/orchestration',
  placement: '/placement',
}

const PACE: Pace = { clusterAccepted: 50, clusterCreated: 3000, clusterDeleted: 1000, clusterResized: 1000 }

/** Without a seed: Debian's Keystone 22 with every fix, an override for the domain manager, and nobody but the operator. */
const DEFAULT_SEED: Seed = { preset: 'zed-patched', isPersonaBuilt: true }

export function createCloud(seed: Seed = DEFAULT_SEED, options: CloudOptions = {}): Cloud {
  const profile = profileFor(seed)
  const bases = basesBelow(options.url ?? 'https://simulator.test')
  const skew = skewOf(seed.faults ?? [])
  const clock = options.now ?? Date.now
  let policy: Policy | undefined
  const ids = makeIds(options.random ?? pooledRandom())
  const state = options.state ?? emptyState()
  const isCharmed = profile.adminProject !== undefined
  const world: World = {
    state,
    now: () => clock() + skew,
    ids,
    bases,
    profile,
    policy: {
      isAllowed: (...asked) => loaded(policy).isAllowed(...asked),
      isAlwaysTrue: (action) => loaded(policy).isAlwaysTrue(action),
    },
    send: (request) => sendInside(apps, world, request, faultFor),
    pace: { ...PACE, ...options.pace },
    magnum: {
      domainAdmin: { name: 'magnum_domain_admin', domain: 'magnum', password: 'magnum-domain-admin' },
      service: {
        name: 'magnum',
        domain: isCharmed ? 'service_domain' : 'Default',
        project: isCharmed ? 'services' : 'service',
        password: 'magnum-service',
      },
    },
  }
  const adminPassword = options.adminPassword ?? 'admin-secret'
  if (options.state === undefined) {
    fill(world, seed, adminPassword)
    for (const fault of seed.faults ?? []) {
      const kind = typeof fault === 'string' ? namedFault(fault).damage : undefined
      if (kind !== undefined) damage(world, kind)
    }
  }
  const faultFor = countFaults(requestFaults(seed.faults ?? []))
  let apps = buildApps(world)
  const ready = loadPolicy(world, seed)
  const isFaulty = (seed.faults ?? []).length > 0
  const settle = settler(world)

  const answer = async (request: Request, service?: ServiceType): Promise<Response> => {
    policy ??= await ready
    await settle()
    const pathname = pathOf(request.url)
    const found = apps.find((app) => (service === undefined ? pathname.startsWith(app.prefix) : app.type === service))
    if (found === undefined) return new Response(null, { status: 404 })
    const fault = faultFor(found.type, request.method, pathname.slice(found.prefix.length) || '/')
    return fault === undefined ? found.app.fetch(request) : failing(world, found.app, request, fault)
  }
  // A policy that does not parse is the first request's failure, not an unhandled one.
  ready.catch(() => undefined)
  return {
    answer,
    fetch: (url, init) => {
      const answered = answer(requestOf(url, init))
      return isFaulty ? beforeAbort(answered, init.signal) : answered
    },
    get url() {
      return `${bases.identity}/v3`
    },
    state,
    admin: adminAccount(world, adminPassword),
    region: 'RegionOne',
    issuer: { now: world.now, ids },
    rebase: (to) => {
      Object.assign(bases, typeof to === 'string' ? basesBelow(to) : to)
      apps = buildApps(world)
    },
  }
}

function adminAccount(world: World, password: string): AdminAccount {
  const { adminDomain } = homesOf(world)
  return { name: 'admin', password, userDomain: adminDomain, project: 'admin', projectDomain: adminDomain }
}

function basesBelow(url: string): Record<ServiceType, string> {
  const root = url.replace(/\/$/, '')
  const bases: Partial<Record<ServiceType, string>> = {}
  for (const type of SERVICE_TYPES) bases[type] = `${root}${PREFIXES[type]}`
  return { ...emptyBases, ...bases }
}

const emptyBases: Record<ServiceType, string> = {
  identity: '',
  compute: '',
  network: '',
  image: '',
  'block-storage': '',
  'load-balancer': '',
  'key-manager': '',
  'container-infra': '',
  orchestration: '',
  placement: '',
}

function loaded(policy: Policy | undefined): Policy {
  invariant(policy !== undefined, 'the policy is loaded before the first request is handled')
  return policy
}

function profileFor(seed: Seed): Profile {
  const preset = PRESETS[seed.preset ?? 'zed-patched']
  const base = seed.base === 'charm' || seed.base === 'default' ? seed.base : preset.base
  const profile = profileOf(preset, seed.dialect ?? preset.dialect, base)
  const wanted = (seed.faults ?? []).flatMap((fault) => (typeof fault === 'string' ? [namedFault(fault).security] : []))
  const raised = wanted.find((level) => level !== undefined && !isAtLeast(profile.dialect, level))
  return raised === undefined ? profile : { ...profile, dialect: { ...profile.dialect, security: raised } }
}

function skewOf(faults: readonly Fault[]): number {
  const seconds = faults.map((fault) => (typeof fault === 'string' ? (namedFault(fault).skew ?? 0) : 0))
  return seconds.reduce((sum, each) => sum + each, 0) * 1000
}

async function loadPolicy(world: World, seed: Seed): Promise<Policy> {
  const known = await loadKeystone(world.profile.dialect)
  const ofFaults = (seed.faults ?? []).flatMap((fault) =>
    typeof fault === 'string' ? [namedFault(fault).override] : [],
  )
  const base = baseOf(world, seed)
  const magnumDomainId = world.state.domains.find((row) => row.name === world.magnum.domainAdmin.domain)?.id
  const built = seed.isPersonaBuilt === true ? [buildOverride(known, { base, magnumDomainId }).text] : []
  const texts = [...built, ...(seed.overrides ?? []), ...ofFaults.filter((text) => text !== undefined)]
  const overrides = texts.map((text, index) => ({ file: `policy.d/${index + 1}.yaml`, text }))
  return policyOf(keystoneRules(known, { base, overrides }))
}

function baseOf(world: World, seed: Seed): NonNullable<Parameters<typeof keystoneRules>[1]>['base'] & object {
  if (typeof seed.base === 'object') return { kind: 'file', ...seed.base }
  if (world.profile.adminProject === undefined) return { kind: 'default' }
  const homes = homesOf(world)
  const domainId = (name: string): string => world.state.domains.find((row) => row.name === name)?.id ?? ''
  const serviceDomain = domainId(homes.serviceDomain)
  const services = world.state.projects.find(
    (row) => row.name === homes.serviceProject && row.domain_id === serviceDomain,
  )
  return {
    kind: 'charm',
    settings: { adminDomainId: domainId(homes.adminDomain), serviceProjectId: services?.id ?? '' },
  }
}

/** Every answer has an id, and a call into the system for sixteen bytes costs more than the rest of it. */
function pooledRandom(): (size: number) => Uint8Array {
  const pool = new Uint8Array(4096)
  let used = pool.length
  return (size) => {
    if (used + size > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += size
    return pool.slice(used - size, used)
  }
}

type App = { readonly type: ServiceType; readonly prefix: string; readonly app: Hono }

function buildApps(world: World): readonly App[] {
  return SERVICES.map((service) => ({
    type: service.type,
    prefix: pathOf(world.bases[service.type]),
    app: serviceApp(world, service),
  }))
}

/** Runs what is due, in order of time, before the next request sees the cloud. */
function settler(world: World): () => Promise<void> {
  let running: Promise<void> | undefined
  const runDue = async (): Promise<void> => {
    for (let next = nextDue(world); next !== undefined; next = nextDue(world)) {
      world.state.jobs.delete(next.key)
      await runJob(world, next.job)
    }
  }
  return async () => {
    if (running === undefined && world.state.jobs.size === 0) return
    running ??= runDue().finally(() => {
      running = undefined
    })
    await running
  }
}

function nextDue(world: World): { readonly key: string; readonly job: Job } | undefined {
  let found: { readonly key: string; readonly job: Job } | undefined
  for (const [key, job] of world.state.jobs) {
    if (job.at <= world.now() && (found === undefined || job.at < found.job.at)) found = { key, job }
  }
  return found
}

function requestOf(url: string, init: FetchInit): Request {
  const { method, headers, body } = init
  if (init.signal.aborted) throw init.signal.reason
  return new Request(url, { method, headers, ...(body === undefined ? {} : { body }) })
}

/** Only a fault makes an answer wait, and only then is the caller's deadline worth its price. */
function beforeAbort<Answer>(answered: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
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

/** What a service asks another. Of the faults only those of the certificate store are meant for it. */
async function sendInside(
  apps: readonly App[],
  world: World,
  request: InnerRequest,
  faultFor: ReturnType<typeof countFaults>,
): Promise<InnerAnswer> {
  const found = apps.find((app) => app.type === request.service)
  invariant(found !== undefined, `no service ${request.service}`)
  const fault = request.service === 'key-manager' ? faultFor(request.service, request.method, request.path) : undefined
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    ...request.headers,
  }
  if (request.token !== undefined) headers['X-Auth-Token'] = request.token
  const outer = new Request(`${world.bases[request.service]}${request.path}`, {
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
  const response = fault === undefined ? await found.app.fetch(outer) : await failing(world, found.app, outer, fault)
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, body, headers: response.headers }
}

async function failing(world: World, app: Hono, request: Request, fault: RequestFault): Promise<Response> {
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

/** Without a body of its own: what a proxy in front of the services would write. */
function faultAnswer(world: World, fault: RequestFault): Response {
  const headers = { Date: new Date(world.now()).toUTCString(), ...fault.headers }
  const status = fault.status ?? 500
  if (fault.body !== undefined) {
    return new Response(JSON.stringify(fault.body), {
      status,
      headers: { ...headers, 'Content-Type': 'application/json' },
    })
  }
  const html = `<html><body><h1>${status}</h1>\nNo server is available to handle this request.\n</body></html>\n`
  return new Response(html, { status, headers: { ...headers, 'Content-Type': 'text/html' } })
}
