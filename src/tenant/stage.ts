import type { Actor } from './actors.ts'

/**
 * The named parts of an onboarding, in order. Each ends with a gate that is read from the cloud. `isOfOperator`: an operator
 * can still validate it once the tenant holds its own credentials.
 */
const stageRows = [
  { name: 'preflight', isOfOperator: true },
  { name: 'domain', isOfOperator: true },
  { name: 'self-service', isOfOperator: false },
  { name: 'isolation', isOfOperator: false },
  { name: 'credentials', isOfOperator: false },
  { name: 'network', isOfOperator: false },
  { name: 'template', isOfOperator: false },
  { name: 'cluster', isOfOperator: false },
] as const
export type StageName = (typeof stageRows)[number]['name']

export const stageNames = stageRows.map(({ name }) => name)

export const operatorStageNames: ReadonlySet<StageName> = new Set(
  stageRows.flatMap(({ name, isOfOperator }) => (isOfOperator ? [name] : [])),
)

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
