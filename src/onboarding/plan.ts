import type { Finding } from '../finding.ts'
import type { Actor } from '../tenant/actors.ts'
import { digestOf } from '../tenant/canonical.ts'
import type { Digests } from '../tenant/evidence.ts'
import { stageNames } from '../tenant/stage.ts'
import type { StageName } from '../tenant/stage.ts'
import type { Hidden, Inventory, Observation, TwinsSeen } from './inventory.ts'
import type { Change, ResolvedResources, Resource } from './resource.ts'
import type { Stage } from './stage.ts'

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

/** What is carried out: a plan, the stages that it reaches, and what is there already. */
export type Planned = {
  readonly plan: Plan
  readonly stages: readonly Stage[]
  readonly known: ResolvedResources
}

export type PlanOptions = {
  /** Names of what is enabled again, if it is disabled. */
  readonly enable: readonly string[]
  /** Of the tenant file and the cloud: a plan for another of either is another plan. */
  readonly digests: Digests
  readonly adopt: boolean
}

/** Pure: the plan leaves no choices, so applying it makes none. `resources`: each after all that comes before it. */
export function planOf(
  resources: readonly Resource[],
  { observations, known }: Inventory,
  { digests, adopt, enable }: PlanOptions,
): Plan {
  const findings: Finding[] = []
  const steps: Step[] = []
  const deferred = new Set<string>()
  /** Resources that another party must make first and that are absent, with everything inside them. */
  const missing = new Set<string>()
  /** Several of one name: nobody knows which one the rest belongs to. */
  const ambiguous = new Set<string>()
  const disabled = new Set<string>()
  /** What cannot be looked at, by the actor and the refusal: one cause is one finding. */
  const hidden = new Map<string, { readonly observation: Hidden; readonly resources: Resource[] }>()
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const changing = (id: string): boolean => steps.some((step) => step.id === id && step.action !== 'keep')
  /** True if this plan corrects something that it needs, such as its actor's account and role. */
  const isPending = (resource: Resource): boolean =>
    before(resource).some((id) => {
      const one = byId.get(id)
      return changing(id) || (one !== undefined && isPending(one))
    })
  for (const resource of resources) {
    const { id } = resource
    const observation = observations.get(id) ?? { kind: 'absent' }
    const isAfter = (ids: ReadonlySet<string>): boolean => before(resource).some((needed) => ids.has(needed))
    if (observation.kind === 'several') ambiguous.add(id)
    // it needs something that cannot be seen yet, or cannot be told from its twin
    if (
      isAfter(deferred) ||
      isAfter(ambiguous) ||
      isAfter(disabled) ||
      (observation.kind === 'hidden' && isPending(resource))
    )
      deferred.add(id)
    else if (observation.kind === 'hidden') {
      const { actor, refused } = observation
      const key = JSON.stringify([actor, refused])
      const others = hidden.get(key)
      if (others === undefined) hidden.set(key, { observation, resources: [resource] })
      else others.resources.push(resource)
    } else if (observation.kind === 'absent' && (resource.isExternal === true || isAfter(missing))) missing.add(id)
    else {
      const decided = decide(resource, observation, { known, adopt, enable })
      if (decided === 'undecided') deferred.add(id)
      else if ('action' in decided) steps.push(decided)
      else {
        findings.push(decided)
        // what is inside it, or made by it, cannot be seen while it is disabled
        if (decided.code === 'plan/disabled') disabled.add(id)
      }
    }
  }
  for (const one of hidden.values()) findings.push(hiddenFinding(one, resources))
  const left = [...deferred]
  const through = left.length === 0 ? {} : { appliesThrough: stageBefore(left.map((id) => byId.get(id)?.stage)) }
  return { steps, deferred: left, ...through, findings, digest: digestOf({ steps, deferred: left, findings, digests }) }
}

/** What is to be done about one resource, or why nothing can be. */
function decide(
  resource: Resource,
  observation: Exclude<Observation, Hidden>,
  { known, adopt, enable }: Pick<PlanOptions, 'adopt' | 'enable'> & { readonly known: ResolvedResources },
): Step | Finding | 'undecided' {
  const { id, stage, kind, name } = resource
  const { actor } = resource.identity
  const step = { id, stage, actor, kind, name, changes: [] }
  const finding = (
    code: string,
    { message, remedy }: { readonly message: string; readonly remedy: string },
  ): Finding => {
    const owner = actor === 'operator' ? 'operator' : 'tenant'
    return { code, severity: 'error', where: `${kind} ${name}`, message, remedy, owner }
  }
  switch (observation.kind) {
    case 'absent':
      return { ...step, action: 'create', because: 'missing' }
    case 'several':
      return finding('plan/ambiguous-name', {
        message: `there are ${observation.ids.length} with this name: ${observation.ids.map((one, index) => `${one}${usersIn(observation.twins, index)}`).join(', ')}`,
        remedy: remedyOfTwins(observation.ids, observation.twins),
      })
    case 'found': {
      const {
        isOurs,
        changes: differences,
        conflict,
        isUndecided,
        disabled,
      } = resource.compare(observation.value, known)
      const notOurs = 'exists and does not carry our marker'
      if (conflict !== undefined) return finding('plan/conflict', conflict)
      if (!isOurs && !adopt)
        return finding('plan/not-ours', {
          message: notOurs,
          remedy: 'take it over with `--adopt`, or choose another name for the tenant',
        })
      if (disabled !== undefined && !enable.includes(name))
        return finding('plan/disabled', disabledText(name, disabled))
      if (isUndecided === true) return 'undecided'
      const changes =
        disabled === undefined ? differences : [...differences, { field: 'enabled', from: false, to: true }]
      if (!isOurs) return { ...step, action: 'adopt', because: notOurs, changes }
      if (changes.length === 0) return { ...step, action: 'keep', because: 'up to date' }
      return { ...step, action: 'update', because: changes.map(renderChange).join(', '), changes }
    }
  }
}

function disabledText(name: string, disabled: 'by a freeze' | 'by hand'): { message: string; remedy: string } {
  if (disabled === 'by a freeze')
    return { message: 'is disabled by a freeze', remedy: 'undo the freeze: `offboard --unfreeze`' }
  return {
    message: 'is disabled, and nothing here knows by whom and why',
    remedy: `find out who disabled it; then enable it with \`--enable ${name}\``,
  }
}

function usersIn(twins: TwinsSeen | undefined, index: number): string {
  const users = twins?.usedBy[index]
  if (users === undefined) return ''
  return ` (used by ${users.length === 0 ? 'nothing' : users.join(', ')})`
}

/** A command where one of them is in use and the others are not; otherwise only a person can tell. */
function remedyOfTwins(ids: readonly string[], twins: TwinsSeen | undefined): string {
  const unused = twins === undefined ? [] : ids.filter((_, index) => twins.usedBy[index]?.length === 0)
  if (twins === undefined || unused.length !== ids.length - 1)
    return "delete or rename the ones that are not the tenant's"
  return unused.map((id) => `${twins.deleteCommand} ${id}`).join(' && ')
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

type HiddenByOne = { readonly observation: Hidden; readonly resources: readonly Resource[] }

function hiddenFinding({ observation, resources }: HiddenByOne, all: readonly Resource[]): Finding {
  const { actor, refused } = observation
  const account = all.find((one) => one.kind === 'user' && one.invalidatesSessionsOf === actor)?.name ?? actor
  const names = resources.map(({ kind, name }) => `${kind} ${name}`)
  const shown = names.slice(0, 3).join(', ')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  const why = refused === undefined ? 'its secret is not in this data directory' : `it cannot sign in: ${refused}`
  return {
    code: 'plan/cannot-look',
    severity: 'error',
    where: `account ${account}`,
    message: `${why}; so nobody can look at ${shown}${more}`,
    remedy: remedyOfHidden(actor, refused !== undefined),
    owner: actor === 'operator' ? 'operator' : 'tenant',
  }
}

const rotatedAs = { manager: 'domain-admin', creator: 'cluster', automation: 'svc' } as const

function remedyOfHidden(actor: Actor, isRefused: boolean): string {
  if (actor === 'operator') return 'run it where an operator can sign in'
  const rotate = `\`rotate --account ${rotatedAs[actor]}\``
  const deliver = actor === 'manager' ? ', and `handover --again` gives it to the tenant' : ''
  return isRefused
    ? `if somebody changed its password, ${rotate} sets a new one, which ends the one in use${deliver}`
    : `if another data directory has the secret, work with that one (\`--home\`) or restore it: a new secret ends it. If none has, ${rotate} sets a new one${deliver}`
}
