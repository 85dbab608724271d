/**
 * All names of a tenant, made in one place from the tenant's name. In the first project the network resources are
 * called after the tenant alone (`acme-net`), in other projects after tenant and project (`acme-test-net`).
 */
export type TenantNames = {
  readonly domain: string
  readonly manager: string
  readonly creator: string
  readonly automation: string
}

export type ProjectNames = {
  readonly project: string
  readonly applicationCredential: string
  readonly network: string
  readonly subnet: string
  readonly router: string
  readonly keypair: string
  readonly template: string
  readonly cluster: string
}

export function tenantNames(tenant: string): TenantNames {
  return {
    domain: tenant,
    manager: `${tenant}-domain-admin`,
    creator: `${tenant}-cluster`,
    automation: `${tenant}-svc`,
  }
}

export function projectNames(tenant: string, project: string, isFirst: boolean): ProjectNames {
  const stem = isFirst ? tenant : `${tenant}-${project}`
  return {
    project: `${tenant}-${project}`,
    applicationCredential: `${stem}-svc`,
    network: `${stem}-net`,
    subnet: `${stem}-subnet`,
    router: `${stem}-router`,
    keypair: `${stem}-key`,
    template: `${stem}-k8s`,
    cluster: `${stem}-cluster`,
  }
}

/** Part of the description of everything that we make and that has a description. */
export function marker(tenant: string): string {
  return `[tenant-onboard ${tenant}]`
}

/**
 * Beside the marker, in the description of what a freeze disabled. So a freeze can be undone without the data directory, and
 * no user is enabled who was disabled before.
 */
export function frozenMark(tenant: string): string {
  return `${marker(tenant)} frozen`
}

export function describe(tenant: string, what: string): string {
  return `${what} ${marker(tenant)}`
}

/** The tenant whose marker the description carries. */
export function markedTenant(description: string | null | undefined): string | undefined {
  return /\[tenant-onboard ([^\]]+)\]/.exec(description ?? '')?.[1]
}

/** True if the description carries our marker. */
export function carriesMarker(tenant: string, description: string | null | undefined): boolean {
  return description?.includes(marker(tenant)) ?? false
}
