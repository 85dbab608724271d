import { findEndpoint } from '../../openstack/catalog.ts'
import { catalogFindings } from '../../openstack/catalog-findings.ts'
import type { Endpoint } from '../../openstack/options.ts'
import { quotaServices, quotaTable } from '../../openstack/quotas.ts'
import { serviceTypes } from '../../openstack/services.ts'
import type { ServiceType } from '../../openstack/services.ts'
import type { Token } from '../../openstack/token.ts'
import type { Finding } from '../../finding.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { wantsOf } from '../cloud-readings.ts'

/** Reports a missing or unsafe endpoint before any request uses it. What only a cluster needs has findings of its own. */
export function judgeCatalog(tenant: Tenant, { catalog, projectId }: Token, endpoint: Endpoint): readonly Finding[] {
  const { region, interface: face = 'public', overrides } = endpoint
  const isThere = (service: ServiceType): boolean =>
    'url' in findEndpoint(catalog, { service, region, interface: face, projectId, overrides })
  const limited = new Set(
    tenant.projects.flatMap(({ spec }) =>
      quotaServices.filter((service) => spec.quotas[service] !== undefined).map((service) => quotaTable[service].type),
    ),
  )
  const { cluster, network } = wantsOf(tenant)
  const uses: Readonly<Record<ServiceType, boolean>> = {
    // its token is where the catalog comes from
    identity: false,
    // the creator's keypair is made in any case
    compute: true,
    network,
    image: cluster,
    'block-storage': false,
    'load-balancer': false,
    'key-manager': cluster && isThere('key-manager'),
    'container-infra': cluster && isThere('container-infra'),
    // Magnum's driver asks for stacks, and the tenant for none
    orchestration: false,
  }
  const isTold = (service: ServiceType): boolean => cluster && service === 'container-infra' && !isThere(service)
  const wanted = serviceTypes.filter((service) => (uses[service] || limited.has(service)) && !isTold(service))
  return [
    ...catalogFindings(catalog, { endpoint, wanted, projectId }),
    ...(cluster && !isThere('container-infra') ? [noMagnum] : []),
    ...(cluster && !isThere('key-manager') ? [withoutBarbican(tenant)] : []),
  ]
}

const noMagnum: Finding = {
  code: 'cloud/no-magnum',
  severity: 'error',
  where: 'catalog: container-infra',
  message: 'this cloud has no Magnum here, so it makes no clusters',
  remedy: 'leave `template` and `cluster` out of the tenant file, or install Magnum and register its endpoint',
  owner: 'operator',
}

/**
 * Magnum then keeps certificates in its own database (`x509keypair`) or in files, or it fails at the first cluster: no API tells.
 * magnum 15.0.1, magnum/conf/certificates.py, cert_manager_type; the installation guide offers both.
 */
function withoutBarbican({ facts }: Tenant): Finding {
  const code = 'cloud/no-key-manager'
  const isAccepted = facts.accepted_findings?.includes(code) === true
  return {
    code,
    severity: isAccepted ? 'warning' : 'unknown',
    where: 'catalog: key-manager',
    message: `the certificate store is not shown: this cloud has no Barbican here, and no API tells where Magnum keeps certificates${isAccepted ? ' (accepted in cloud.yaml)' : ''}`,
    remedy:
      'if magnum.conf has `[certificates] cert_manager_type = x509keypair`, write `accepted_findings: [cloud/no-key-manager]` into cloud.yaml; otherwise register the endpoint of Barbican',
    owner: 'operator',
  }
}
