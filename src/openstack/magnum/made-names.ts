/** Names that Magnum and its drivers give to what they make for a cluster. Nothing else says whose it is. */

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** magnum 15.0.1, common/keystone.py, create_trustee, as conductor/handlers/common/trust_manager.py names it. */
const trusteeName = new RegExp(`^(${uuid})_([0-9a-f]{32})$`)

/** The cluster and its project, if a user of this name is the trustee of one. */
export function trusteeOf(name: string): { readonly cluster: string; readonly project: string } | undefined {
  const [, cluster, project] = trusteeName.exec(name) ?? []
  return cluster === undefined || project === undefined ? undefined : { cluster, project }
}

/** magnum-capi-helm 1.2.0 `magnum-<uuid>`, 1.4.0 `magnum-<uuid>-<8 digits>`: common/app_creds.py, create_app_cred. */
const credentialName = new RegExp(`^magnum-(${uuid})(?:-[0-9a-f]{8})?$`)

/** The uuid of the cluster, if an application credential of this name was made for one. */
export function clusterOfCredential(name: string): string | undefined {
  return credentialName.exec(name)?.[1]
}

/** Of a project's clusters in the management cluster: magnum_capi_helm/driver_utils.py, cluster_namespace, with its default prefix. */
export function namespaceOf(projectId: string): string {
  return `magnum-${projectId.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`
}
