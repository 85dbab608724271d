/** Everything that a tenant owns and that other tenants have on it, read before the first change. Read-only. */
import { askAhead } from '../openstack/ask-ahead.ts'
import type { Finding } from '../finding.ts'
import { hasService } from '../openstack/has-service.ts'
import { clusterOfCredential, trusteeOf } from '../openstack/magnum/made-names.ts'
import type { Session } from '../openstack/session.ts'
import type { EvidenceRecord } from '../tenant/evidence.ts'
import { protectionOf } from '../tenant/protected-domains.ts'
import { signIn } from '../tenant/sessions.ts'
import type { Sessions } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { findForeign } from './foreign.ts'
import { findUsableActors, makers } from './actors.ts'
import type { UsableActors } from './actors.ts'
import { kinds } from './kinds.ts'
import type { Kind, Owned } from './ownership.ts'
import { listSeen } from './look.ts'
import { noClusters } from './reach.ts'
import type { KnownClusters, Reach, Unseen } from './reach.ts'
import { attribute, findOwnerless, judgeOwnerless } from './ownerless.ts'
import { readTenantState, withProjects } from './tenant-state.ts'
import type { TenantState } from './tenant-state.ts'
import { findUnseenInLost, findUnseenServices } from './uninspected.ts'

export type Inventory = {
  readonly tenantState: TenantState
  readonly actors: UsableActors
  /** In the order of deletion. */
  readonly holdings: readonly Holding[]
  /** Of kinds that only a token of the project shows. */
  readonly unseen: readonly Unseen[]
  /** What prevents the deletion, what other tenants lose, and what cannot be seen. */
  readonly findings: readonly Finding[]
  /** Why the domain can be no tenant's, if so. */
  readonly protection: Finding | undefined
}

export type Holding = { readonly kind: Kind; readonly owned: readonly Owned[] }

export type Looking = {
  readonly tenant: Tenant
  readonly operator: Session<'operator'>
  readonly sessions: Sessions
  readonly records: readonly EvidenceRecord[]
  readonly magnumDomain: string
  /** Whether a name is enough to take what a deleted project left for the tenant's. */
  readonly adopt: boolean
}

export async function takeInventory(looking: Looking): Promise<Inventory> {
  const { tenant, sessions, records, magnumDomain, adopt } = looking
  // one memory for all, because several looks ask for the same lists
  const operator = looking.operator.snapshot()
  askAhead(...tenant.projects.flatMap((project) => makers.map((actor) => signIn(sessions, { actor, project }))))
  const [standing, ownerless] = await Promise.all([
    readTenantState(operator, tenant, records),
    findOwnerless(operator, magnumDomain),
  ])
  const tenantState = withProjects(standing, attribute(ownerless, tenant, records, adopt), records)
  const actors = await findUsableActors(tenant, tenantState, sessions)
  const unseen: Unseen[] = []
  const reach: Reach = {
    operator,
    isWhole: true,
    tenantState,
    magnumDomain,
    // clusters that still exist: their leftovers are looked for once they are gone
    clusters: noClusters,
    inside: async (project) => {
      const usable = actors.find(({ projectId }) => projectId === project.id)
      return usable === undefined ? undefined : sessions.at(usable.identity)
    },
    unseen: (what) => unseen.push(what),
    remark: () => undefined,
  }
  const [holdings, foreign, unread, lost, protection] = await Promise.all([
    Promise.all(kinds.map(async (kind) => ({ kind, owned: await listOf(kind, reach) }))),
    findForeign(reach),
    findUnseenServices(operator),
    findUnseenInLost(operator, tenantState),
    protectionOf(operator, tenant, { trustsMarker: false }),
  ])
  return {
    tenantState,
    actors,
    holdings,
    unseen,
    findings: [
      ...tenantState.federation.findings,
      ...foreign,
      ...unread,
      ...lost,
      ...judgeOwnerless(ownerless, tenant, tenantState.projectIds),
    ],
    protection,
  }
}

/** A service that the cloud lacks has nothing of the tenant. */
export async function listOf(kind: Kind, reach: Reach): Promise<readonly Owned[]> {
  return (await hasService(reach.operator, kind.service)) ? listSeen(kind, reach) : []
}

/**
 * Those that exist, that the file asks for, that the evidence names, and that left a trustee or a credential, whose names
 * hold the cluster's id.
 */
export function knownClusters(
  { holdings }: Pick<Inventory, 'holdings'>,
  tenant: Tenant,
  records: readonly EvidenceRecord[],
): KnownClusters {
  const owned = (kind: string): readonly Owned[] => holdings.find((one) => one.kind.kind === kind)?.owned ?? []
  const standing = owned('cluster')
  const asked = tenant.projects.flatMap(({ spec, names }) => (spec.cluster === undefined ? [] : [names.cluster]))
  const noted = records.flatMap((one) => (one.kind === 'offboarding' && one.ids !== undefined ? [one.ids] : []))
  const made = records.flatMap((one) => (one.kind === 'made' && one.object.kind === 'cluster' ? [one.object] : []))
  const left = [...owned('trustee'), ...owned('application credential')]
  return {
    names: new Set([
      ...standing.map(({ name }) => name),
      ...asked,
      ...made.map(({ name }) => name),
      ...noted.flatMap(({ clusters }) => clusters),
    ]),
    ids: new Set([
      ...standing.map(({ id }) => id),
      ...made.flatMap(({ id }) => id ?? []),
      ...left.flatMap(({ name }) => trusteeOf(name)?.cluster ?? clusterOfCredential(name) ?? []),
      ...noted.flatMap(({ clusterIds = [] }) => clusterIds),
    ]),
  }
}

/** Users whose credential a cluster of the tenant uses. */
export function clusterOwnersOf({ holdings }: Pick<Inventory, 'holdings'>): ReadonlySet<string> {
  const clusters = holdings.find(({ kind }) => kind.kind === 'cluster')?.owned ?? []
  return new Set(clusters.flatMap(({ userId }) => userId ?? []))
}
