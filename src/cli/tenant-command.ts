import { resolve } from 'node:path'
import type { CloudOfFile } from '../openstack/cloud-choice.ts'
import { contextOf } from '../tenant/context.ts'
import type { LoadedTenant, TenantContext } from '../tenant/context.ts'
import { loadTenantFile, loadTenantFiles } from '../tenant/load.ts'
import type { TenantPlace } from '../tenant/load.ts'
import { connect, loadOperator } from './connection.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { CommandContext } from './context.ts'
import { homeRoot } from './home-root.ts'
import type { PlanOptions } from './definitions/tenant.ts'

/*
 * What every command on a tenant begins with: its file and home, then its cloud as an operator reaches it. As the tenant
 * itself reaches it: tenant-side.ts. Nothing in here talks yet.
 */

export type TenantOptions = Pick<PlanOptions, 'cloud' | 'region' | 'home'>
export type CloudOptions = TenantOptions & ConnectionOptions

export function loadTenant(file: string, options: TenantOptions, io: CommandContext): Promise<LoadedTenant> {
  return loadTenantFiles(placeOf(file, options, io))
}

/** Without cloud.yaml: that is an operator's. */
export function loadTenantAlone(
  file: string,
  options: Pick<TenantOptions, 'home'>,
  io: CommandContext,
): Promise<LoadedTenant> {
  return loadTenantFile(placeOf(file, options, io))
}

function placeOf(file: string, options: Pick<TenantOptions, 'home'>, io: CommandContext): TenantPlace {
  return { path: resolve(io.cwd, file), shown: file, root: homeRoot(options, io) }
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
