import type { Actor } from './actors.ts'
import type { Spec } from './spec.ts'

/**
 * The named parts of an onboarding, in order. Each ends with a gate that is read from the cloud. `isOfOperator`: an operator
 * can still validate it once the tenant holds its own credentials. `part`: the part of a project that asks for it; without one,
 * every tenant file asks for the stage.
 */
const stageRows = [
  { name: 'preflight', isOfOperator: true },
  { name: 'domain', isOfOperator: true },
  { name: 'self-service', isOfOperator: false },
  { name: 'isolation', isOfOperator: false },
  { name: 'credentials', isOfOperator: false },
  { name: 'network', isOfOperator: false, part: 'network' },
  { name: 'template', isOfOperator: false, part: 'template' },
  { name: 'cluster', isOfOperator: false, part: 'cluster' },
] as const
export type StageName = (typeof stageRows)[number]['name']

export const stageNames = stageRows.map(({ name }) => name)

export const operatorStageNames: ReadonlySet<StageName> = new Set(
  stageRows.flatMap(({ name, isOfOperator }) => (isOfOperator ? [name] : [])),
)

/** The stages that have something to do for this tenant file. */
export function stagesAskedBy({ projects }: Pick<Spec, 'projects'>): ReadonlySet<StageName> {
  const isAsked = (row: (typeof stageRows)[number]): boolean =>
    !('part' in row) || projects.some((project) => project[row.part] !== undefined)
  return new Set(stageRows.filter(isAsked).map(({ name }) => name))
}

/** One claim of a gate, and what it read. */
export type Check = {
  /** `router acme-router is ACTIVE`. */
  readonly claim: string
  readonly ok: boolean
  /** What was read: small, and never a secret. */
  readonly value: unknown
  readonly actor: Actor
  /** Can only an operator read this (`perimeter`), or could the tenant have read it too? */
  readonly reach: 'perimeter' | 'tenant could'
  readonly requestIds: readonly string[]
  /** Id of the resource that it is about, `network/router`; absent if it is about none. */
  readonly about?: string
}

/** A place where an operator reads or acts, in a run that has no operator. */
export type OperatorPoint = {
  /** `which clusters are in other projects`. */
  readonly what: string
  readonly reach: Check['reach']
  /** What was done instead. */
  readonly instead: string
}
