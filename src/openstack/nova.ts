import { findByName, get, list, send } from './resource-requests.ts'
import { refusalOf } from './session.ts'
import type { Session } from './session.ts'
import { inside, number, numbers, object, objectsOf, optional, orNull, flag, text } from './shape.ts'

export type Flavor = {
  readonly id: string
  readonly name: string
  readonly vcpus: number
  /** MiB */
  readonly ram: number
  /** GiB */
  readonly disk: number
  readonly 'os-flavor-access:is_public': boolean
  readonly 'OS-FLV-DISABLED:disabled'?: boolean | undefined
}

const flavor = object<Flavor>({
  id: text,
  name: text,
  vcpus: number,
  ram: number,
  disk: number,
  'os-flavor-access:is_public': flag,
  'OS-FLV-DISABLED:disabled': optional(flag),
})

/** Those that this identity may use: public ones and private ones with access. */
export function listFlavors(session: Session): Promise<readonly Flavor[]> {
  return list(session, { service: 'compute', path: '/flavors/detail' }, 'flavors', flavor)
}

/** Flavor names are unique in a cloud. */
export function findFlavor(session: Session, name: string): Promise<Flavor | undefined> {
  return findByName(session, { service: 'compute', path: '/flavors/detail' }, { key: 'flavors', read: flavor, name })
}

export type Keypair = {
  readonly name: string
  readonly public_key: string
  readonly fingerprint: string
  readonly type: string
  /** Absent in lists. */
  readonly user_id?: string | undefined
}

const keypair = inside(
  'keypair',
  object<Keypair>({ name: text, public_key: text, fingerprint: text, type: text, user_id: optional(text) }),
)

/**
 * A keypair belongs to a user, not to a project: without `userId`, those of this identity; with it, an operator's view.
 */
export function listKeypairs(session: Session, of: { readonly userId?: string } = {}): Promise<readonly Keypair[]> {
  return list(session, { service: 'compute', path: '/os-keypairs', query: { user_id: of.userId } }, 'keypairs', keypair)
}

export async function findKeypair(
  session: Session,
  name: string,
  of: { readonly userId?: string } = {},
): Promise<Keypair | undefined> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`
  try {
    return await get(session, { service: 'compute', path, query: { user_id: of.userId } }, keypair)
  } catch (error) {
    if (refusalOf(error) === 404) return undefined
    throw error
  }
}

/** Imports a public key; the private half never travels. */
export function createKeypair(
  session: Session,
  fields: { readonly name: string; readonly public_key: string; readonly user_id?: string },
): Promise<Keypair> {
  const body = { keypair: { ...fields, type: 'ssh' } }
  return send(session, { service: 'compute', method: 'POST', path: '/os-keypairs', body }, keypair)
}

export function deleteKeypair(session: Session, name: string, of: { readonly userId?: string } = {}): Promise<void> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`
  return send(session, { service: 'compute', method: 'DELETE', path, query: { user_id: of.userId } })
}

/** Limits by resource: `cores`, `ram` (MiB), `instances`, ...; -1 is unlimited. */
export function getComputeQuota(session: Session, projectId: string): Promise<Readonly<Record<string, number>>> {
  return get(session, { service: 'compute', path: `/os-quota-sets/${projectId}` }, inside('quota_set', numbers))
}

export type ComputeUsage = { readonly limit: number; readonly in_use: number; readonly reserved: number }

export function getComputeUsage(session: Session, projectId: string): Promise<Readonly<Record<string, ComputeUsage>>> {
  const usage = objectsOf(object<ComputeUsage>({ limit: number, in_use: number, reserved: number }))
  return get(session, { service: 'compute', path: `/os-quota-sets/${projectId}/detail` }, inside('quota_set', usage))
}

/** Changes only the named values. Refused (400) below the current use. */
export function updateComputeQuota(
  session: Session,
  projectId: string,
  quota: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const body = { quota_set: quota }
  return send(
    session,
    { service: 'compute', method: 'PUT', path: `/os-quota-sets/${projectId}`, body },
    inside('quota_set', numbers),
  )
}

/** Back to the defaults of the cloud. */
export function deleteComputeQuota(session: Session, projectId: string): Promise<void> {
  return send(session, { service: 'compute', method: 'DELETE', path: `/os-quota-sets/${projectId}` })
}

export type Server = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly tenant_id: string
  readonly user_id: string
  readonly key_name: string | null
  readonly created: string
  /** Only an operator deletes a locked one. Absent below microversion 2.9. */
  readonly locked?: boolean | undefined
}

const server = object<Server>({
  id: text,
  name: text,
  status: text,
  tenant_id: text,
  user_id: text,
  key_name: orNull(text),
  created: text,
  locked: optional(flag),
})

/** Of the token's project; an operator may ask for another one, or for all. */
export function listServers(
  session: Session,
  of: { readonly projectId?: string } | 'everywhere' = {},
): Promise<readonly Server[]> {
  const query =
    of === 'everywhere'
      ? { all_tenants: 1 }
      : of.projectId === undefined
        ? {}
        : { all_tenants: 1, project_id: of.projectId }
  return list(session, { service: 'compute', path: '/servers/detail', query }, 'servers', server)
}

export function getServer(session: Session, id: string): Promise<Server> {
  return get(session, { service: 'compute', path: `/servers/${id}` }, inside('server', server))
}

export function deleteServer(session: Session, id: string): Promise<void> {
  return send(session, { service: 'compute', method: 'DELETE', path: `/servers/${id}` })
}

/** Also ends the time in which a deleted one could be restored, on clouds that keep them for a while. */
export function forceDeleteServer(session: Session, id: string): Promise<void> {
  const request = {
    service: 'compute',
    method: 'POST',
    path: `/servers/${id}/action`,
    body: { forceDelete: null },
  } as const
  return send(session, { ...request, isRepeatable: true })
}

export type ServerGroup = {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly user_id: string
}

const serverGroup = object<ServerGroup>({ id: text, name: text, project_id: text, user_id: text })

/** For an operator, those of all projects: Nova has no filter for one. */
export function listServerGroups(session: Session): Promise<readonly ServerGroup[]> {
  const request = { service: 'compute', path: '/os-server-groups', query: { all_projects: 1 } } as const
  return list(session, request, 'server_groups', serverGroup)
}

export function deleteServerGroup(session: Session, id: string): Promise<void> {
  return send(session, { service: 'compute', method: 'DELETE', path: `/os-server-groups/${id}` })
}
