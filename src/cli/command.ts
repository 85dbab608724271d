import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import type { Auth } from '../openstack/auth.ts'
import { readCa } from '../openstack/ca.ts'
import { loadCloud } from '../openstack/clouds.ts'
import type { CloudConfig } from '../openstack/clouds.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { createTransport } from '../openstack/http.ts'
import type { Endpoint } from '../openstack/options.ts'
import { openSession } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { parseCloudFile } from '../tenant/cloud-file.ts'
import { homeOf } from '../tenant/home.ts'
import type { Home } from '../tenant/home.ts'
import { secretStore } from '../tenant/secret-store.ts'
import type { SecretStore } from '../tenant/secret-store.ts'
import { sessionsOf } from '../tenant/sessions.ts'
import type { Sessions } from '../tenant/sessions.ts'
import { parseSpec } from '../tenant/spec.ts'
import { digestsOf, tenantOf } from '../tenant/tenant.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Digests } from '../tenant/evidence.ts'
import type { Io } from './io.ts'

/** What every command on a tenant begins with. */
export type TenantOptions = { readonly cloud?: string | undefined; readonly home?: string | undefined }
export type CloudOptions = TenantOptions & { readonly debug?: true | undefined; readonly allowHttp?: true | undefined }

export type LoadedTenant = {
  readonly file: string
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
}

export async function loadTenant(file: string, options: TenantOptions, io: Io): Promise<LoadedTenant> {
  const path = resolve(io.cwd, file)
  const text = await readText(path)
  if (text === undefined) throw new InputError(`there is no file \`${file}\``)
  const spec = parseSpec(file, text)
  const home = homeOf(resolve(io.cwd, options.home ?? join(io.home, 'tenant-onboard')), spec.cloud, spec.tenant)
  const cloudText = await readText(home.cloudFile)
  const facts = cloudText === undefined ? {} : parseCloudFile(home.cloudFile, cloudText)
  return { file, tenant: tenantOf(spec, facts), home, secrets: secretStore(home.secrets) }
}

/** The operator's entry of clouds.yaml, or the `OS_*` variables. */
export function loadOperator(loaded: LoadedTenant, options: TenantOptions, io: Io): Promise<CloudConfig> {
  const isTold = (io.env['OS_CLOUD'] ?? '') !== '' || (io.env['OS_AUTH_URL'] ?? '') !== ''
  const name = options.cloud ?? (isTold ? undefined : loaded.tenant.spec.cloud)
  return loadCloud({ name }, { env: io.env, home: io.home, cwd: io.cwd, readText })
}

export type OpenCloud = {
  readonly config: CloudConfig
  readonly ca: string | undefined
  readonly endpoint: Endpoint
  readonly operator: Session<'operator'>
  /** A session of any identity on this cloud. */
  readonly open: <A extends string>(actor: A, auth: Auth) => Session<A>
  readonly sessions: Sessions
  readonly digests: Digests
  /** Every request so far, without secrets. */
  readonly exchanges: readonly Exchange[]
  readonly close: () => Promise<void>
}

/** Does not talk yet, but the CA is read and judged. */
export async function openCloud(loaded: LoadedTenant, options: CloudOptions, io: Io): Promise<OpenCloud> {
  const config = await loadOperator(loaded, options, io)
  const ca = config.caFile === undefined ? undefined : await readCa(config.caFile, { readText, now: io.now() })
  const { fetch, close } =
    io.fetch === undefined
      ? createTransport({ ...(ca === undefined ? {} : { ca }), isInsecure: config.isInsecure, proxy: proxyOf(io) })
      : { fetch: io.fetch, close: () => Promise.resolve() }
  const exchanges: Exchange[] = []
  const endpoint = { ...config.endpoint, allowHttp: options.allowHttp === true }
  const open = <A extends string>(actor: A, auth: Auth): Session<A> =>
    openSession({
      actor,
      endpoint,
      auth,
      fetch,
      now: io.now,
      sleep: io.sleep,
      ...(io.deadlineMs === undefined ? {} : { deadlineMs: io.deadlineMs }),
      onExchange: (exchange) => {
        exchanges.push(exchange)
        if (options.debug === true) io.err(`${renderExchange(exchange)}\n`)
      },
      onRetry: (retry) => {
        io.err(
          `${retry.service}: ${retry.method} ${retry.path}: ${retry.because}; again in ${(retry.delayMs / 1000).toFixed(1)} s\n`,
        )
      },
    })
  const operator = open('operator', config.auth)
  const sessions = sessionsOf(loaded.tenant, loaded.secrets, open, operator)
  return {
    config,
    ca,
    endpoint,
    operator,
    open,
    sessions,
    digests: digestsOf(loaded.tenant, config.endpoint.authUrl),
    exchanges,
    close,
  }
}

function renderExchange({ actor, service, method, path, status, requestId, ms, attempt }: Exchange): string {
  const again = attempt === 1 ? '' : ` (attempt ${attempt})`
  return `${actor.padEnd(10)} ${service.padEnd(15)} ${method} ${path} ${status ?? 'no answer'} ${ms} ms ${requestId ?? ''}${again}`.trimEnd()
}

function proxyOf({ env }: Io): { https?: string; http?: string; no?: string } {
  const pick = (name: string): string | undefined => env[name.toLowerCase()] ?? env[name]
  const [https, http, no] = [pick('HTTPS_PROXY'), pick('HTTP_PROXY'), pick('NO_PROXY')]
  return {
    ...(https === undefined ? {} : { https }),
    ...(http === undefined ? {} : { http }),
    ...(no === undefined ? {} : { no }),
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
