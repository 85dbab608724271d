import { stageNames } from '../tenant/stage.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { Resource } from './resource.ts'
import type { PlannedStageName, Stage } from './stage.ts'
import { clusterStage } from './stages/cluster.ts'
import { credentialsStage } from './stages/credentials.ts'
import { domainStage } from './stages/domain.ts'
import { isolationStage } from './stages/isolation.ts'
import { networkStage } from './stages/network.ts'
import { selfServiceStage } from './stages/self-service.ts'
import { templateStage } from './stages/template.ts'

const byName = {
  domain: domainStage,
  'self-service': selfServiceStage,
  isolation: isolationStage,
  credentials: credentialsStage,
  network: networkStage,
  template: templateStage,
  cluster: clusterStage,
} satisfies { readonly [Name in PlannedStageName]: Stage<Name> }

/** What comes after preflight, in the order of their names (tenant/stage.ts). */
export const stages: readonly Stage[] = stageNames.flatMap((name) => (name === 'preflight' ? [] : [byName[name]]))

export function resourcesOf(tenant: Tenant): readonly Resource[] {
  return stages.flatMap((stage) => stage.resources(tenant))
}
