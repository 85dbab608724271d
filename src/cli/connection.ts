import { readFile } from 'node:fs/promises'
import type { Auth } from '../openstack/auth.ts'
import { readCa } from '../openstack/ca.ts'
import { loadCloud } from '../openstack/clouds.ts'
import type { CloudConfig } from '../openstack/clouds.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { createFreshTransport } from '../openstack/fresh.ts'
import { createTransport } from '../openstack/http.ts'
import type { Endpoint } from '../openstack/options.ts'
import { openSession } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { programs } from '../logs/program.ts'
import type { ExternalAccess } from '../onboarding/external-access.ts'
import type { CommandContext } from './context.ts'

/** A cloud as an operator reaches it. */
export type Connection = CloudClient & {
  readonly config: CloudConfig
  /** PEM, where clouds.yaml names a CA. */
  readonly ca: string | undefined
  readonly operator: Session<'operator'>
}

/** A cloud, and nobody signed in to it. */
export type CloudClient = {
  readonly endpoint: Endpoint
  /** A session of any identity on this cloud. */
  readonly open: <A extends string>(actor: A, auth: Auth) => Session<A>
  /** The same with a record of its own, or without one: a fleet would fill the memory with it. */
  readonly openFor: (record: Exchange[] | undefined) => <A extends string>(actor: A, auth: Auth) => Session<A>
  /** What is reached beside the cloud: its clusters, its logs. */
  readonly external: ExternalAccess
  /** Every request so far, without secrets. */
  readonly exchanges: readonly Exchange[]
  readonly close: () => Promise<void>
}

export type ConnectionOptions = {
  readonly cloud?: string | undefined
  readonly debug?: true | undefined
  readonly allowHttp?: true | undefined
  /** A connection of its own for every request (fresh.ts). */
  readonly isFresh?: boolean
}

/** The operator's entry of clouds.yaml, or the `OS_*` variables; `fallback` where neither was named. */
export function loadOperator(
  options: ConnectionOptions,
  fallback: string | undefined,
  io: CommandContext,
): Promise<CloudConfig> {
  const isTold = (io.env['OS_CLOUD'] ?? '') !== '' || (io.env['OS_AUTH_URL'] ?? '') !== ''
  const name = options.cloud ?? (isTold ? undefined : fallback)
  return loadCloud({ name }, { env: io.env, home: io.home, cwd: io.cwd, readText })
}

/** Does not talk yet, but the CA is read and judged. */
export async function connect(
  config: CloudConfig,
  options: ConnectionOptions,
  io: CommandContext,
): Promise<Connection> {
  const ca = config.caFile === undefined ? undefined : await readCa(config.caFile, { readText, now: io.now() })
  const line = openLine(config, ca, options, io)
  return { ...line, config, ca, operator: line.open('operator', config.auth) }
}

export function openLine(
  config: Pick<CloudConfig, 'endpoint' | 'isInsecure'>,
  ca: string | undefined,
  options: ConnectionOptions,
  io: CommandContext,
): CloudClient {
  const create = options.isFresh === true ? createFreshTransport : createTransport
  const { fetch, close } =
    io.fetch === undefined
      ? create({ ...(ca === undefined ? {} : { ca }), isInsecure: config.isInsecure, proxy: proxyOf(io) })
      : { fetch: io.fetch, close: () => Promise.resolve() }
  const endpoint = { ...config.endpoint, allowHttp: options.allowHttp === true }
  const exchanges: Exchange[] = []
  const openFor =
    (record: Exchange[] | undefined) =>
    <A extends string>(actor: A, auth: Auth): Session<A> =>
      openSession({
        actor,
        endpoint,
        auth,
        fetch,
        now: io.now,
        sleep: io.sleep,
        ...(io.startTimer === undefined ? {} : { startTimer: io.startTimer }),
        ...(io.deadlineMs === undefined ? {} : { deadlineMs: io.deadlineMs }),
        onExchange: (exchange) => {
          record?.push(exchange)
          if (options.debug === true) io.err(`${renderExchange(exchange)}\n`)
        },
        onRetry: (retry) => {
          io.err(
            `${retry.service}: ${retry.method} ${retry.path}: ${retry.because}; again in ${(retry.delayMs / 1000).toFixed(1)} s\n`,
          )
        },
      })
  const external = { fetch, run: programs(io.env, io.stop) }
  return { endpoint, open: openFor(exchanges), openFor, external, exchanges, close }
}

function renderExchange({ actor, service, method, path, status, requestId, ms, attempt }: Exchange): string {
  const again = attempt === 1 ? '' : ` (attempt ${attempt})`
  return `${actor.padEnd(10)} ${service.padEnd(15)} ${method} ${path} ${status ?? 'no answer'} ${ms} ms ${requestId ?? ''}${again}`.trimEnd()
}

function proxyOf({ env }: CommandContext): { https?: string; http?: string; no?: string } {
  const pick = (name: string): string | undefined => env[name.toLowerCase()] ?? env[name]
  const [https, http, no] = [pick('HTTPS_PROXY'), pick('HTTP_PROXY'), pick('NO_PROXY')]
  return {
    ...(https === undefined ? {} : { https }),
    ...(http === undefined ? {} : { http }),
    ...(no === undefined ? {} : { no }),
  }
}

/** The text of a file, `undefined` when it cannot be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
