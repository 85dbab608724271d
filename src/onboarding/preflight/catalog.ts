import { catalogFindings } from '../../openstack/catalog-findings.ts'
import type { Endpoint } from '../../openstack/options.ts'
import { quotaServices, quotaTable } from '../../openstack/quotas.ts'
import { serviceTypes } from '../../openstack/services.ts'
import type { ServiceType } from '../../openstack/services.ts'
import type { Token } from '../../openstack/token.ts'
import type { Finding } from '../../finding.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { wantsOf } from '../cloud-readings.ts'

/** Reports a missing or unsafe endpoint before any request uses it. */
export function judgeCatalog(tenant: Tenant, { catalog, projectId }: Token, endpoint: Endpoint): readonly Finding[] {
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
    'key-manager': cluster,
    'container-infra': cluster,
    // Magnum's driver asks for stacks, and the tenant for none
    orchestration: false,
  }
  const wanted = serviceTypes.filter((service) => uses[service] || limited.has(service))
  return catalogFindings(catalog, { endpoint, wanted, projectId })
}
