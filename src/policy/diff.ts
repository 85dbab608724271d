/** Which personas gain or lose what between two policies, each with a request that shows it. */
import { success } from '../success.ts'
import { cloudFactsOf } from './model/cloud-facts.ts'
import { casesOf } from './model/cases.ts'
import { groupBy } from './model/group.ts'
import type { Keystone } from './releases/keystone.ts'
import { renderRequest } from './model/operation.ts'
import { personasOf } from './model/persona.ts'
import type { PersonaName } from './model/persona.ts'
import type { RuleSet } from './engine/rules.ts'
import type { TargetPlace } from './model/request-context.ts'
import { answerOf, readsTarget } from './model/answer.ts'
import type { Decided } from './model/answer.ts'

export type Change = {
  readonly kind: 'gains' | 'loses' | 'changes'
  readonly persona: PersonaName
  readonly operation: string
  readonly action: string
  readonly place: TargetPlace
  /** The request of the persona. */
  readonly request: string
  readonly before: Decided
  readonly after: Decided
}

export type PolicyDiff = {
  readonly changes: readonly Change[]
  /** Actions whose rules differ and read an unknown target, so that the answer is unknown. */
  readonly unknown: readonly string[]
}

/** `before` also gives the facts about the cloud's identities. */
export function diffPolicies(keystone: Keystone, before: RuleSet, after: RuleSet): PolicyDiff {
  const facts = cloudFactsOf(before, keystone.release)
  const cases = casesOf(facts, keystone)
  const changes = cases.flatMap((ask): readonly Change[] => {
    const { operation, persona, place } = ask
    return changeOf(
      {
        persona: persona.name,
        operation: operation.id,
        action: operation.action,
        place,
        request: renderRequest(ask.request),
      },
      answerOf(before, operation.action, persona, ask.target),
      answerOf(after, operation.action, persona, ask.target),
    )
  })
  const known = new Set(cases.map(({ operation }) => operation.action))
  const unknown: string[] = []
  for (const { name: action } of keystone.registered) {
    if (known.has(action) || !action.includes(':')) continue
    if (readsTarget(before, action) || readsTarget(after, action)) {
      if (before.rules.get(action)?.value !== after.rules.get(action)?.value) unknown.push(action)
      continue
    }
    const request = keystone.operations.get(action)?.[0] ?? ''
    for (const persona of personasOf(facts)) {
      const about = { persona: persona.name, operation: action, action, place: 'none', request } as const
      changes.push(...changeOf(about, answerOf(before, action, persona, {}), answerOf(after, action, persona, {})))
    }
  }
  return { changes, unknown }
}

function changeOf(
  about: Omit<Change, 'kind' | 'before' | 'after'>,
  before: Decided,
  after: Decided,
): readonly Change[] {
  if (before === after) return []
  const kind = after === 'allow' ? 'gains' : before === 'allow' ? 'loses' : 'changes'
  return [{ kind, ...about, before, after }]
}

/** By persona, gains before losses; the same request at several places on one line, with the first as witness. */
export function renderDiff({ changes, unknown }: PolicyDiff): string {
  const lines: string[] = []
  for (const [persona, ofPersona] of groupBy(changes, (change) => change.persona)) {
    for (const kind of ['gains', 'loses', 'changes'] as const) {
      const some = ofPersona.filter((change) => change.kind === kind)
      if (some.length === 0) continue
      lines.push(`${persona} ${kind}`)
      for (const [operation, ofOperation] of groupBy(some, (change) => change.operation)) {
        const [first] = ofOperation
        if (first === undefined) continue
        const at = ofOperation.map(({ place }) => place).join(', ')
        const error = first.before === 'error' || first.after === 'error' ? ` (${first.before} -> ${first.after})` : ''
        lines.push(`  ${operation} at ${at}${error}`, `    ${first.request}`)
      }
    }
  }
  if (changes.length === 0) lines.push(success['policy diff']())
  if (unknown.length > 0) lines.push(`not compared, because their targets are unknown: ${unknown.join(', ')}`)
  return `${lines.join('\n')}\n`
}
