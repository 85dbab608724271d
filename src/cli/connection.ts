import { setMaxListeners } from 'node:events'
import type { Auth } from '../openstack/auth.ts'
import type { ClientCertificate } from '../openstack/client-certificate.ts'
import { InputError, StopError } from '../errors.ts'
import { chooseCloud } from '../openstack/cloud-choice.ts'
import type { CloudOfFile } from '../openstack/cloud-choice.ts'
import { millisecondsOf, placeOf, timeoutHint, variablesSource } from '../openstack/clouds.ts'
import type { CloudConfig, CloudSources } from '../openstack/clouds.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { createFreshTransport } from '../openstack/fresh.ts'
import { createTransport } from '../openstack/http.ts'
import { proxyOf } from '../openstack/no-proxy.ts'
import type { Endpoint, Origin } from '../openstack/options.ts'
import { openSession } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { readTlsFiles } from '../openstack/tls-files.ts'
import { programs } from '../logs/program.ts'
import { readInput, recordedLimit, writtenLimit } from '../tenant/input-file.ts'
import type { ExternalAccess } from '../onboarding/external-access.ts'
import { expectedKeystone } from '../tenant/keystone.ts'
import type { DataFolders, ExpectedKeystone } from '../tenant/keystone.ts'
import { usedCloud } from '../tenant/used-cloud.ts'
import type { UsedCloud } from '../tenant/used-cloud.ts'
import type { CommandContext } from './context.ts'
import type { PlanOptions } from './definitions/tenant.ts'

/** The cloud, for an operator. */
export type Connection = CloudClient & {
  readonly config: CloudConfig
  /** PEM, where clouds.yaml names a CA. */
  readonly ca: string | undefined
  readonly operator: Session<'operator'>
  readonly keystone: ExpectedKeystone
  readonly used: () => UsedCloud
}

type Open = <A extends string>(actor: A, auth: Auth, origin?: Origin) => Session<A>

/** The cloud, without a session. */
export type CloudClient = {
  readonly endpoint: Endpoint
  /** A session of any identity on this cloud. */
  readonly open: Open
  /** The same with its own record, or without one: the record of a whole fleet would fill the memory. */
  readonly openFor: (record: Exchange[] | undefined) => Open
  /** Access beside the OpenStack APIs: Kubernetes clusters and logs. */
  readonly external: ExternalAccess
  /** Every request so far, without secrets. */
  readonly exchanges: readonly Exchange[]
  /** Ends what is still under way for an answer that is known: without a word, and without another attempt. */
  readonly stopRest: () => void
  /** Also `stopRest`. */
  readonly close: () => Promise<void>
}

export type ConnectionOptions = Pick<PlanOptions, 'cloud' | 'region' | 'debug' | 'allowHttp' | 'apiTimeout'> & {
  /** Opens a new connection for every request (fresh.ts). */
  readonly isFresh?: boolean
}

/** The operator's entry of clouds.yaml, or the `OS_*` variables; `file` is a tenant file that names a cloud, if there is one. */
export function loadOperator(
  { cloud, region }: ConnectionOptions,
  file: CloudOfFile | undefined,
  io: CommandContext,
): Promise<CloudConfig> {
  return chooseCloud({ flag: cloud, file, region }, sourcesOf(io))
}

/** Where clouds are looked for. */
export function sourcesOf({ env, home, cwd }: CommandContext): CloudSources {
  return { env, home, cwd, readText }
}

/** Sends nothing yet, but reads and checks the CA, and which Keystone the data directory belongs to. */
export async function connect(
  config: CloudConfig,
  folders: DataFolders,
  options: ConnectionOptions,
  io: CommandContext,
): Promise<Connection> {
  return connectTo(await expectedKeystone(folders, config.endpoint), config, options, io)
}

/** The same with a Keystone that is expected otherwise. */
export async function connectTo(
  keystone: ExpectedKeystone,
  config: CloudConfig,
  options: ConnectionOptions,
  io: CommandContext,
): Promise<Connection> {
  const { ca, identity } = await readTlsFiles(config, { readText, now: io.now() })
  const client = openClient({ ...config, ca, identity, keystone }, options, io)
  const operator = client.open('operator', config.auth, originOf(config))
  return { ...client, config, ca, keystone, operator, used: () => usedCloud(config, operator.lastToken) }
}

/** Where an operator's entry was written, and how to try its credential. */
export function originOf(config: Pick<CloudConfig, 'name' | 'source'>): Origin {
  const entry = config.source === variablesSource ? '' : `--os-cloud ${config.name} `
  return { place: placeOf(config), attempt: `openstack ${entry}token issue` }
}

export function openClient(
  {
    ca,
    identity,
    isInsecure,
    keystone,
    ...config
  }: Pick<CloudConfig, 'endpoint' | 'isInsecure' | 'deadlineMs'> & {
    readonly ca: string | undefined
    readonly identity?: ClientCertificate | undefined
    readonly keystone: ExpectedKeystone
  },
  options: ConnectionOptions,
  io: CommandContext,
): CloudClient {
  const create = options.isFresh === true ? createFreshTransport : createTransport
  const { fetch, close } =
    io.fetch === undefined
      ? create({
          ...(ca === undefined ? {} : { ca }),
          ...(identity === undefined ? {} : { client: identity }),
          isInsecure,
          proxy: proxyOf(io.env),
        })
      : { fetch: io.fetch, close: () => Promise.resolve() }
  const endpoint = { ...config.endpoint, allowHttp: options.allowHttp === true }
  const exchanges: Exchange[] = []
  const deadlineMs = deadlineOf(options) ?? io.deadlineMs ?? config.deadlineMs
  let underWay = scope()
  const abort = (): void => {
    underWay.abort(new StopError('the command has its answer'))
  }
  const stopRest = (): void => {
    abort()
    underWay = scope()
  }
  const openFor =
    (record: Exchange[] | undefined): Open =>
    (actor, auth, origin) =>
      openSession({
        actor,
        endpoint,
        auth,
        origin,
        fetch,
        now: io.now,
        sleep: io.sleep,
        get signal() {
          return underWay.signal
        },
        ...(io.startTimer === undefined ? {} : { startTimer: io.startTimer }),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        onSignIn: keystone.check,
        onExchange: (exchange) => {
          record?.push(exchange)
          io.onExchange?.(exchange)
          if (options.debug === true) io.err(`${renderExchange(exchange)}\n`)
        },
        onRetry: (retry) => {
          io.err(
            `${retry.service}: ${retry.method} ${retry.path}: ${retry.because}; again in ${(retry.delayMs / 1000).toFixed(1)} s\n`,
          )
        },
      })
  const external = { fetch, run: programs(io.env, io.stop) }
  const end = (): Promise<void> => {
    // for good: what a chain of reads asks next would be sent on closed connections
    abort()
    return close()
  }
  return { endpoint, open: openFor(exchanges), openFor, external, exchanges, stopRest, close: end }
}

function scope(): AbortController {
  const controller = new AbortController()
  // each request under way listens; Node takes more than ten for a leak
  setMaxListeners(0, controller.signal)
  return controller
}

/** Of `--api-timeout`, in milliseconds. Throws `InputError` if it is no time. */
function deadlineOf({ apiTimeout }: ConnectionOptions): number | undefined {
  if (apiTimeout === undefined) return undefined
  const milliseconds = millisecondsOf(apiTimeout)
  if (milliseconds === undefined)
    throw new InputError([{ message: `\`--api-timeout\` is \`${apiTimeout}\``, hint: timeoutHint }])
  return milliseconds
}

function renderExchange({ actor, service, method, path, status, requestId, ms, attempt }: Exchange): string {
  const again = attempt === 1 ? '' : ` (attempt ${attempt})`
  return `${actor.padEnd(10)} ${service.padEnd(15)} ${method} ${path} ${status ?? 'no answer'} ${ms} ms ${requestId ?? ''}${again}`.trimEnd()
}

/** The text of a file, `undefined` when it cannot be read. Throws `InputError` for what is no text file. */
export function readText(path: string): Promise<string | undefined> {
  return readInput(path, { limit: path.endsWith('.jsonl') ? recordedLimit : writtenLimit })
}
