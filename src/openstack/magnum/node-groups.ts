import { get, list } from '../resource-requests.ts'
import type { Session } from '../session.ts'
import { number, object, optional, orNull, text } from '../shape.ts'

/** A group of equal machines of a cluster. Its status is its own: it may have failed below a complete cluster. */
export type NodeGroup = {
  readonly uuid: string
  readonly name: string
  readonly role: string
  readonly status: string
  readonly node_count: number
  /** Null until the driver has asked for everything: the conductor copies it from the cluster then. */
  readonly stack_id?: string | null | undefined
  /** Absent in a list. */
  readonly status_reason?: string | undefined
}

const nodeGroup = object<NodeGroup>({
  uuid: text,
  name: text,
  role: text,
  status: text,
  node_count: number,
  stack_id: (value, at) => (value === undefined ? undefined : orNull(text)(value, at)),
  status_reason: optional(text),
})

/** magnum 15.0.1, api/controllers/v1/nodegroup.py, NodeGroupController.get_all */
export function listNodeGroups(session: Session, clusterUuid: string): Promise<readonly NodeGroup[]> {
  return list(
    session,
    { service: 'container-infra', path: `/clusters/${clusterUuid}/nodegroups` },
    'nodegroups',
    nodeGroup,
  )
}

export function getNodeGroup(session: Session, clusterUuid: string, uuid: string): Promise<NodeGroup> {
  return get(session, { service: 'container-infra', path: `/clusters/${clusterUuid}/nodegroups/${uuid}` }, nodeGroup)
}
