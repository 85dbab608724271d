/** The API version that each service is asked for. Pinned: an answer must not change shape because a cloud was upgraded. */
import type { ServiceType } from './catalog.ts'

/** Services that are not here have no microversions. */
const PINNED: Readonly<Partial<Record<ServiceType, { readonly header: string; readonly version: string }>>> = {
  // 2.2 keypair type; 2.10 keypairs of another user; 2.36 and 2.57 quotas without network and file keys; 2.47 flavors inside
  // servers; 2.53 ids of services and hypervisors. Below 2.92, which asks more of keypair names: Rocky's maximum, so
  // that every cloud since 2018 has it. Keys are imported, never generated, so that 2.92 took generation away is no matter.
  // nova/api/openstack/compute/rest_api_version_history.rst
  compute: { header: 'compute', version: '2.65' },
  // Rocky's 3.55 at most; nothing later is needed, and below 3.67 the project stands in the path, which all releases take.
  // cinder/api/openstack/rest_api_version_history.rst
  'block-storage': { header: 'volume', version: '3.50' },
  // 1.5 tags and credential rotation; 1.9 labels with merge, nodegroups; 1.10 the last that Zed has. Without the header
  // it is 1.1, which leaves out health_status and floating_ip_enabled. magnum/api/rest_api_version_history.rst
  'container-infra': { header: 'container-infra', version: '1.10' },
}

/** The `OpenStack-API-Version` header for this service, if it has one; `version` in place of the pinned one. */
export function versionHeader(service: ServiceType, version?: string): Record<string, string> {
  const pinned = PINNED[service]
  return pinned === undefined ? {} : { 'OpenStack-API-Version': `${pinned.header} ${version ?? pinned.version}` }
}
