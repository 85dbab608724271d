import type { Finding } from '../finding.ts'
import { isBlocked } from '../finding.ts'
import { invariant, StopError } from '../errors.ts'
import { applyPlan } from '../onboarding/apply.ts'
import type { StageResult } from '../onboarding/apply.ts'
import { takeInventory } from '../onboarding/inventory.ts'
import type { SharedResources } from '../onboarding/shared-resources.ts'
import { changesOf, planOf } from '../onboarding/plan.ts'
import type { Step } from '../onboarding/plan.ts'
import type { ResolvedResources, Resource } from '../onboarding/resource.ts'
import type { Caller, Run } from '../onboarding/run.ts'
import { stagesThrough } from '../onboarding/stage.ts'
import type { Stage } from '../onboarding/stage.ts'
import { isAdminRole } from '../openstack/keystone/role-names.ts'
import { projectOf } from '../onboarding/stages/accounts.ts'
import type { Token } from '../openstack/token.ts'
import { madeIds } from '../tenant/evidence.ts'
import type { TenantActor } from '../tenant/actors.ts'
import { signsIn } from '../tenant/sessions.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { managerPerimeter, ownPreflight, ownPreflightStage } from './own-shared-resources.ts'
import type { CreatorAccess } from './own-shared-resources.ts'
import { signInAsReceived } from '../handover/sign-in.ts'
import { accountStages, managerStages, tenantResources } from './stages.ts'

/*
 * The tenant's side of onboarding, self-service to cluster, from the handover alone. It has two rounds: a project is
 * needed to see what the operator provides, and the first round makes the project.
 */

/** The accounts that signed in, with their roles. It is seen, not assumed, that no operator is among them. */
export type Identity = { readonly actor: TenantActor; readonly user: string; readonly roles: readonly string[] }

export type CarriedOut = {
  readonly ok: boolean
  readonly isDeclined: boolean
  readonly findings: readonly Finding[]
  readonly changed: readonly Step[]
  readonly stages: readonly StageResult[]
  readonly identities: readonly Identity[]
}

/** `run` is opened from the handover, so its sessions have no operator. `approve` is asked for each of the two rounds. */
export async function carryOut(run: Run, approve: Caller['approve']): Promise<CarriedOut> {
  const { tenant, sessions } = run
  invariant(
    (await sessions.at({ actor: 'operator' })) === undefined,
    "the tenant's side was opened with an operator in it",
  )
  const manager = await sessions.at({ actor: 'manager' })
  if (manager === undefined) throw new StopError('the handover has no password of the domain manager')
  const wrong = await signInAsReceived(tenant, manager)
  if (wrong !== undefined) return refused([wrong])

  const roles = await managerPerimeter(manager)
  const first = await carryOutRound(
    { resources: tenantResources(tenant).filter(isOfManager), shared: roles, stages: managerStages },
    run,
    approve,
  )
  if (!first.ok) return { ...first, identities: await identitiesOf(run) }
  const creators = await creatorsOf(run, first.known)
  if (creators === undefined) {
    const findings = [cannotSignIn(tenant)]
    return { ...first, ok: false, findings, identities: await identitiesOf(run) }
  }
  const looked = await ownPreflight(tenant, roles.choice.roles, creators)
  if (!looked.isBuildable)
    return { ...first, ok: false, findings: looked.findings, identities: await identitiesOf(run) }
  const stages = accountStages(ownPreflightStage(looked))
  const second = await carryOutRound(
    { resources: tenantResources(tenant), shared: looked.shared, stages },
    run,
    approve,
  )
  const identities = await identitiesOf(run)
  const operators = identities.filter(isOperator).map(operatorFinding)
  return {
    ok: second.ok && operators.length === 0,
    isDeclined: second.isDeclined,
    findings: [...second.findings, ...operators],
    changed: [...first.changed, ...second.changed],
    stages: [...first.stages, ...second.stages],
    identities,
  }
}

type Round = {
  readonly resources: readonly Resource[]
  readonly shared: SharedResources
  readonly stages: readonly Stage[]
}

type RoundResult = Omit<CarriedOut, 'identities'> & { readonly known: ResolvedResources }

/** Plans and applies, and repeats while a new account lets more be seen. */
async function carryOutRound(
  { resources, shared, stages }: Round,
  run: Run,
  approve: Caller['approve'],
): Promise<RoundResult> {
  const { digests, options } = run
  const changed: Step[] = []
  const results: StageResult[] = []
  for (;;) {
    const inventory = await takeInventory(resources, run, { shared, recorded: madeIds(run.evidence.records) })
    const { known } = inventory
    const plan = planOf(resources, inventory, { digests, adopt: options.adopt, enable: options.enable ?? [] })
    const soFar = { ok: false, isDeclined: false, findings: plan.findings, changed, stages: results, known }
    if (isBlocked(plan.findings)) return soFar
    if (!(await approve(plan))) return { ...soFar, isDeclined: true }
    const open = stages.filter(({ name }) => !results.some(({ stage }) => stage === name))
    const done = await applyPlan({ plan, known, stages: stagesThrough(open, run.tenant, plan.appliesThrough) }, run)
    const made = changesOf(plan).filter(({ stage }) => done.some((result) => result.stage === stage))
    results.push(...done)
    changed.push(...made)
    const ok = done.every((result) => result.ok)
    if (!ok || plan.deferred.length === 0 || made.length === 0)
      return { ...soFar, ok: ok && plan.deferred.length === 0 }
  }
}

function isOfManager({ identity }: Resource): boolean {
  return identity.actor === 'manager'
}

/** `undefined` if the account that makes clusters cannot sign in: its data directory is lost. */
async function creatorsOf(
  { tenant, sessions }: Run,
  known: ResolvedResources,
): Promise<readonly [CreatorAccess, ...CreatorAccess[]] | undefined> {
  const creators: CreatorAccess[] = []
  for (const project of tenant.projects) {
    const session = await sessions.at({ actor: 'creator', project })
    if (session === undefined || !(await signsIn(session))) return undefined
    creators.push({ project, id: known.need(projectOf(tenant, project)).id, session })
  }
  const [first, ...further] = creators
  invariant(first, 'the schema allows no tenant without a project')
  return [first, ...further]
}

function cannotSignIn({ names }: Tenant): Finding {
  return {
    code: 'plan/cannot-look',
    severity: 'error',
    where: `user ${names.creator}`,
    message: 'exists already, and its password is not in this data directory, or is refused',
    remedy:
      'restore the data directory, or `rotate --account cluster`; then `rotate --account svc`, and `accept` again',
    owner: 'tenant',
  }
}

async function identitiesOf({ tenant, sessions }: Run): Promise<readonly Identity[]> {
  const [project] = tenant.projects
  const opened = await Promise.all([
    sessions.at({ actor: 'manager' }),
    sessions.at({ actor: 'creator', project }),
    sessions.at({ actor: 'automation', project }),
  ])
  const here = opened.filter((session) => session !== undefined)
  const tokens = await Promise.all(
    here.map(async (session) => {
      const token = await session.token().catch(() => undefined)
      return token === undefined ? undefined : identityOf(session.actor, token)
    }),
  )
  return tokens.filter((identity) => identity !== undefined)
}

function identityOf(actor: TenantActor, { userName, roles }: Token): Identity {
  return { actor, user: userName, roles: roles.map(({ name }) => name).sort() }
}

function isOperator({ roles }: Identity): boolean {
  return roles.some(isAdminRole)
}

function operatorFinding({ user, roles }: Identity): Finding {
  return {
    code: 'handover/operator-session',
    severity: 'error',
    where: `user ${user}`,
    message: `it signs in with ${roles.join(', ')}, so this run may only have shown an operator's rights`,
    remedy: 'remove the role, and `accept` again',
    owner: 'operator',
  }
}

function refused(findings: readonly Finding[]): CarriedOut {
  return { ok: false, isDeclined: false, findings, changed: [], stages: [], identities: [] }
}
