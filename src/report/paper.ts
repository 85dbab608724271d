import { digestOf } from '../tenant/canonical.ts'
import { renderRelease } from '../policy/releases/release.ts'
import { keystoneRules } from '../policy/releases/keystone.ts'
import type { Base, Keystone, PolicyText } from '../policy/releases/keystone.ts'
import { matrixOf } from '../policy/matrix.ts'
import type { TargetPlace } from '../policy/model/request-context.ts'
import type { Decided } from '../policy/model/answer.ts'
import type { ClaimName } from '../policy/prove/claim.ts'
import { prove } from '../policy/prove/prove.ts'
import { renderCounterexample } from '../policy/prove/render.ts'

/** The policy on paper: the proof's verdicts, and its answers to a domain manager. Sends no request to a cloud. */
export type PolicyOnPaper = {
  readonly release: string
  /** `default`, `charm`, or the name of a file. */
  readonly base: string
  readonly overrides: readonly { readonly file: string; readonly digest: string }[]
  readonly claims: readonly PaperClaim[]
  readonly assumptions: readonly string[]
  readonly answers: readonly PaperAnswer[]
}

export type PaperClaim = {
  readonly claim: ClaimName
  readonly title: string
  readonly verdict: 'proved' | 'refuted' | 'not shown'
  /** The requests that break it, for people. */
  readonly counterexamples: readonly string[]
}

export type PaperAnswer = {
  readonly operation: string
  readonly action: string
  readonly place: TargetPlace
  readonly answer: Decided
}

export type PaperOptions = {
  readonly base: Base
  readonly overrides: readonly PolicyText[]
  readonly managedRoles: readonly string[]
  readonly magnumDomain?: string | undefined
}

/** Throws InputError for a base or an override that Keystone cannot load. */
export function policyOnPaper(keystone: Keystone, options: PaperOptions): PolicyOnPaper {
  const { base, overrides, managedRoles, magnumDomain } = options
  const below = keystoneRules(keystone, { base })
  const rules = keystoneRules(keystone, { base, overrides })
  const { answers, assumptions } = prove(keystone, { rules, base: below, managedRoles, magnumDomain })
  const matrix = matrixOf(keystone, below, rules, {
    personas: ['domain-manager'],
    places: ['self', 'own', 'other', 'none'],
  })
  return {
    release: renderRelease(keystone.release),
    base: base.kind === 'file' ? base.file : base.kind,
    overrides: overrides.map(({ file, text }) => ({ file, digest: digestOf(text) })),
    claims: answers.map(({ claim, title, verdict, counterexamples }) => ({
      claim,
      title,
      verdict,
      counterexamples: counterexamples.map((found) => renderCounterexample(found).trimEnd().replace(/^ {4}/gm, '')),
    })),
    assumptions,
    answers: matrix.rows.flatMap(({ operation, action, place, answers: said }) => {
      const answer = said['domain-manager']
      return answer === undefined ? [] : [{ operation, action, place, answer }]
    }),
  }
}

/** The claims whose refutation means that the tenant can be reached or can escalate. */
const safety: readonly ClaimName[] = [
  'manager-stays-home',
  'manager-grants',
  'no-escalation',
  'domain-records',
  'secrets',
]

export function isSafety(claim: PaperClaim): boolean {
  return safety.includes(claim.claim)
}
