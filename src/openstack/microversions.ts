/** The API version for each service. Pinned: an answer must not change shape because a cloud was upgraded. */
import type { ServiceType } from './catalog.ts'

/** Services without an entry have no microversions. */
const PINNED: Readonly<Partial<Record<ServiceType, { readonly header: string; readonly version: string }>>> = {
  // 2.2 keypair type; 2.10 keypairs of another user; 2.36 and 2.57 quotas without network and file keys; 2.47 flavors
  // inside servers; 2.53 ids of services and hypervisors. Below 2.92, which requires more of keypair names: Rocky's
  // maximum, so that every cloud since 2018 has it. 2.92 also removed key generation, which does not matter because
  // keys are imported. nova/api/openstack/compute/rest_api_version_history.rst
  compute: { header: 'compute', version: '2.65' },
  // Rocky's 3.55 at most. Nothing later is needed, and below 3.67 the project is in the path, which all releases
  // accept. cinder/api/openstack/rest_api_version_history.rst
  'block-storage': { header: 'volume', version: '3.50' },
  // 1.5 tags and credential rotation; 1.9 labels with merge, nodegroups; 1.10 is the last of Zed. Without the header it
  // is 1.1, which omits health_status and floating_ip_enabled. magnum/api/rest_api_version_history.rst
  'container-infra': { header: 'container-infra', version: '1.10' },
}

/** The `OpenStack-API-Version` header for this service, if it has one; `version` in place of the pinned one. */
export function versionHeader(service: ServiceType, version?: string): Record<string, string> {
  const pinned = PINNED[service]
  return pinned === undefined ? {} : { 'OpenStack-API-Version': `${pinned.header} ${version ?? pinned.version}` }
}
