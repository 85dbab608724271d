import { invariant } from '../errors.ts'
import { projectNames, tenantNames } from './names.ts'
import type { ProjectNames, TenantNames } from './names.ts'
import type { CloudFacts } from './cloud-facts.ts'
import { digestOf } from './canonical.ts'
import type { Digests } from './evidence.ts'
import type { ProjectSpec, Spec } from './spec.ts'

/** A tenant as specified: its file, the facts about its cloud, and every name. */
export type Tenant = {
  readonly spec: Spec
  /** cloud.yaml with the tenant's overrides. */
  readonly facts: CloudFacts
  readonly names: TenantNames
  readonly projects: readonly [TenantProject, ...TenantProject[]]
}

export type TenantProject = {
  readonly spec: ProjectSpec
  readonly names: ProjectNames
  /** The first part of a step's id: empty for the first project, else the project's name and a slash. */
  readonly prefix: string
}

export function tenantOf(spec: Spec, facts: CloudFacts): Tenant {
  const [first, ...further] = spec.projects
  invariant(first, 'the schema allows no tenant without a project')
  const project = (one: ProjectSpec, isFirst: boolean): TenantProject => ({
    spec: one,
    names: projectNames(spec.tenant, one.name, isFirst),
    prefix: isFirst ? '' : `${one.name}/`,
  })
  return {
    spec,
    facts: { ...facts, ...spec.overrides },
    names: tenantNames(spec.tenant),
    projects: [project(first, true), ...further.map((one) => project(one, false))],
  }
}

/**
 * What a verdict on this tenant is about. `authUrl` identifies the cloud, whatever its entry in clouds.yaml is called.
 * `policy`: the mark of the latest change of its policy.
 */
export function digestsOf(tenant: Tenant, authUrl: string, policy: string | undefined): Digests {
  const digests = { spec: digestOf(tenant.spec), cloud: digestOf({ authUrl, facts: tenant.facts }) }
  return policy === undefined ? digests : { ...digests, policy }
}
