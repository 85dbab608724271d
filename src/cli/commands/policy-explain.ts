import { InputError } from '../../errors.ts'
import { cloudFactsOf } from '../../policy/model/cloud-facts.ts'
import { renderInferences } from '../../policy/model/role-inferences.ts'
import { casesOf } from '../../policy/model/cases.ts'
import { explainAsk, explainTarget, renderExplanation } from '../../policy/explain.ts'
import type { Explanation } from '../../policy/explain.ts'
import { JsonError, parseJson } from '../../policy/python/json.ts'
import { keystoneRules } from '../../policy/releases/keystone.ts'
import { personasOf } from '../../policy/model/persona.ts'
import type { Persona } from '../../policy/model/persona.ts'
import { isDict, keysOf, lookUp } from '../../policy/python/value.ts'
import type { Value } from '../../policy/python/value.ts'
import { targetPlaces } from '../../policy/model/request-context.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyExplainOptions } from '../definitions/policy.ts'
import { print } from '../output.ts'
import { readInferences } from '../role-inferences.ts'
import { loadPolicySubject, readOverrides } from '../policy-subject.ts'

/** 3 if the answer is no. */
export async function policyExplainCommand(
  name: string,
  options: PolicyExplainOptions,
  io: CommandContext,
): Promise<number> {
  const subject = await loadPolicySubject(options, io)
  const { keystone, base } = subject
  const files = options.override ?? []
  const overrides = await readOverrides(files, subject, io)
  const rules = keystoneRules(keystone, { base, overrides })
  const inferences = await readInferences(options.roleInferences, io)
  const facts = cloudFactsOf(keystoneRules(keystone, { base }), keystone.release, inferences)
  const persona = personaNamed(options.as, personasOf(facts))
  if (options.on.trimStart().startsWith('{')) {
    const who = { name: `${persona.name} (${persona.title})`, creds: persona.creds }
    return show([explainTarget(rules, name, who, targetIn(options.on))], options, io)
  }
  const place = targetPlaces.find((each) => each === options.on)
  if (place === undefined) {
    throw new InputError(
      `\`--on ${options.on}\` is not a target: write one of ${targetPlaces.join(', ')}, or JSON such as {"target.user.domain_id": "acme"}`,
    )
  }
  const asked = casesOf(
    facts,
    keystone,
    (key) => key.persona.name === persona.name && (key.operation.id === name || key.operation.action === name),
  )
  const here = asked.filter((ask) => ask.place === place)
  if (here.length === 0) {
    const where = [...new Set(asked.map((ask) => ask.place))]
    throw new InputError(
      where.length === 0
        ? `no request uses \`${name}\`: give the target itself, as in --on '{"target.user.domain_id": "acme"}'`
        : `${persona.name} has no request for \`${name}\` on \`${place}\`, only on ${where.join(', ')}`,
    )
  }
  if (inferences === undefined)
    io.err(`roles are assumed to imply each other as bootstrap makes it: ${renderInferences(facts.inferences)}\n`)
  return show(
    here.map((ask) => explainAsk(rules, ask)),
    options,
    io,
  )
}

function personaNamed(name: string, personas: readonly Persona[]): Persona {
  const persona = personas.find((each) => each.name === name)
  if (persona !== undefined) return persona
  throw new InputError(`\`${name}\` is not a persona: write one of ${personas.map((each) => each.name).join(', ')}`)
}

/** Flat, as the rules read it. */
function targetIn(text: string): Readonly<Record<string, Value>> {
  try {
    const value = parseJson(text)
    if (!isDict(value)) throw new InputError('the target must be an object')
    return Object.fromEntries(keysOf(value).map((key) => [key, lookUp(value, key) ?? null]))
  } catch (error) {
    if (error instanceof JsonError) throw new InputError(`\`--on\`: ${error.message}`, { cause: error })
    throw error
  }
}

function show(explanations: readonly Explanation[], options: PolicyExplainOptions, io: CommandContext): number {
  print(io, options.output, explanations, (all) => all.map(renderExplanation).join('\n'))
  return explanations.every(({ decision }) => decision === 'allow') ? 0 : 3
}
