import type { Session } from '../openstack/session.ts'
import type { TenantContext } from '../tenant/context.ts'
import type { OperatorCustody } from '../tenant/custody.ts'
import type { Evidence } from '../tenant/evidence.ts'
import type { StageName } from '../tenant/stage.ts'
import type { ReadCloud } from './cloud-readings.ts'
import type { ExternalAccess } from './external-access.ts'
import type { OpenProbe, ProveCloud } from './gate.ts'
import type { Plan } from './plan.ts'
import type { Allotted } from './preflight/network.ts'
import type { Progress } from './progress.ts'

/*
 * What is handed down through onboarding. A command opens a context, which reads; under the lock of the home a run is made
 * of it, which writes.
 */

export type RunOptions = {
  /** Whether what exists and was not made by us is taken over. */
  readonly adopt: boolean
  /** Names of disabled domains, projects and accounts that are enabled again. */
  readonly enable?: readonly string[] | undefined
  readonly until?: StageName | undefined
  /** `false` stops after the first gate of a stage that has two. */
  readonly wait: boolean
}

/** A tenant, its cloud, and how far to go: of an operator, or of the tenant alone. */
export type OnboardingContext = TenantContext & {
  readonly options: RunOptions
  readonly external: ExternalAccess
}

/** What an operator has beside it. */
export type OperatorContext = OnboardingContext & {
  readonly operator: Session<'operator'>
  readonly custody: OperatorCustody
  readonly open: OpenProbe
  /** How it is proved that the policy of the cloud works: a fleet does it once for all of its tenants. */
  readonly prove: ProveCloud
  /** What is the same for every tenant of the cloud, where a fleet has read it; read anew where absent. */
  readonly readings?: ReadCloud | undefined
  /** Prefixes by project name, if they were allotted for a whole fleet. They overlap nothing. */
  readonly allotted?: Allotted | undefined
}

/** A plan being carried out, under the lock. */
export type Run = OnboardingContext & {
  readonly evidence: Evidence
  readonly progress: (event: Progress) => void
}

/** Observers of a plan that is being carried out. */
export type Watch = { readonly show: (event: Progress) => void; readonly end: () => void }

/** Who had a tenant onboarded: says yes or no to a plan, and looks on. */
export type Caller = {
  /** `apply` or `fleet apply`: shown to a command that finds the lock taken, and on the console. */
  readonly command: string
  readonly pid: number
  /** Also plan and apply what an adopted account can see. Not if one particular plan was approved. */
  readonly goesOn: boolean
  /** Called before anything is changed; `false` stops the run. */
  readonly approve: (plan: Plan) => Promise<boolean>
  readonly watch: () => Watch
}
