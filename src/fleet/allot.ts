import type { Finding } from '../finding.ts'
import type { Subnet } from '../openstack/neutron/subnets.ts'
import type { Allotted } from '../onboarding/preflight/network.ts'
import { PrefixSet } from '../tenant/prefix-set.ts'
import type { Tenant, TenantProject } from '../tenant/tenant.ts'
import { byName } from './folder.ts'

/** The existing subnets of a cloud, for prefixes. */
export type UsedPrefixes = {
  readonly subnets: readonly Subnet[]
  /** Name of a project by its id, after the name of its domain: `acme/acme-prod`. */
  readonly projects: ReadonlyMap<string, string>
}

export type Allotment = {
  readonly cidrs: Allotted
  /** Why this tenant gets no prefix; it is then not begun. */
  readonly findings: readonly Finding[]
}

/**
 * A prefix for every network of the tenants of one cloud, by tenant. Pure, and independent of the order of `tenants`:
 * existing subnets keep their prefix, then the files decide, then pools in the order of the tenants' names. An
 * interrupted run leaves its subnets, so the next one allots the rest as the first would have.
 */
export function allot(tenants: readonly Tenant[], standing: UsedPrefixes): ReadonlyMap<string, Allotment> {
  const sorted = [...tenants].sort((a, b) => byName(a.spec.tenant, b.spec.tenant))
  const own = ownSubnets(sorted, standing)
  const taken = new PrefixSet<string>()
  for (const subnet of standing.subnets) taken.add(subnet.cidr, `subnet ${subnet.name} ${subnet.id}`)
  const drafts = new Map(sorted.map((tenant) => [tenant.spec.tenant, new Draft()]))
  const each = (visit: (tenant: Tenant, project: TenantProject, draft: Draft) => void): void => {
    for (const tenant of sorted) {
      const draft = drafts.get(tenant.spec.tenant)
      if (draft !== undefined) for (const project of tenant.projects) visit(tenant, project, draft)
    }
  }
  // everything fixed comes before any choice
  each((tenant, project, draft) => {
    const { network } = project.spec
    if (network === undefined) return
    const stands = own.get(keyOf(tenant, project))
    if (stands !== undefined) draft.cidrs[project.names.project] = network.cidr ?? stands.cidr
    else if (network.cidr !== undefined) draft.fix(project, network.cidr, taken)
  })
  each((tenant, project, draft) => {
    if (project.spec.network !== undefined && draft.cidrs[project.names.project] === undefined)
      if (project.spec.network.cidr === undefined) draft.choose(tenant, project, taken)
  })
  return drafts
}

class Draft implements Allotment {
  readonly cidrs: { [project: string]: string } = {}
  readonly findings: Finding[] = []

  /** A prefix in its file. */
  fix(project: TenantProject, cidr: string, taken: PrefixSet<string>): void {
    const clash = taken.overlapping(cidr)
    if (clash === undefined) {
      taken.add(cidr, `project ${project.names.project}`)
      this.cidrs[project.names.project] = cidr
      return
    }
    this.#refuse(project, 'preflight/cidr-in-use', {
      message: `${cidr} overlaps ${clash.cidr} (${clash.value})`,
      remedy: 'write another `cidr`, or use a pool',
    })
  }

  /** The first free one of the tenant's pool. */
  choose({ facts }: Tenant, project: TenantProject, taken: PrefixSet<string>): void {
    const pool = project.spec.network?.pool ?? facts.tenant_pool?.cidr
    const length = project.spec.network?.prefix_length ?? facts.tenant_pool?.prefix_length ?? 24
    if (pool === undefined) {
      this.#refuse(project, 'preflight/no-pool', {
        message: 'its network has neither a `cidr` nor a `pool`, and cloud.yaml has no `tenant_pool`',
        remedy: 'add one of the three',
      })
      return
    }
    const cidr = taken.allot(pool, length, `project ${project.names.project}`)
    if (cidr !== undefined) this.cidrs[project.names.project] = cidr
    else
      this.#refuse(project, 'preflight/pool-exhausted', {
        message: `no /${length} of ${pool} is free`,
        remedy: 'widen the pool, or write a `cidr`',
      })
  }

  #refuse({ names }: TenantProject, code: string, said: { readonly message: string; readonly remedy: string }): void {
    this.findings.push({ code, severity: 'error', where: `project ${names.project}`, ...said, owner: 'operator' })
  }
}

/** The existing subnets of our tenants. */
function ownSubnets(tenants: readonly Tenant[], { subnets, projects }: UsedPrefixes): ReadonlyMap<string, Subnet> {
  const names = new Map(
    tenants.flatMap((tenant) => tenant.projects.map((project) => [keyOf(tenant, project), project.names.subnet])),
  )
  const own = new Map<string, Subnet>()
  for (const subnet of subnets) {
    const key = projects.get(subnet.project_id)
    if (key !== undefined && names.get(key) === subnet.name) own.set(key, subnet)
  }
  return own
}

/** Projects of two tenants may have one name: `a-b` of `c` and `a` of `b-c`. */
function keyOf({ names: { domain } }: Tenant, { names: { project } }: TenantProject): string {
  return `${domain}/${project}`
}
