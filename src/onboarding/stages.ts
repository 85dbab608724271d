import type { Tenant } from '../tenant/tenant.ts'
import type { Resource } from './resource.ts'
import type { Stage } from './stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { credentialsStage } from './stages/credentials.ts'
import { domainStage } from './stages/domain.ts'
import { isolationStage } from './stages/isolation.ts'
import { networkStage } from './stages/network.ts'
import { selfServiceStage } from './stages/self-service.ts'
import { templateStage } from './stages/template.ts'

/** The stages after preflight, in order. A new stage is a file in stages/ and a line here. */
export const stages: readonly Stage[] = [
  domainStage,
  selfServiceStage,
  isolationStage,
  credentialsStage,
  networkStage,
  templateStage,
  clusterStage,
]

export function resourcesOf(tenant: Tenant): readonly Resource[] {
  return stages.flatMap((stage) => stage.resources(tenant))
}
