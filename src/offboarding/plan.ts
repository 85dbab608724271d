import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import { carriesMarker } from '../tenant/names.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { freezeOf } from './freeze.ts'
import { chooseActor } from './actors.ts'
import { clusterOwnersOf } from './inventory.ts'
import type { Inventory } from './inventory.ts'
import type { OffboardStage } from './stages.ts'
import { unseen, unseenList } from './not-shown.ts'

/** One thing that will be done. The objects are read again then, so that later ones are included. */
export type OffboardStep = {
  readonly stage: OffboardStage
  readonly action: 'delete' | 'disable' | 'limit' | 'reset' | 'keep'
  readonly actor: Actor
  readonly kind: string
  readonly name: string
  readonly id: string
  /** Why the operator does it, or why it is kept. */
  readonly because?: string
}

export type OffboardPlan = {
  /** In the order of deletion. */
  readonly steps: readonly OffboardStep[]
  /** If one is at error level, nothing is touched. */
  readonly findings: readonly Finding[]
}

export type PlanOptions = {
  readonly keepData: boolean
  readonly adopt: boolean
  /** Can the operator get into a project? */
  readonly canEnter: boolean
  readonly magnumDomain: string
}

/** Pure. */
export function planOf(tenant: Tenant, inventory: Inventory, options: PlanOptions): OffboardPlan {
  const { tenantState, actors, holdings } = inventory
  const { shut, disable, spare } = freezeOf(tenant, tenantState, clusterOwnersOf(inventory))
  const frozen: OffboardStep[] = [
    ...shut.map(
      ({ id }) =>
        ({ ...byOperator, stage: 'freeze', action: 'disable', kind: 'identity provider', name: id, id }) as const,
    ),
    ...disable.map(
      ({ id, name }) => ({ ...byOperator, stage: 'freeze', action: 'disable', kind: 'user', name, id }) as const,
    ),
    ...spare.map(
      ({ user: { id, name }, because }) =>
        ({ ...byOperator, stage: 'freeze', action: 'keep', kind: 'user', name, id, because }) as const,
    ),
    ...tenantState.projects.map(
      ({ id, name }) =>
        ({ ...byOperator, stage: 'freeze', action: 'limit', kind: 'quotas', name: `of ${name}`, id }) as const,
    ),
  ]
  const reset = options.keepData
    ? []
    : tenantState.projects.map(
        ({ id, name }) =>
          ({ ...byOperator, stage: 'quotas', action: 'reset', kind: 'quotas', name: `of ${name}`, id }) as const,
      )
  const going = holdings.flatMap(({ kind, owned }) =>
    owned.map((one): OffboardStep => {
      const step = { stage: kind.stage, kind: kind.kind, name: one.name, id: one.id }
      const kept = keptBecause(kind, options.keepData)
      if (kept !== undefined) return { ...byOperator, ...step, action: 'keep', because: kept }
      const { actor, because } = chooseActor(one, kind, tenant, tenantState, actors)
      return { ...step, action: 'delete', actor, ...(because === undefined ? {} : { because }) }
    }),
  )
  const at = going.findIndex(({ stage }) => stage === 'identity')
  const before = at === -1 ? going.length : at
  return {
    steps: [...frozen, ...going.slice(0, before), ...reset, ...going.slice(before)],
    findings: [
      ...ownership(tenant, inventory, options),
      ...entrances(inventory, options),
      ...stuckOf(inventory, options),
      ...inventory.findings,
    ],
  }
}

/** All at once, because each would end the run by itself. */
function stuckOf({ holdings }: Inventory, { keepData }: PlanOptions): readonly Finding[] {
  return holdings.flatMap(({ kind, owned }) =>
    owned.flatMap(({ name, stuck }): readonly Finding[] =>
      stuck === undefined || keptBecause(kind, keepData) !== undefined
        ? []
        : [{ code: 'offboard/stuck', where: `${kind.kind} ${name}`, owner: 'operator', ...stuck }],
    ),
  )
}

const byOperator = { actor: 'operator' } as const

/** Data needs its project, and a project its domain: with data kept, both stay, with every user disabled. */
export function keptBecause(
  kind: { readonly stage: OffboardStage; readonly isData?: true },
  keepData: boolean,
): string | undefined {
  if (!keepData) return undefined
  if (kind.isData === true) return '--keep-data'
  return kind.stage === 'identity' ? 'the kept data is in it or belongs to it' : undefined
}

function ownership(
  tenant: Tenant,
  { tenantState: { domain, hasOwnDirectory }, protection }: Inventory,
  options: PlanOptions,
): readonly Finding[] {
  if (protection !== undefined) return [protection]
  if (domain === undefined) return []
  const where = `domain ${domain.name}`
  const findings: Finding[] = []
  if (!carriesMarker(tenant.spec.tenant, domain.description) && !options.adopt)
    findings.push({
      code: 'offboard/not-ours',
      severity: 'error',
      where,
      message: 'exists and does not carry our marker',
      remedy: 'make sure that it is the tenant you mean, then use `--adopt`',
      owner: 'operator',
    })
  if (hasOwnDirectory)
    findings.push({
      code: 'offboard/foreign-directory',
      severity: 'warning',
      where,
      message:
        'its users are in a directory outside of Keystone, so they can neither be disabled nor deleted from here',
      remedy: 'lock them out there first; their keypairs and roles are deleted here',
      owner: 'operator',
    })
  return findings
}

/** What only a token of a project shows, and whether the operator will get one. */
function entrances(
  { unseen: all, tenantState, holdings, actors }: Inventory,
  options: PlanOptions,
): readonly Finding[] {
  const refused = all.filter(({ project }) => project === undefined).map(unseenList)
  const notSeen = all.flatMap(({ project, ...rest }) => (project === undefined ? [] : [{ ...rest, project }]))
  if (options.canEnter)
    return [
      ...refused,
      ...notSeen.map(({ kind, project, because }) =>
        unseen(
          `project ${project}`,
          `its ${kind}s are visible once the operator enters it, by a temporary role: now ${because}`,
          'info',
        ),
      ),
    ]
  const clusters = holdings.find(({ kind }) => kind.kind === 'cluster')?.owned ?? []
  const stuck = clusters.filter(
    ({ projectId }) =>
      tenantState.projects.some(({ id }) => id === projectId) &&
      !actors.some((usable) => usable.projectId === projectId),
  )
  return [
    ...refused,
    ...notSeen.map(({ kind, project, because }) =>
      unseen(
        `project ${project}`,
        `its ${kind}s cannot be seen, and would stay: ${because}, and the operator cannot enter it`,
      ),
    ),
    ...stuck.map(({ name }): Finding => ({
      code: 'offboard/no-way-in',
      severity: 'error',
      where: `cluster ${name}`,
      message:
        'can be deleted cleanly only with a token of its project, and neither an account of the tenant nor the operator can get one from here',
      remedy: 'let the operator sign in by password: an application credential carries one project and enters no other',
      owner: 'operator',
    })),
  ]
}
