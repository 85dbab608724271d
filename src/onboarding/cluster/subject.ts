import type { Resource } from '../resource.ts'
import type { Identity } from '../../tenant/sessions.ts'
import type { TenantProject } from '../../tenant/tenant.ts'

/**
 * The creator. A cluster that a runbook made may be automation's, which holds the same roles; it signs in by password, because an
 * application credential sees no trusts.
 */
export type ClusterOwner = {
  readonly id: string
  readonly name: string
  readonly identity: Identity<'creator'> | Identity<'automation'>
}

/** The cluster that a gate is about. */
export type ClusterSubject = {
  readonly project: TenantProject
  /** Claims are about it. A report joins them by its id. */
  readonly resource: Pick<Resource, 'id'>
  readonly name: string
  readonly uuid: string
  /** The id of the create request, if this run sent it. */
  readonly requestIds: readonly string[]
  readonly projectId: string
  /** The account that asked for it: the trustor, and the owner of a child credential. */
  readonly owner: ClusterOwner
}
