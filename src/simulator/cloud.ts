/**
 * An OpenStack that is a `fetch` function: one app for each service over one state. `createCloud` is all that a test or
 * the demo needs; `serve` puts the same cloud on a port.
 */
import { randomFillSync } from 'node:crypto'
import { authorityOf } from './services/magnum/authority.ts'
import { beforeAbort, deliver } from './delivery.ts'
import { answerKubernetes } from './kubernetes/api-server.ts'
import type { ClusterFault } from './cluster-fault.ts'
import { countFaults, namedFault, requestFaults } from './faults.ts'
import { damage } from './damage.ts'
import { emptyState } from './state.ts'
import { fill } from './seed.ts'
import { homesOf } from './profile.ts'
import { invariant } from '../errors.ts'
import { issueServerCertificate } from './certificate-authority.ts'
import { loadPolicy } from './services/keystone/load-policy.ts'
import { basesBelow, ofEachService, services } from './services.ts'
import { makeIds, REGION } from './world.ts'
import { profileFor } from './seed-profile.ts'
import { runJob } from './services/magnum/conductor.ts'
import { shakeHands } from './kubernetes/handshake.ts'
import { answerVault, VAULT_PREFIX } from './vault.ts'
import { pathOf, serviceApp } from './service.ts'
import type { Hono } from 'hono'
import type { Authority } from './certificate-authority.ts'
import type { Damage, Fault, VaultMode } from './faults.ts'
import type { KubernetesFault } from './kubernetes/fault.ts'
import type { Fetch, FetchInit } from '../openstack/http.ts'
import type { InnerAnswer, InnerRequest, Pace, ServiceType, World } from './world.ts'
import type { Cluster, Job, State } from './state.ts'
import type { Policy } from './services/keystone/rules.ts'
import type { Seed } from './seed.ts'

export type CloudOptions = {
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly random?: (size: number) => Uint8Array
  /** The root of the services: `/identity` and so on below it. */
  readonly url?: string
  readonly adminPassword?: string
  readonly pace?: Partial<Pace>
  /** An earlier state; the seed's objects are then not made. */
  readonly state?: State
}

export type Cloud = {
  readonly fetch: Fetch
  /** The same with a whole `Request`, for a server. Throws if a fault breaks the connection. */
  readonly answer: (request: Request, service?: ServiceType) => Promise<Response>
  /** Keystone's address with its version, for `auth_url`. */
  readonly url: string
  readonly state: State
  /** The cloud admin, who signs in by password with a scope of `project`. */
  readonly admin: AdminAccount
  readonly region: string
  /** Moves the endpoints below another URL, or each to its own: a port is known only once it is open. */
  readonly rebase: (to: string | Readonly<Record<ServiceType, string>>) => void
  readonly issuer: Pick<World, 'now' | 'ids'>
  /** Damages the current state, as a fault of that name does in a new cloud. */
  readonly damage: (kind: Damage) => void
  /** The API of a cluster, for a server. The client has proved that it holds the key of `certificate`. */
  readonly answerCluster: (cluster: Cluster, request: Request, certificate: string | undefined) => Response
  /** The certificate of its API in a handshake on that host. PEM. */
  readonly clusterIdentity: (uuid: string, host: string) => Promise<Authority & { readonly ca: string }>
  /** From now on `host` gives an address to every completed cluster, present and future. */
  readonly hostClusters: (host: (cluster: Cluster) => Promise<string>) => Promise<void>
}

export type AdminAccount = {
  readonly name: string
  readonly password: string
  readonly userDomain: string
  readonly project: string
  readonly projectDomain: string
}

const PACE: Pace = {
  clusterAccepted: 50,
  clusterCreated: 3000,
  clusterDeleted: 1000,
  clusterResized: 1000,
  clusterPolled: 10_000,
  healthPolled: 60_000,
}

/**
 * Without a seed: Debian's Keystone 22 with every fix, an override for the domain manager, and no account but the
 * operator.
 */
export const defaultSeed: Seed = { preset: 'zed-patched', isPersonaBuilt: true }

export function createCloud(seed: Seed = defaultSeed, options: CloudOptions = {}): Cloud {
  const profile = profileFor(seed)
  const bases = basesBelow(options.url ?? 'https://simulator.test')
  const skew = skewOf(seed.faults ?? [])
  const clock = options.now ?? Date.now
  let policy: Policy | undefined
  const ids = makeIds(options.random ?? pooledRandom())
  const state = options.state ?? emptyState()
  const homes = homesOf(profile)
  const world: World = {
    state,
    now: () => clock() + skew,
    ids,
    bases,
    catalog: ofEachService(({ catalog }) => catalog),
    profile,
    policy: {
      isAllowed: (...asked) => loaded(policy).isAllowed(...asked),
      isAlwaysTrue: (action) => loaded(policy).isAlwaysTrue(action),
    },
    send: (request) => sendInside(apps, world, request, faultFor),
    pace: { ...PACE, ...options.pace },
    kubernetesFaults: new Set(kubernetesFaultsOf(seed.faults ?? [])),
    clusterFaults: new Set(clusterFaultsOf(seed.faults ?? [])),
    hosts: { current: undefined },
    magnum: {
      domainAdmin: { name: 'magnum_domain_admin', domain: 'magnum', password: 'magnum-domain-admin' },
      service: {
        name: 'magnum',
        domain: homes.serviceDomain,
        project: homes.serviceProject,
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
    if (service === undefined && pathname.includes(VAULT_PREFIX)) return answerVault(vaultOf(seed), request)
    const found = apps.find((app) => (service === undefined ? pathname.startsWith(app.prefix) : app.type === service))
    if (found === undefined) return new Response(null, { status: 404 })
    const fault = faultFor(found.type, request.method, pathname.slice(found.prefix.length) || '/')
    return fault === undefined ? found.app.fetch(request) : deliver(world, found.app, request, fault)
  }
  // A policy that does not parse fails the first request, and is no unhandled rejection.
  ready.catch(() => undefined)
  return {
    answer,
    fetch: async (url, init) => {
      const cluster = clusterAt(world, url)
      if (cluster !== undefined)
        return answerKubernetes(world, cluster, requestOf(url, init), shakeHands(world, cluster, init.identity))
      const answered = answer(requestOf(url, init))
      return isFaulty ? beforeAbort(answered, init.signal) : answered
    },
    get url() {
      return `${bases.identity}/v3`
    },
    state,
    admin: adminAccount(world, adminPassword),
    region: REGION,
    issuer: { now: world.now, ids },
    damage: (kind) => {
      damage(world, kind)
    },
    answerCluster: (cluster, request, certificate) => answerKubernetes(world, cluster, request, certificate),
    clusterIdentity: async (uuid, host) => {
      const row = state.clusters.get(uuid)
      invariant(row !== undefined, `there is no cluster ${uuid}`)
      const authority = authorityOf(world, row, 'ca')
      const hosts = { names: ['kubernetes'], addresses: [host] }
      return { ...(await issueServerCertificate(world, authority, hosts)), ca: authority.certificate }
    },
    hostClusters: async (host) => {
      world.hosts.current = host
      for (const row of [...state.clusters.values()].filter((each) => each.api_address !== null))
        state.clusters.set(row.uuid, { ...row, api_address: await host(row) })
    },
    rebase: (to) => {
      Object.assign(bases, typeof to === 'string' ? basesBelow(to) : to)
      apps = buildApps(world)
    },
  }
}

function adminAccount(world: World, password: string): AdminAccount {
  const { adminDomain } = homesOf(world.profile)
  return { name: 'admin', password, userDomain: adminDomain, project: 'admin', projectDomain: adminDomain }
}

function loaded(policy: Policy | undefined): Policy {
  invariant(policy !== undefined, 'the policy is loaded before the first request is handled')
  return policy
}

function vaultOf({ faults = [] }: Seed): VaultMode {
  const modes = faults.flatMap((fault) => (typeof fault === 'string' ? (namedFault(fault).vault ?? []) : []))
  return modes[0] ?? 'works'
}

function clusterFaultsOf(faults: readonly Fault[]): readonly ClusterFault[] {
  return faults.flatMap((fault) => (typeof fault === 'string' ? (namedFault(fault).cluster ?? []) : []))
}

function kubernetesFaultsOf(faults: readonly Fault[]): readonly KubernetesFault[] {
  return faults.flatMap((fault) => (typeof fault === 'string' ? (namedFault(fault).kubernetes ?? []) : []))
}

/** The cluster whose API has this address, if any: these addresses are outside of all services. */
function clusterAt(world: World, url: string): Cluster | undefined {
  const { origin } = new URL(url)
  return world.state.clusters.find((row) => row.api_address === origin)
}

function skewOf(faults: readonly Fault[]): number {
  const seconds = faults.map((fault) => (typeof fault === 'string' ? (namedFault(fault).skew ?? 0) : 0))
  return seconds.reduce((sum, each) => sum + each, 0) * 1000
}

/** Every answer has an id, and a system call for sixteen bytes costs more than the rest of it. */
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
  return services.map((service) => ({
    type: service.type,
    prefix: pathOf(world.bases[service.type]),
    app: serviceApp(world, service),
  }))
}

/** Runs the due tasks, in order of time, before the next request. */
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

/** A request from one service to another. Only the faults of the certificate store apply to it. */
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
  const response = fault === undefined ? await found.app.fetch(outer) : await deliver(world, found.app, outer, fault)
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, body, headers: response.headers }
}
