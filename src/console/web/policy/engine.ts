import { buildOverride } from '../../../policy/build/override.ts'
import { defaultManagedRoles } from '../../../policy/build/managed-roles.ts'
import { casesOf } from '../../../policy/model/cases.ts'
import { cloudFactsOf } from '../../../policy/model/cloud-facts.ts'
import { diffPolicies } from '../../../policy/diff.ts'
import { renderRelease } from '../../../policy/releases/release.ts'
import { explainAsk, explainTarget } from '../../../policy/explain.ts'
import type { Explanation } from '../../../policy/explain.ts'
import { keystoneRules, loadKeystone } from '../../../policy/releases/keystone.ts'
import type { Keystone } from '../../../policy/releases/keystone.ts'
import { lintPolicy } from '../../../policy/lint/lint.ts'
import type { LintFinding } from '../../../policy/lint/subject.ts'
import { matrixOf } from '../../../policy/matrix.ts'
import { personasOf } from '../../../policy/model/persona.ts'
import { prove } from '../../../policy/prove/prove.ts'
import { renderCounterexample } from '../../../policy/prove/render.ts'
import type { RuleSet } from '../../../policy/engine/rules.ts'
import { InputError } from '../../../errors.ts'
import { findingView } from '../../../report/view/finding.ts'
import type { Cell, Envelope, LintLine, PolicyChoice, Questions } from './protocol.ts'

const file = 'override.yaml'
const keystones = new Map<string, Promise<Keystone>>()

/** Throws `InputError` for an override that Keystone cannot load either. */
export async function answerTo(question: Envelope): Promise<Questions[typeof question.name]['answer']> {
  const { asked } = question
  const keystone = await keystoneOf(asked)
  const base = { kind: asked.base }
  const text = asked.override
  const before = keystoneRules(keystone, { base })
  const rules = (): RuleSet =>
    text === undefined ? before : keystoneRules(keystone, { base, overrides: [{ file, text }] })
  switch (question.name) {
    case 'build':
      return buildOverride(keystone, { base }).text
    case 'matrix':
      return matrixOf(keystone, before, rules())
    case 'explain':
      return explainCell(keystone, before, rules(), question.asked.cell)
    case 'lint':
      return lintPolicy(text ?? '', { file, over: { keystone, base } }).map(lintLine)
    case 'diff':
      return diffPolicies(keystone, before, rules())
    case 'prove': {
      const proof = prove(keystone, { rules: rules(), base: before, managedRoles: defaultManagedRoles })
      const claims = proof.answers.map(({ claim, title, verdict, counterexamples, notShown }) => {
        return { claim, title, verdict, counterexamples: counterexamples.map(renderCounterexample), notShown }
      })
      return { claims, assumptions: proof.assumptions }
    }
  }
}

function lintLine({ line, column, ...finding }: LintFinding): LintLine {
  return { ...findingView(finding), line, column }
}

/** Read once for each release. */
function keystoneOf({ release }: PolicyChoice): Promise<Keystone> {
  const name = renderRelease(release)
  const known = keystones.get(name) ?? loadKeystone(release)
  keystones.set(name, known)
  return known
}

function explainCell(keystone: Keystone, base: RuleSet, rules: RuleSet, cell: Cell): Explanation {
  const facts = cloudFactsOf(base, keystone.release)
  const [ask] = casesOf(
    facts,
    keystone,
    ({ operation, persona, place }) =>
      operation.id === cell.operation && persona.name === cell.persona && place === cell.place,
  )
  if (ask !== undefined) return explainAsk(rules, ask)
  // an action without a known request is asked with an empty target
  const persona = personasOf(facts).find(({ name }) => name === cell.persona)
  if (persona === undefined) throw new InputError(`there is no persona \`${cell.persona}\``)
  return explainTarget(rules, cell.operation, { name: `${persona.name} (${persona.title})`, creds: persona.creds }, {})
}
