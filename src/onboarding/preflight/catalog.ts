import { catalogFindings } from '../../openstack/catalog-findings.ts'
import type { ServiceType } from '../../openstack/catalog.ts'
import type { Endpoint } from '../../openstack/options.ts'
import type { Token } from '../../openstack/token.ts'
import type { Finding } from '../../finding.ts'
import type { Quotas } from '../../tenant/spec.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { wantsOf } from '../cloud-readings.ts'

/** Reports a missing or unsafe endpoint before any request uses it. */
export function judgeCatalog(tenant: Tenant, { catalog, projectId }: Token, endpoint: Endpoint): readonly Finding[] {
  const wants = (service: keyof Quotas): boolean =>
    tenant.projects.some(({ spec }) => spec.quotas[service] !== undefined)
  const { cluster, network } = wantsOf(tenant)
  const wanted: readonly (readonly [ServiceType, boolean])[] = [
    // the creator's keypair is made in any case
    ['compute', true],
    ['network', network || wants('network')],
    ['image', cluster],
    ['block-storage', wants('block_storage')],
    ['load-balancer', wants('load_balancer')],
    ['key-manager', cluster],
    ['container-infra', cluster || wants('container_infra')],
  ]
  const services = wanted.filter(([, isWanted]) => isWanted).map(([service]) => service)
  return catalogFindings(catalog, { endpoint, wanted: services, projectId })
}
