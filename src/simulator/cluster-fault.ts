/** What goes wrong behind Magnum, as with magnum-capi-helm 1.4.0. */
export type ClusterFault =
  | 'never-finishes' // Cluster API waits for ever: the driver ignores create_timeout
  | 'workers-failed' // the cluster is complete, its workers are not
  | 'addon-failed' // CREATE_FAILED without a reason
  | 'management-down' // no connection to the API of the management cluster
  | 'helm-failed'
