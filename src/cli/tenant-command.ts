import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { parseCloudFacts } from '../tenant/cloud-facts.ts'
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
import { connect, loadOperator, readText } from './connection.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'

/** The common beginning of every command on a tenant. */
export type TenantOptions = { readonly cloud?: string | undefined; readonly home?: string | undefined }
export type CloudOptions = TenantOptions & ConnectionOptions

export type LoadedTenant = {
  readonly file: string
  readonly tenant: Tenant
  readonly home: Home
  readonly secrets: SecretStore
}

export async function loadTenant(file: string, options: TenantOptions, io: CommandContext): Promise<LoadedTenant> {
  const path = resolve(io.cwd, file)
  const text = await readText(path)
  if (text === undefined) throw new InputError(`there is no file \`${file}\``)
  const spec = parseSpec(file, text)
  const home = homeOf(resolve(io.cwd, options.home ?? join(io.home, 'tenant-onboard')), spec.cloud, spec.tenant)
  const cloudText = await readText(home.cloudFile)
  const facts = cloudText === undefined ? {} : parseCloudFacts(home.cloudFile, cloudText)
  return { file, tenant: tenantOf(spec, facts), home, secrets: secretStore(home.secrets) }
}

export type OpenCloud = Connection & { readonly sessions: Sessions; readonly digests: Digests }

/** The cloud of a tenant, with a session for each of its actors. Sends nothing yet. */
export async function openCloud(loaded: LoadedTenant, options: CloudOptions, io: CommandContext): Promise<OpenCloud> {
  const connection = await connect(await loadOperator(options, loaded.tenant.spec.cloud, io), options, io)
  const { open, operator, config } = connection
  return {
    ...connection,
    sessions: sessionsOf(loaded.tenant, loaded.secrets, open, operator),
    digests: digestsOf(loaded.tenant, config.endpoint.authUrl),
  }
}
