/**
 * Which accounts may ask for a cluster, and whether Magnum makes a trust for it: one table, by this Magnum's version
 * and Keystone's observed behaviour. Behaviour decides where it can be observed, because distributions back-port fixes;
 * the version decides only what Magnum alone knows. docs/decisions/0050.
 */
import type { Observed } from '../probes/claim.ts'

/** When Magnum makes a trustee and a trust for a cluster. */
export type TrustHabit = 'always' | 'as the driver says' | 'never'

type MagnumReleases = {
  /** The highest API microversion of these releases. */
  readonly upTo: number
  readonly releases: string
  readonly trusts: TrustHabit
}

/**
 * magnum, conductor/handlers/cluster_conductor.py, Handler.cluster_create: up to 2025.2 always; stable/2026.1 since
 * 4ec7c441 by `Driver.needs_trust`, which is true unless a driver overrides it; master has no trusts since 7999e015
 * (2026-05-13), a week before it got 1.13. 2025.2 and 2026.1 have the same microversion, and forks of 2025.x have
 * back-ported `needs_trust`. So for 1.12 the cluster itself decides.
 */
const magnums: readonly MagnumReleases[] = [
  { upTo: 11, releases: 'up to 2025.1', trusts: 'always' },
  { upTo: 12, releases: '2025.2 or 2026.1', trusts: 'as the driver says' },
  { upTo: Infinity, releases: '2026.2 or later', trusts: 'never' },
]

export type CreatorRule = {
  /** How an account that asks for a cluster may sign in. */
  readonly signIn: 'password' | 'password or application credential' | 'nobody can'
  readonly trusts: TrustHabit
  /** One sentence, for the operator. */
  readonly because: string
}

export type CreatorFacts = {
  /** `findMaximumMicroversion`; if unknown, the oldest row is assumed. */
  readonly microversion: number | undefined
  /** Can an account that signed in by password make a trust? */
  readonly byPassword: Observed | undefined
  /** The same by an application credential, unrestricted. */
  readonly byCredential: Observed | undefined
}

type Row = Omit<CreatorRule, 'because'> & {
  readonly byPassword: 'allowed' | 'refused' | 'any'
  readonly byCredential: 'allowed' | 'refused' | 'any'
  readonly because: string
}

/** The first row that fits. What was not observed counts as refused for a credential and allowed for a password. */
const rows: readonly Row[] = [
  {
    trusts: 'never',
    byPassword: 'any',
    byCredential: 'any',
    signIn: 'password or application credential',
    because: 'this Magnum makes no trusts; a credential must be unrestricted, or the driver cannot make its child',
  },
  {
    trusts: 'always',
    byPassword: 'refused',
    byCredential: 'any',
    signIn: 'nobody can',
    because: "Magnum makes a trust for every cluster, and Keystone's policy allows nobody to make one",
  },
  {
    trusts: 'as the driver says',
    byPassword: 'refused',
    byCredential: 'any',
    signIn: 'nobody can',
    because: "Keystone's policy allows nobody to make a trust, so only a driver without trusts can make a cluster",
  },
  {
    trusts: 'always',
    byPassword: 'any',
    byCredential: 'allowed',
    signIn: 'password or application credential',
    because:
      'this Keystone lets an application credential make trusts: it is below OSSA-2026-015, or the fix is switched off',
  },
  {
    trusts: 'always',
    byPassword: 'any',
    byCredential: 'refused',
    signIn: 'password',
    because: 'Magnum makes a trust for every cluster, and an application credential cannot make one',
  },
  {
    trusts: 'as the driver says',
    byPassword: 'any',
    byCredential: 'allowed',
    signIn: 'password or application credential',
    because:
      'this Keystone lets an application credential make trusts: it is below OSSA-2026-015, or the fix is switched off',
  },
  {
    trusts: 'as the driver says',
    byPassword: 'any',
    byCredential: 'refused',
    signIn: 'password',
    because: 'the driver may need a trust, and an application credential cannot make one; a password works either way',
  },
]

export function creatorRule(facts: CreatorFacts): CreatorRule {
  const { trusts, releases } = magnumOf(facts.microversion)
  const byPassword = facts.byPassword === 'refused' ? 'refused' : 'allowed'
  const byCredential = facts.byCredential === 'allowed' ? 'allowed' : 'refused'
  const row = rows.find(
    (one) => one.trusts === trusts && fits(one.byPassword, byPassword) && fits(one.byCredential, byCredential),
  )
  // INVARIANT: for each row of the table the rules cover all four answers; test/onboarding/cluster-rule.test.ts checks
  // them
  if (row === undefined) throw new Error(`the creator rule has no row for ${trusts}`)
  const version = facts.microversion === undefined ? 'Magnum does not report its version' : `Magnum ${releases}`
  return { signIn: row.signIn, trusts, because: `${version}: ${row.because}` }
}

/** What a gate has to wait for. */
export function trustHabit(microversion: number | undefined): TrustHabit {
  return magnumOf(microversion).trusts
}

function magnumOf(microversion = 0): MagnumReleases {
  const found = magnums.find(({ upTo }) => microversion <= upTo)
  if (found === undefined) throw new Error('the last row takes every version')
  return found
}

function fits(wanted: 'allowed' | 'refused' | 'any', observed: 'allowed' | 'refused'): boolean {
  return wanted === 'any' || wanted === observed
}
