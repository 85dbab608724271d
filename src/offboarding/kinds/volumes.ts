import {
  forceDeleteVolume,
  deleteVolume,
  deleteVolumeBackup,
  deleteVolumeSnapshot,
  listVolumeBackups,
  listVolumes,
  listVolumeSnapshots,
} from '../../openstack/cinder.ts'
import { minute } from '../ownership.ts'
import type { Kind, Owned } from '../ownership.ts'
import { askForEach } from '../reach.ts'

const common = { stage: 'volumes', service: 'block-storage', isData: true, patienceMs: 15 * minute } as const

/** The deletion of a volume with clones is refused until those are gone, and then requested again. */
export const volumeBackups: Kind = {
  ...common,
  kind: 'volume backup',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (reach.isWhole
        ? (await listVolumeBackups(reach.operator, 'everywhere')).filter(
            (one) => one['os-backup-project-attr:project_id'] === projectId,
          )
        : await listVolumeBackups(reach.operator, { projectId })
      ).map(({ id, name, status }) => ({
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
      (reach.isWhole
        ? (await listVolumeSnapshots(reach.operator, 'everywhere')).filter(
            (one) => one['os-extended-snapshot-attributes:project_id'] === projectId,
          )
        : await listVolumeSnapshots(reach.operator, { projectId })
      ).map(({ id, name, status }) => ({
        id,
        name,
        projectId,
        isGoing: status === 'deleting',
        remove: (session) => deleteVolumeSnapshot(session, id),
      })),
    ),
}

/**
 * States that Cinder deletes a volume in, or leaves by itself once its servers and snapshots are gone. cinder 21.3.1,
 * volume/api.py, delete: `expected['status']`
 */
const passing = [
  'available',
  'error',
  'error_restoring',
  'error_extending',
  'error_managing',
  'error_deleting',
  'deleting',
  'in-use',
]

function stuckIn(status: string, id: string): Pick<Owned, 'stuck'> {
  if (passing.includes(status)) return {}
  const message = `is \`${status}\`: Cinder deletes no volume in that state`
  if (status === 'awaiting-transfer')
    return {
      stuck: {
        message,
        severity: 'error',
        remedy:
          'its owner, or an operator, withdraws it: openstack volume transfer request list --all-projects, then delete ID',
      },
    }
  return {
    stuck: { message, severity: 'warning', remedy: `if it stays so: openstack volume set --state error ${id}` },
  }
}

export const volumes: Kind = {
  ...common,
  kind: 'volume',
  list: (reach) =>
    askForEach(reach, async (projectId) =>
      (reach.isWhole
        ? (await listVolumes(reach.operator, 'everywhere')).filter(
            (one) => one['os-vol-tenant-attr:tenant_id'] === projectId,
          )
        : await listVolumes(reach.operator, { projectId })
      ).map(({ id, name, status, user_id }) => ({
        id,
        name: name === '' ? id : name,
        projectId,
        userId: user_id,
        isGoing: status === 'deleting',
        ...(status === 'error_deleting'
          ? { failure: 'Cinder reports only `error_deleting`', onlyOperator: 'Cinder could not delete it: by force' }
          : {}),
        ...stuckIn(status, id),
        remove: (session) => (status === 'error_deleting' ? forceDeleteVolume : deleteVolume)(session, id),
      })),
    ),
}
