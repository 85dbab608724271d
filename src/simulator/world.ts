/** The context of every handler: the rows, the time, the random source, and the way to another service. */
import type { KubernetesFault } from './kubernetes/fault.ts'
import type { ClusterFault } from './cluster-fault.ts'
import type { Policy } from './services/keystone/rules.ts'
import type { Profile } from './profile.ts'
import type { Cluster, State } from './state.ts'

/** In the order of the catalog, and of the ports of a cloud that is spread. */
export const SERVICE_TYPES = [
  'identity',
  'compute',
  'network',
  'image',
  'block-storage',
  'load-balancer',
  'key-manager',
  'container-infra',
  'orchestration',
  'placement',
] as const

export type ServiceType = (typeof SERVICE_TYPES)[number]

export type CatalogEntry = {
  readonly type: string
  readonly name: string
  /** Behind the service's base; `%(project_id)s` is filled in for each token. */
  readonly path: string
}

export const REGION = 'RegionOne'

export type World = {
  readonly state: State
  /** Milliseconds since 1970, by the cloud's clock. */
  readonly now: () => number
  readonly ids: Ids
  /** The address of each service, without a trailing slash. */
  readonly bases: Readonly<Record<ServiceType, string>>
  /** What the catalog has of each service. */
  readonly catalog: Readonly<Record<ServiceType, readonly CatalogEntry[]>>
  readonly profile: Profile
  readonly policy: Policy
  /** A request from one service to another, without the faults for clients. */
  readonly send: (request: InnerRequest) => Promise<InnerAnswer>
  readonly pace: Pace
  /** The fault inside of every cluster. */
  readonly kubernetesFaults: ReadonlySet<KubernetesFault>
  /** What goes wrong behind Magnum with every cluster. */
  readonly clusterFaults: ReadonlySet<ClusterFault>
  /** Gives a cluster an address of its API, if the cloud is served; otherwise only `fetch` reaches it. */
  readonly hosts: { current: ((cluster: Cluster) => Promise<string>) | undefined }
  /** Magnum's own accounts, as in its configuration file. */
  readonly magnum: MagnumAccounts
}

export type Account = { readonly name: string; readonly domain: string; readonly password: string }

export type MagnumAccounts = {
  /** In the trustee domain, with `admin` on it. */
  readonly domainAdmin: Account
  /** Of the service project. */
  readonly service: Account & { readonly project: string }
}

/** Durations, in milliseconds of the cloud's clock. */
export type Pace = {
  /** From the 202 of a cluster create to its row: the conductor is another process. */
  readonly clusterAccepted: number
  readonly clusterCreated: number
  readonly clusterDeleted: number
  readonly clusterResized: number
  /** Between two looks at a cluster whose state the driver waits for. magnum, service/periodic.py: 10 s. */
  readonly clusterPolled: number
  /** Between two looks at its health. magnum, conf/kubernetes.py, health_polling_interval: 60 s. */
  readonly healthPolled: number
}

export type InnerRequest = {
  readonly service: ServiceType
  readonly method: string
  readonly path: string
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type InnerAnswer = {
  readonly status: number
  readonly body: unknown
  readonly headers: { get(name: string): string | null }
}

export type Ids = {
  readonly bytes: (size: number) => Uint8Array
  /** 32 hexadecimal digits, as Keystone makes them. */
  readonly hex: () => string
  readonly uuid: () => string
}

export function makeIds(random: (size: number) => Uint8Array): Ids {
  const digits = (): string => Buffer.from(random(16)).toString('hex')
  return {
    bytes: random,
    hex: digits,
    uuid: () => {
      const hex = digits()
      const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4)
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}

/** `2026-11-23T02:46:55Z`, and the forms that differ in the fraction or the zone. */
export function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** Without a zone: `2026-11-23T02:46:55`. */
export function isoNaive(at: number): string {
  return new Date(at).toISOString().slice(0, 19)
}

/** `2026-11-23T02:46:55.000000Z`: Keystone's tokens have seconds and print microseconds. */
export function isoMicros(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}.000000Z`
}
