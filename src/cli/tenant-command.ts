import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import type { CloudOfFile } from '../openstack/cloud-choice.ts'
import { parseCloudFacts } from '../tenant/cloud-facts.ts'
import { contextOf } from '../tenant/context.ts'
import type { LoadedTenant, TenantContext } from '../tenant/context.ts'
import { homeOf } from '../tenant/home.ts'
import { readPolicyMark } from '../tenant/policy-mark.ts'
import { secretStore } from '../tenant/secret-store.ts'
import { parseSpec } from '../tenant/spec.ts'
import { tenantOf } from '../tenant/tenant.ts'
import { connect, loadOperator, readText } from './connection.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'
import { homeRoot } from './home-root.ts'
import type { PlanOptions } from './definitions/tenant.ts'

/*
 * What every command on a tenant begins with: its file and home, then its cloud as an operator reaches it. As the tenant
 * itself reaches it: tenant-side.ts. Nothing in here talks yet.
 */

export type TenantOptions = Pick<PlanOptions, 'cloud' | 'home'>
export type CloudOptions = TenantOptions & ConnectionOptions

export async function loadTenant(file: string, options: TenantOptions, io: CommandContext): Promise<LoadedTenant> {
  const alone = await loadTenantAlone(file, options, io)
  const { home, tenant } = alone
  const text = await readText(home.cloudFile)
  return text === undefined ? alone : { ...alone, tenant: tenantOf(tenant.spec, parseCloudFacts(home.cloudFile, text)) }
}

/** Without cloud.yaml: that is an operator's. */
export async function loadTenantAlone(
  file: string,
  options: Pick<TenantOptions, 'home'>,
  io: CommandContext,
): Promise<LoadedTenant> {
  const path = resolve(io.cwd, file)
  const text = await readText(path)
  if (text === undefined) throw new InputError(`there is no file \`${file}\``)
  const spec = parseSpec(file, text)
  const home = homeOf(homeRoot(options, io), spec.cloud, spec.tenant)
  const policy = await readPolicyMark(home)
  return { file: path, tenant: tenantOf(spec, {}), home, secrets: secretStore(home.secrets), policy }
}

export type OpenCloud = TenantContext & Connection

export async function openCloud(loaded: LoadedTenant, options: CloudOptions, io: CommandContext): Promise<OpenCloud> {
  const config = await loadOperator(options, cloudOf(loaded), io)
  return contextOf(loaded, await connect(config, loaded.home.folders, options, io), io)
}

/** What the tenant file says of its cloud. */
export function cloudOf({ file, tenant }: Pick<LoadedTenant, 'file' | 'tenant'>): CloudOfFile {
  return { name: tenant.spec.cloud, path: file }
}
