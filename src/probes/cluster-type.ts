/**
 * Does Magnum have a driver for an image? No request lists the drivers. But Magnum checks a template's cluster type
 * before anything else, so a template whose external network cannot exist shows whether its type has a driver, and is
 * never made.
 */
import { createClusterTemplate, deleteClusterTemplate } from '../openstack/magnum/cluster-templates.ts'
import type { Session } from '../openstack/session.ts'
import { messageOf } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { Family } from './checks.ts'
import type { ProbeResult } from './claim.ts'
import type { Reading } from './reading.ts'

export type ClusterTypeOptions = {
  readonly session: Session
  readonly image: { readonly id: string; readonly name: string }
  /** The name of no network: that of a throwaway. */
  readonly nowhere: string
}

export async function probeClusterType({ session, image, nowhere }: ClusterTypeOptions): Promise<ProbeResult> {
  const family = new Family('cluster-type')
  const { result } = await family.check({
    id: 'driver',
    claim: `Magnum has a driver for the image ${image.name}`,
    as: { session, who: 'the operator', actor: 'operator' },
    whom: 'a template that cannot be made',
    rule: `image ${image.name}`,
    reach: 'tenant could',
    expected: 'allowed',
    otherwise: {
      code: 'cloud/no-driver',
      remedy:
        'set `os_distro` of the image to a distribution of the driver (capi-helm: ubuntu, flatcar; Heat: fedora-coreos), or install and enable the driver',
    },
    ask: async (recorded) => {
      const made = await createClusterTemplate(recorded, {
        name: nowhere,
        coe: 'kubernetes',
        server_type: 'vm',
        image_id: image.id,
        external_network_id: nowhere,
      })
      // a Magnum that does not check networks made the template: delete it at once
      await deleteClusterTemplate(recorded, made.uuid)
    },
    see: clusterTypeSeen,
  })
  return result
}

/** `Cluster type (vm, None, kubernetes) not supported.`: magnum/common/exception.py, ClusterTypeNotSupported. */
export function unsupportedType(message: string): string | undefined {
  return (
    /Cluster type (\(.*\)) not supported/.exec(message)?.[1] ??
    /Cluster driver (\(.*\)) not supported/.exec(message)?.[1]
  )
}

/**
 * Magnum looks for a driver in a decorator, before the body looks for the network. So any other 400 means that there is
 * a driver. magnum 15.0.1, api/controllers/v1/cluster_template.py, ClusterTemplatesController.post; api/validation.py,
 * enforce_driver_supported
 */
function clusterTypeSeen(tried: Attempt<unknown>): Reading {
  const detail = messageOf(tried)
  if (tried.kind === 'answered') return { observed: 'allowed', detail }
  if (unsupportedType(tried.message) !== undefined) return { observed: 'refused', detail }
  const isNextComplaint = tried.kind === 'refused' && (tried.status === 400 || tried.status === 404)
  return { observed: isNextComplaint ? 'allowed' : 'unknown', detail }
}
