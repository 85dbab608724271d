import { get, list, send } from './resource-requests.ts'
import type { Session } from './session.ts'
import { flag, inside, number, numbers, object, objectsOf, optional, orNull, text } from './shape.ts'

/**
 * Limits by resource: `volumes`, `gigabytes`, `gigabytes_<type>`, ...; -1 is unlimited. Cinder accepts any string as a
 * project here.
 */
export function getBlockStorageQuota(session: Session, projectId: string): Promise<Readonly<Record<string, number>>> {
  const path = `/os-quota-sets/${projectId}`
  return get(session, { service: 'block-storage', path }, inside('quota_set', numbers))
}

export type BlockStorageUsage = { readonly limit: number; readonly in_use: number; readonly reserved: number }

export function getBlockStorageUsage(
  session: Session,
  projectId: string,
): Promise<Readonly<Record<string, BlockStorageUsage>>> {
  const usage = objectsOf(object<BlockStorageUsage>({ limit: number, in_use: number, reserved: number }))
  const request = {
    service: 'block-storage',
    path: `/os-quota-sets/${projectId}`,
    query: { usage: true },
  } as const
  return get(session, request, inside('quota_set', usage))
}

/** Changes only the named values. */
export function updateBlockStorageQuota(
  session: Session,
  projectId: string,
  quota: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const request = {
    service: 'block-storage',
    method: 'PUT',
    path: `/os-quota-sets/${projectId}`,
    body: { quota_set: quota },
  } as const
  return send(session, request, inside('quota_set', numbers))
}

/** Back to the defaults of the cloud. */
export function deleteBlockStorageQuota(session: Session, projectId: string): Promise<void> {
  return send(session, { service: 'block-storage', method: 'DELETE', path: `/os-quota-sets/${projectId}` })
}

export type VolumeType = { readonly id: string; readonly name: string; readonly is_public: boolean }

const volumeType = object<VolumeType>({ id: text, name: text, is_public: flag })

export function listVolumeTypes(session: Session): Promise<readonly VolumeType[]> {
  return list(session, { service: 'block-storage', path: '/types' }, 'volume_types', volumeType)
}

export type Volume = {
  readonly id: string
  readonly name: string
  readonly status: string
  /** GiB */
  readonly size: number
  readonly user_id: string
  /** Only an operator sees the owner. */
  readonly 'os-vol-tenant-attr:tenant_id'?: string | undefined
}

const volume = object<Volume>({
  id: text,
  name: text,
  status: text,
  size: number,
  user_id: text,
  'os-vol-tenant-attr:tenant_id': optional(text),
})

/** The token's project, unless an operator asks for another one, or for all. */
type Whose = { readonly projectId?: string } | 'everywhere'

export function listVolumes(session: Session, of: Whose = {}): Promise<readonly Volume[]> {
  return list(session, { service: 'block-storage', path: '/volumes/detail', query: whose(of) }, 'volumes', volume)
}

export function createVolume(
  session: Session,
  fields: { readonly name: string; readonly size: number },
): Promise<Volume> {
  const request = { service: 'block-storage', method: 'POST', path: '/volumes', body: { volume: fields } } as const
  return send(session, request, inside('volume', volume))
}

export function getVolume(session: Session, id: string): Promise<Volume> {
  return get(session, { service: 'block-storage', path: `/volumes/${id}` }, inside('volume', volume))
}

export function deleteVolume(session: Session, id: string): Promise<void> {
  return send(session, { service: 'block-storage', method: 'DELETE', path: `/volumes/${id}` })
}

/** In any state, unless it is attached. Only for an operator. cinder 21.3.1, volume/api.py, delete */
export function forceDeleteVolume(session: Session, id: string): Promise<void> {
  const path = `/volumes/${id}/action`
  const body = { 'os-force_delete': {} }
  return send(session, { service: 'block-storage', method: 'POST', path, body, isRepeatable: true })
}

export type VolumeSnapshot = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly volume_id: string
  readonly 'os-extended-snapshot-attributes:project_id'?: string | undefined
}

const snapshot = object<VolumeSnapshot>({
  id: text,
  name: text,
  status: text,
  volume_id: text,
  'os-extended-snapshot-attributes:project_id': optional(text),
})

export function listVolumeSnapshots(session: Session, of: Whose = {}): Promise<readonly VolumeSnapshot[]> {
  return list(session, { service: 'block-storage', path: '/snapshots/detail', query: whose(of) }, 'snapshots', snapshot)
}

export function deleteVolumeSnapshot(session: Session, id: string): Promise<void> {
  return send(session, { service: 'block-storage', method: 'DELETE', path: `/snapshots/${id}` })
}

export type VolumeBackup = {
  readonly id: string
  readonly name: string | null
  readonly status: string
  /** Others were made from this one, and must be deleted first. */
  readonly has_dependent_backups?: boolean | undefined
  /** Only an operator sees the owner. */
  readonly 'os-backup-project-attr:project_id'?: string | undefined
}

const backup = object<VolumeBackup>({
  id: text,
  name: orNull(text),
  status: text,
  has_dependent_backups: optional(flag),
  'os-backup-project-attr:project_id': optional(text),
})

export function listVolumeBackups(session: Session, of: Whose = {}): Promise<readonly VolumeBackup[]> {
  return list(session, { service: 'block-storage', path: '/backups/detail', query: whose(of) }, 'backups', backup)
}

export function deleteVolumeBackup(session: Session, id: string): Promise<void> {
  return send(session, { service: 'block-storage', method: 'DELETE', path: `/backups/${id}` })
}

function whose(of: Whose): { readonly all_tenants?: number; readonly project_id?: string } {
  if (of === 'everywhere') return { all_tenants: 1 }
  return of.projectId === undefined ? {} : { all_tenants: 1, project_id: of.projectId }
}
