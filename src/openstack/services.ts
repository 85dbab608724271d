/** The services that this client speaks to: what tells one from another, a row each. */

/** By the official type of the service-types authority. */
export const serviceTypes = [
  'identity',
  'compute',
  'network',
  'image',
  'block-storage',
  'load-balancer',
  'key-manager',
  'container-infra',
  'orchestration',
] as const
export type ServiceType = (typeof serviceTypes)[number]

export type ServiceRow = {
  /** For people. */
  readonly label: string
  /** The process of its API, as packages and charms name it: its log has that name. */
  readonly process: string
  /** Types for it in existing catalogs, best first. service-types-authority, service-types.yaml. */
  readonly types: readonly [string, ...string[]]
  /** Types of API versions that this client does not speak. The objects behind them are the same. */
  readonly retiredTypes?: readonly string[]
  /** The first part of the path, whether or not the catalog's URL has it. */
  readonly version: string
  /** Whether the project of the token follows the version. */
  readonly endsWithProject: boolean
  /**
   * The microversion that is asked for, and the service's name in `OpenStack-API-Version`; absent where a service has none.
   * Pinned: an answer must not change shape because a cloud was upgraded.
   */
  readonly microversion?: { readonly header: string; readonly version: string }
}

export const serviceTable: Readonly<Record<ServiceType, ServiceRow>> = {
  identity: { label: 'identity', process: 'keystone', types: ['identity'], version: 'v3', endsWithProject: false },
  compute: {
    label: 'compute',
    process: 'nova-api',
    types: ['compute'],
    retiredTypes: ['compute_legacy'],
    version: 'v2.1',
    endsWithProject: false,
    // 2.2 keypair type; 2.10 keypairs of another user; 2.36 and 2.57 quotas without network and file keys; 2.47 flavors
    // inside servers; 2.53 ids of services and hypervisors. Below 2.92, which requires more of keypair names: Rocky's
    // maximum, so that every cloud since 2018 has it. 2.92 also removed key generation, which does not matter because
    // keys are imported. nova/api/openstack/compute/rest_api_version_history.rst
    microversion: { header: 'compute', version: '2.65' },
  },
  // neutron's endpoint is registered without a version by every installer
  network: { label: 'network', process: 'neutron-server', types: ['network'], version: 'v2.0', endsWithProject: false },
  image: { label: 'image', process: 'glance-api', types: ['image'], version: 'v2', endsWithProject: false },
  'block-storage': {
    label: 'block storage',
    process: 'cinder-api',
    types: ['block-storage', 'volumev3', 'block-store', 'volume'],
    retiredTypes: ['volumev2'],
    version: 'v3',
    // cinder below microversion 3.67 needs the project in the path; newer ones still accept it
    endsWithProject: true,
    // Rocky's 3.55 at most. Nothing later is needed, and below 3.67 the project is in the path, which all releases
    // accept. cinder/api/openstack/rest_api_version_history.rst
    microversion: { header: 'volume', version: '3.50' },
  },
  'load-balancer': {
    label: 'load balancer',
    process: 'octavia-api',
    types: ['load-balancer'],
    version: 'v2',
    endsWithProject: false,
  },
  'key-manager': {
    label: 'key manager',
    process: 'barbican-api',
    types: ['key-manager'],
    version: 'v1',
    endsWithProject: false,
  },
  'container-infra': {
    label: 'container infra',
    process: 'magnum-api',
    types: ['container-infra', 'container-infrastructure-management'],
    version: 'v1',
    endsWithProject: false,
    // 1.5 tags and credential rotation; 1.9 labels with merge, nodegroups; 1.10 is the last of Zed. Without the header it
    // is 1.1, which omits health_status and floating_ip_enabled. magnum/api/rest_api_version_history.rst
    microversion: { header: 'container-infra', version: '1.10' },
  },
  orchestration: {
    label: 'orchestration',
    process: 'heat-api',
    types: ['orchestration'],
    version: 'v1',
    endsWithProject: true,
  },
}

/** The `OpenStack-API-Version` header for this service, if it has one; `version` in place of the pinned one. */
export function versionHeader(service: ServiceType, version?: string): Record<string, string> {
  const pinned = serviceTable[service].microversion
  return pinned === undefined ? {} : { 'OpenStack-API-Version': `${pinned.header} ${version ?? pinned.version}` }
}
