import type { FindingView } from '../../../report/view/finding.ts'
import type { PolicyDiff } from '../../../policy/diff.ts'
import type { KeystoneRelease } from '../../../policy/releases/release.ts'
import type { Explanation } from '../../../policy/explain.ts'
import type { Matrix } from '../../../policy/matrix.ts'
import type { PersonaName } from '../../../policy/model/persona.ts'
import type { TargetPlace } from '../../../policy/model/request-context.ts'

/* The questions of a page to the policy engine, which runs beside it in a worker: no policy leaves the browser. */

/** The Keystone, its base policy, and the policy over it. */
export type PolicyChoice = {
  readonly release: KeystoneRelease
  readonly base: 'default' | 'charm'
  /** `undefined`: no policy over the base. */
  readonly override: string | undefined
}

export type Cell = { readonly operation: string; readonly persona: PersonaName; readonly place: TargetPlace }

export type ProvedClaim = {
  readonly claim: string
  readonly title: string
  readonly verdict: 'proved' | 'refuted' | 'not shown'
  /** Requests that break it, as text. */
  readonly counterexamples: readonly string[]
  readonly notShown: readonly { readonly action: string; readonly why: string }[]
}

export type LintLine = FindingView & { readonly line: number; readonly column: number }

/** Each question by its name, with its answer. */
export type Questions = {
  readonly build: { readonly asked: PolicyChoice; readonly answer: string }
  readonly matrix: { readonly asked: PolicyChoice; readonly answer: Matrix }
  readonly explain: { readonly asked: PolicyChoice & { readonly cell: Cell }; readonly answer: Explanation }
  readonly lint: { readonly asked: PolicyChoice; readonly answer: readonly LintLine[] }
  readonly diff: { readonly asked: PolicyChoice; readonly answer: PolicyDiff }
  readonly prove: {
    readonly asked: PolicyChoice
    readonly answer: { readonly claims: readonly ProvedClaim[]; readonly assumptions: readonly string[] }
  }
}
export type QuestionName = keyof Questions

export type Envelope = {
  readonly [Name in QuestionName]: {
    readonly id: number
    readonly name: Name
    readonly asked: Questions[Name]['asked']
  }
}[QuestionName]

/** `problems`: the policy cannot be read, and why. `bug`: the engine threw something else. */
export type Reply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'problems'; readonly problems: readonly string[] }
  | { readonly id: number; readonly kind: 'bug'; readonly message: string }
