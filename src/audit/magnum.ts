/** Magnum's own domain, and the account behind each cluster. */
import type { Finding } from '../finding.ts'
import type { User } from '../openstack/keystone/users.ts'
import { trusteeOf } from '../openstack/magnum/made-names.ts'
import { holderName, renderHolding, revocation } from './holdings.ts'
import type { AssignmentTarget, Holding, Holdings } from './holdings.ts'
import { clustersOf } from './inventory.ts'
import type { CloudInventory } from './inventory.ts'

export type MagnumAudit = {
  readonly inventory: CloudInventory
  readonly holdings: Holdings
  readonly adminRoles: ReadonlySet<string>
  readonly magnum: { readonly domain: string; readonly admin: string }
}

/** The clusters that stop working without each user, because their credentials are that user's. */
export type Dependence = {
  readonly user: { readonly id: string; readonly name: string }
  readonly clusters: readonly string[]
}

export function auditMagnum(audit: MagnumAudit): readonly Finding[] {
  const { clusters } = audit.inventory
  switch (clusters.kind) {
    case 'no Magnum':
      return []
    case 'unreadable':
      return [...auditDomainAdmin(audit), unreadable(clusters.because), ...auditTrustees(audit, undefined)]
    case 'listed':
      return [
        ...auditDomainAdmin(audit),
        ...auditTrustees(audit, new Set(clusters.list.map(({ uuid }) => uuid))),
        ...auditCreators(audit),
      ]
  }
}

export function dependencesOf({
  inventory,
  holdings,
}: Pick<MagnumAudit, 'inventory' | 'holdings'>): readonly Dependence[] {
  const clusters = new Map<string, string[]>()
  for (const cluster of clustersOf(inventory)) {
    const known = clusters.get(cluster.user_id)
    if (known === undefined) clusters.set(cluster.user_id, [cluster.name])
    else known.push(cluster.name)
  }
  // who is gone can neither be disabled nor deleted: that is `cluster-orphaned`
  return [...clusters].flatMap(([id, names]): readonly Dependence[] => {
    const name = holdings.users.get(id)?.name ?? (inventory.unreadIds.has(id) ? id : undefined)
    return name === undefined ? [] : [{ user: { id, name }, clusters: names }]
  })
}

function unreadable(because: string): Finding {
  return {
    code: 'audit/clusters-unreadable',
    severity: 'unknown',
    where: 'container-infra',
    message: `Magnum does not list the clusters of all projects, so their makers are not checked: ${because}`,
    remedy: 'repair its domain admin first, and look into the log of magnum-api',
    owner: 'operator',
  }
}

/** The charm makes it once, by hand; a redeployed Keystone loses it, or its role. */
function auditDomainAdmin({ inventory, holdings, adminRoles, magnum }: MagnumAudit): readonly Finding[] {
  const domain = inventory.domains.find(({ name }) => name === magnum.domain)
  if (domain !== undefined && inventory.unreadDomains.has(domain.id)) return []
  const user = domain && (holdings.usersIn.get(domain.id) ?? []).find(({ name }) => name === magnum.admin)
  const common = { severity: 'error', owner: 'operator' } as const
  const restore = "juju run magnum/leader domain-setup; elsewhere make it as in Magnum's installation guide"
  if (domain === undefined || user === undefined)
    return [
      {
        ...common,
        code: 'audit/magnum-admin-missing',
        where: `domain ${magnum.domain}`,
        message: `there is no \`${magnum.admin}\` in a domain \`${magnum.domain}\`: no cluster gets its trustee`,
        remedy: restore,
      },
    ]
  const isAdmin = (holdings.ofUser.get(user.id) ?? []).some(
    ({ role, on }) => adminRoles.has(role.id) && on.kind === 'domain' && on.domain.id === domain.id,
  )
  if (isAdmin && user.enabled) return []
  const why = user.enabled ? `holds no admin on domain \`${domain.name}\`` : 'is disabled'
  const command = user.enabled
    ? `openstack role add --user ${user.id} --domain ${domain.id} admin`
    : `openstack user set --enable ${user.id}`
  return [
    {
      ...common,
      code: 'audit/magnum-admin-stripped',
      where: `user ${user.name}`,
      message: `\`${user.name}\` ${why}: no cluster gets its trustee`,
      remedy: `${command}; or ${restore}`,
    },
  ]
}

/** What trustees hold by themselves: a trustee must hold only what its trust delegates. */
export function grantsOfTrustees({ inventory, holdings, magnum }: MagnumAudit): readonly Holding[] {
  return trusteesOf({ inventory, holdings, magnum }).flatMap(({ id }) => holdings.ofUser.get(id) ?? [])
}

function trusteesOf({ inventory, holdings, magnum }: Omit<MagnumAudit, 'adminRoles'>): readonly User[] {
  const domain = inventory.domains.find(({ name }) => name === magnum.domain)
  const users = domain === undefined ? [] : (holdings.usersIn.get(domain.id) ?? [])
  return users.filter(({ name }) => trusteeOf(name) !== undefined)
}

/** `living`: the existing clusters, if they could be listed. */
function auditTrustees(audit: MagnumAudit, living: ReadonlySet<string> | undefined): readonly Finding[] {
  const left = trusteesOf(audit).flatMap((user): readonly Finding[] => {
    const uuid = trusteeOf(user.name)?.cluster
    if (living === undefined || uuid === undefined || living.has(uuid)) return []
    return [
      {
        code: 'audit/trustee-left',
        severity: 'warning',
        where: `user ${user.name}`,
        message: `the trustee of cluster ${uuid} exists, but the cluster does not`,
        remedy: `openstack user delete ${user.id}`,
        owner: 'operator',
      },
    ]
  })
  return [...grantsOfTrustees(audit).map(grantOf), ...left]
}

function grantOf(holding: Holding): Finding {
  return {
    code: 'audit/trustee-grant',
    severity: 'error',
    where: `user ${holderName(holding)}`,
    message: `a trustee must hold only what its trust delegates, but this one holds ${renderHolding(holding)}`,
    remedy: revocation(holding),
    owner: 'operator',
  }
}

function auditCreators({ inventory, holdings, adminRoles }: MagnumAudit): readonly Finding[] {
  return clustersOf(inventory).flatMap((cluster): readonly Finding[] => {
    const user = holdings.users.get(cluster.user_id)
    const where = `cluster ${cluster.name}`
    // its own finding says that the user could not be read
    if (user === undefined && inventory.unreadIds.has(cluster.user_id)) return []
    if (user?.enabled !== true)
      return [
        {
          code: 'audit/cluster-orphaned',
          severity: 'error',
          where,
          message: `cluster \`${cluster.name}\` was made by ${user === undefined ? 'a deleted user' : `\`${user.name}\`, who is disabled`}: its credential is dead, and it can neither heal nor be deleted cleanly`,
          remedy:
            user === undefined
              ? 'the credential cannot be restored: move the workload, then delete the cluster as operator'
              : `openstack user set --enable ${user.id}`,
          owner: user === undefined ? 'operator' : 'tenant',
        },
      ]
    // in effect: through a group, or inherited from the domain, counts as well
    const isAdmin = holdings.all.some(
      ({ role, holder, on, isInherited }) =>
        adminRoles.has(role.id) &&
        (holder.kind === 'user' ? holder.user.id === user.id : holder.members.some(({ id }) => id === user.id)) &&
        reaches(on, isInherited, cluster.project_id, holdings),
    )
    if (!isAdmin) return []
    return [
      {
        code: 'audit/cluster-by-admin',
        severity: 'error',
        where,
        message: `cluster \`${cluster.name}\` was made by \`${user.name}\`, who is admin of its project: a driver that gives each cluster a credential has put admin inside it`,
        remedy:
          'make the cluster again with the cluster account of its tenant, then delete this one and its application credentials',
        owner: 'operator',
      },
    ]
  })
}

function reaches(
  on: AssignmentTarget,
  isInherited: boolean,
  projectId: string,
  { projects }: Pick<Holdings, 'projects'>,
): boolean {
  if (on.kind === 'system') return true
  if (!isInherited) return on.kind === 'project' && on.project.id === projectId
  const from = on.kind === 'project' ? on.project.id : on.domain.id
  const project = projects.get(projectId)
  if (project?.domain_id === from) return true
  // up the tree of projects; Keystone makes no circle in it
  for (let above = project?.parent_id ?? null; above !== null; above = projects.get(above)?.parent_id ?? null)
    if (above === from) return true
  return false
}
