import type { Auth } from '../openstack/auth.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { listDomains } from '../openstack/keystone/domains.ts'
import { listProjects } from '../openstack/keystone/projects.ts'
import type { Endpoint } from '../openstack/options.ts'
import type { Session } from '../openstack/session.ts'
import { sharedReadings, wantsOf } from '../onboarding/cloud-readings.ts'
import type { ReadCloud } from '../onboarding/cloud-readings.ts'
import type { ExternalAccess } from '../onboarding/external-access.ts'
import { sharedProof } from '../onboarding/shared-proof.ts'
import type { ProveCloud } from '../onboarding/gate.ts'
import type { UsedCloud } from '../tenant/used-cloud.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { UsedPrefixes } from './allot.ts'

/** A cloud for an operator, as the command line opens it. */
export type CloudAccess = {
  readonly operator: Session<'operator'>
  readonly endpoint: Endpoint
  readonly ca: string | undefined
  readonly used: () => UsedCloud
  /** Sessions of one tenant's accounts, whose requests go into its own record. */
  readonly openFor: (record: Exchange[]) => <A extends string>(actor: A, auth: Auth) => Session<A>
  readonly external: ExternalAccess
  readonly close: () => Promise<void>
}

/**
 * The same with what its tenants share: one operator's token, one reading of the shared resources, one proof of the
 * policy.
 */
export type FleetCloud = CloudAccess & { readonly readings: ReadCloud; readonly prove: ProveCloud }

/**
 * Images, flavors and networks rarely change. What changes quickly (the tenant's own resources, free addresses) is
 * never shared.
 */
const readingMaxAgeMs = 10 * 60_000

export function shareCloud(access: CloudAccess, now: () => Date): FleetCloud {
  return { ...access, readings: sharedReadings(access.operator, now, readingMaxAgeMs), prove: sharedProof(now) }
}

/** Opens each cloud once, for its first tenant. */
export class Clouds {
  readonly #open: (name: string) => Promise<CloudAccess>
  readonly #now: () => Date
  readonly #opened = new Map<string, Promise<FleetCloud>>()

  constructor(open: (name: string) => Promise<CloudAccess>, now: () => Date) {
    this.#open = open
    this.#now = now
  }

  at(name: string): Promise<FleetCloud> {
    const known = this.#opened.get(name)
    if (known !== undefined) return known
    const opening = this.#open(name).then((access) => shareCloud(access, this.#now))
    this.#opened.set(name, opening)
    return opening
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values())
    await Promise.all(opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])))
  }
}

/** The existing subnets, with the same number of requests for a thousand tenants as for one. */
export async function readStanding(cloud: FleetCloud, tenants: readonly Tenant[]): Promise<UsedPrefixes> {
  const [first] = tenants.filter((tenant) => wantsOf(tenant).network)
  if (first === undefined) return { subnets: [], projects: new Map() }
  const [{ subnets }, domains, projects] = await Promise.all([
    cloud.readings(wantsOf(first)),
    listDomains(cloud.operator),
    listProjects(cloud.operator),
  ])
  const names = new Map(domains.map(({ id, name }) => [id, name]))
  return {
    subnets,
    projects: new Map(projects.map(({ id, name, domain_id }) => [id, `${names.get(domain_id) ?? ''}/${name}`])),
  }
}
