import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import { digestOf } from '../tenant/canonical.ts'
import type { Digests } from '../tenant/evidence.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Inventory } from './inventory.ts'
import type { Change, ResolvedResources, Resource } from './resource.ts'

/** One change of the plan. Has names; ids are resolved when it is applied. */
export type Step = {
  /** `network/router`; stable between runs. */
  readonly id: string
  readonly stage: StageName
  readonly action: 'create' | 'adopt' | 'update' | 'keep'
  readonly actor: Actor
  readonly kind: string
  readonly name: string
  /** Shown to the operator before anything is changed. */
  readonly because: string
  readonly changes: readonly Change[]
}

export type Plan = {
  readonly steps: readonly Step[]
  /** Ids that can be seen only once an account is corrected or adopted. Another plan follows this one. */
  readonly deferred: readonly string[]
  /** With deferred resources: the last stage that can be carried out completely. */
  readonly appliesThrough?: StageName
  /** Objections to the plan; with one at error level nothing is applied. */
  readonly findings: readonly Finding[]
  /** Equal for equal plans: what a second person approves and `apply --expect` demands. */
  readonly digest: string
}

/** Pure: the plan leaves no choices, so applying it makes none. */
export function planOf(
  resources: readonly Resource[],
  inventory: Inventory,
  known: ResolvedResources,
  digests: Digests,
  options: { readonly adopt: boolean },
): Plan {
  const findings: Finding[] = []
  const steps: Step[] = []
  const deferred: string[] = []
  /** Resources that another party must make first and that are absent, with everything inside them. */
  const missing = new Set<string>()
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const changing = (id: string): boolean => steps.some((step) => step.id === id && step.action !== 'keep')
  /** True if this plan corrects something that it needs, such as its actor's account and role. */
  const isPending = (resource: Resource): boolean =>
    before(resource).some((id) => {
      const one = byId.get(id)
      return changing(id) || (one !== undefined && isPending(one))
    })
  for (const resource of resources) {
    const { id, stage, kind, name } = resource
    const step = { id, stage, actor: resource.identity.actor, kind, name, changes: [] as readonly Change[] }
    const where = `${kind} ${name}`
    const owner = step.actor === 'operator' ? 'operator' : 'tenant'
    const observation = inventory.get(id) ?? { kind: 'absent' }
    // it needs something that cannot be seen yet
    if (before(resource).some((needed) => deferred.includes(needed))) {
      deferred.push(id)
      continue
    }
    const isAbsent = observation.kind === 'absent'
    if (isAbsent && (resource.isExternal === true || before(resource).some((needed) => missing.has(needed)))) {
      missing.add(id)
      continue
    }
    switch (observation.kind) {
      case 'absent':
        steps.push({ ...step, action: 'create', because: 'missing' })
        break
      case 'several':
        findings.push({
          code: 'plan/ambiguous-name',
          severity: 'error',
          where,
          message: `there are ${observation.ids.length} with this name: ${observation.ids.join(', ')}`,
          remedy: "delete or rename the ones that are not the tenant's",
          owner,
        })
        break
      case 'hidden':
        if (isPending(resource)) {
          deferred.push(id)
          break
        }
        findings.push({
          code: 'plan/cannot-look',
          severity: 'error',
          where,
          message: observation.because,
          remedy: remedyOfHidden(step.actor),
          owner,
        })
        break
      case 'found': {
        const verdict = resource.compare(observation.value, known)
        if (verdict.conflict !== undefined) {
          findings.push({ code: 'plan/conflict', severity: 'error', where, ...verdict.conflict, owner })
        } else if (!verdict.isOurs && !options.adopt) {
          findings.push({
            code: 'plan/not-ours',
            severity: 'error',
            where,
            message: 'exists and does not carry our marker',
            remedy: 'take it over with `--adopt`, or choose another name for the tenant',
            owner,
          })
        } else if (!verdict.isOurs) {
          steps.push({
            ...step,
            action: 'adopt',
            because: 'exists and does not carry our marker',
            changes: verdict.changes,
          })
        } else if (verdict.changes.length > 0) {
          steps.push({
            ...step,
            action: 'update',
            because: verdict.changes.map(renderChange).join(', '),
            changes: verdict.changes,
          })
        } else {
          steps.push({ ...step, action: 'keep', because: 'up to date' })
        }
      }
    }
  }
  const through =
    deferred.length === 0 ? {} : { appliesThrough: stageBefore(deferred.map((id) => byId.get(id)?.stage)) }
  return { steps, deferred, ...through, findings, digest: digestOf({ steps, deferred, findings, digests }) }
}

/** Ids of the resources before a resource. */
export function before({ inside, needs }: Resource): readonly string[] {
  return [...inside, ...needs]
}

function stageBefore(stages: readonly (StageName | undefined)[]): StageName {
  const first = Math.min(...stageNames.flatMap((name, index) => (stages.includes(name) ? [index] : [])))
  return stageNames[Math.max(0, first - 1)] ?? 'preflight'
}

export function renderChange({ field, from, to }: Change): string {
  return `${field}: ${renderValue(from)} -> ${renderValue(to)}`
}

/** The steps that change something. */
export function changesOf(plan: Plan): readonly Step[] {
  return plan.steps.filter((step) => step.action !== 'keep')
}

function renderValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function remedyOfHidden(actor: Actor): string {
  switch (actor) {
    case 'operator':
      return 'run it where an operator can sign in'
    case 'manager':
      return 'restore the data directory, or `rotate --account domain-admin`'
    case 'creator':
      return 'restore the data directory, or `rotate --account cluster`'
    case 'automation':
      return 'restore the data directory, or `rotate --account svc`'
  }
}
