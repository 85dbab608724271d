import {
  deleteVolume,
  deleteVolumeBackup,
  deleteVolumeSnapshot,
  listVolumeBackups,
  listVolumes,
  listVolumeSnapshots,
} from '../../openstack/cinder.ts'
import { minute } from '../ownership.ts'
import type { Kind } from '../ownership.ts'
import { askForEach } from '../reach.ts'

const common = { stage: 'volumes', service: 'block-storage', isData: true, patienceMs: 15 * minute } as const

/** The deletion of a volume with clones is refused until those are gone, and then requested again. */
export const volumeBackups: Kind = {
  ...common,
  kind: 'volume backup',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await listVolumeBackups(reach.operator, { projectId })).map(({ id, name, status }) => ({
        id,
        name: name ?? id,
        projectId,
        isGoing: status === 'deleting',
        remove: (session) => deleteVolumeBackup(session, id),
      })),
    ),
}

export const volumeSnapshots: Kind = {
  ...common,
  kind: 'volume snapshot',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await listVolumeSnapshots(reach.operator, { projectId })).map(({ id, name, status }) => ({
        id,
        name,
        projectId,
        isGoing: status === 'deleting',
        remove: (session) => deleteVolumeSnapshot(session, id),
      })),
    ),
}

export const volumes: Kind = {
  ...common,
  kind: 'volume',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (await listVolumes(reach.operator, { projectId })).map(({ id, name, status, user_id }) => ({
        id,
        name: name === '' ? id : name,
        projectId,
        userId: user_id,
        isGoing: status === 'deleting',
        ...(status === 'error_deleting' ? { failure: 'Cinder reports only `error_deleting`' } : {}),
        remove: (session) => deleteVolume(session, id),
      })),
    ),
}
