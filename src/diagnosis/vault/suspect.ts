/** A possible cause, and several that cannot be told apart. */
import type { Finding } from '../../finding.ts'

/** What Barbican does wrong: refuses a secret, takes it and cannot give it back, or lost the ones of before. */
export type StoreFailure = 'refuses' | 'keeps nothing' | 'lost the old'

export type StoreCause = Omit<Finding, 'severity' | 'owner'>

/** A possible cause in a sentence, with its own finding if it is the only one. */
export type Suspect = StoreCause & { readonly inShort: string }

export type Suspicion = {
  readonly suspects: readonly Suspect[]
  /** A single suspect is not asserted either: something else was not read. */
  readonly isOpen?: boolean
  readonly note?: string
}

export const rebind =
  'juju run vault/leader refresh-secrets once the relation has the right address, and restart barbican-api'
export const narrow = 'Do not widen the CIDR: it makes a stolen secret id useless'
