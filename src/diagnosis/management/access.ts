import type { Access, Kubeconfig } from '../../kubernetes/kubeconfig.ts'
import type { Fetch } from '../../openstack/http.ts'

/** The management cluster of magnum-capi-helm, for an account that reads there. */
export type ManagementAccess = Access & {
  readonly fetch: Fetch
  /** The network with this CA and no other one, as Cluster API's provider trusts the cloud. */
  readonly trusting: (ca: string | undefined) => Fetch
}

/** A tenant's own cluster, as `apply` has fetched it. */
export type ClusterAccess = Kubeconfig & { readonly fetch: Fetch }
