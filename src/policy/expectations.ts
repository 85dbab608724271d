/**
 * A table of expected answers of a policy, like unit tests for it:
 *
 *   version: 1
 *   release: 27.0.2      # unless the command line says
 *   base: charm
 *   override: domain-manager.yaml      # beside the table
 *   expectations:
 *     - as: domain-manager
 *       ask: identity:create_user
 *       at: own
 *       expect: allow
 *     - as: [member, reader]
 *       ask: [identity:get_project, identity:update_project]
 *       at: [other, none]
 *       expect: deny
 *       because: 'the root domain is nobody's business'
 *
 * `ask` names an action, which means all its requests, or one of them by its whole id.
 */
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { cloudFactsOf } from './model/cloud-facts.ts'
import { casesOf } from './model/cases.ts'
import type { Keystone } from './releases/keystone.ts'
import { renderRequest } from './model/operation.ts'
import type { Ask } from './model/operation.ts'
import { operations } from './operations/all.ts'
import { personaNames } from './model/persona.ts'
import type { PersonaName } from './model/persona.ts'
import type { RuleSet } from './engine/rules.ts'
import { targetPlaces } from './model/request-context.ts'
import type { TargetPlace } from './model/request-context.ts'
import { answerOf } from './model/answer.ts'
import type { Decided } from './model/answer.ts'
import { composeYaml } from './python/yaml-composer.ts'
import type { YamlNode } from './python/yaml-composer.ts'
import { YamlError } from './python/yaml-text.ts'

export type ExpectationTable = {
  readonly release: string | undefined
  readonly base: string | undefined
  readonly overrides: readonly string[]
  readonly expectations: readonly Expectation[]
}

export type Expectation = {
  readonly line: number
  readonly as: readonly PersonaName[]
  readonly ask: readonly string[]
  readonly at: readonly TargetPlace[]
  readonly expect: 'allow' | 'deny'
  readonly because: string | undefined
}

export type ExpectationOutcome = {
  readonly line: number
  readonly persona: PersonaName
  readonly operation: string
  readonly place: TargetPlace
  readonly request: string
  readonly expected: 'allow' | 'deny'
  readonly got: Decided
  readonly because: string | undefined
  readonly isMet: boolean
}

/** Throws InputError with every problem of the table. */
export function parseExpectations(text: string, file: string): ExpectationTable {
  const problems: Problem[] = []
  const reader = new Reader(file, problems)
  const root = reader.mapping(compose(text, file), topKeys)
  const version = reader.text(root?.get('version'))
  if (root !== undefined && version !== '1') reader.complain(root.get('version'), '`version` must be 1')
  const list = root?.get('expectations')
  const items = list?.kind === 'sequence' ? list.items : []
  if (items.length === 0) reader.complain(list, '`expectations` must be a list of expected answers')
  const expectations = items.flatMap((item) => expectationOf(reader, item))
  if (problems.length > 0) throw new InputError(problems)
  return {
    release: reader.text(root?.get('release')),
    base: reader.text(root?.get('base')),
    overrides: reader.texts(root?.get('override')),
    expectations,
  }
}

const topKeys = ['version', 'release', 'base', 'override', 'expectations']
const rowKeys = ['as', 'ask', 'at', 'expect', 'because']

function compose(text: string, file: string): YamlNode | undefined {
  try {
    return composeYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new InputError([{ file, ...error.place, message: error.message }], { cause: error })
  }
}

function expectationOf(reader: Reader, item: YamlNode): readonly Expectation[] {
  const row = reader.mapping(item, rowKeys)
  if (row === undefined) return []
  const ask = reader.texts(row.get('ask'))
  for (const id of ask) {
    if (!knownIds.has(id)) reader.complain(row.get('ask'), `\`${id}\` is not a known action or request`)
  }
  if (ask.length === 0) reader.complain(row.get('ask') ?? item, '`ask` is missing')
  const as = reader.choices(row.get('as') ?? item, row.get('as'), personaNames, 'a persona')
  const at = reader.choices(row.get('at') ?? item, row.get('at'), targetPlaces, 'a place')
  const [expect] = reader.choices(row.get('expect') ?? item, row.get('expect'), ['allow', 'deny'] as const, 'an answer')
  if (expect === undefined) return []
  return [{ line: item.place.line, as, ask, at, expect, because: reader.text(row.get('because')) }]
}

const knownIds: ReadonlySet<string> = new Set(operations.flatMap(({ id, action }) => [id, action]))

/** Reads the table's nodes and collects their problems. */
class Reader {
  readonly #file: string
  readonly #problems: Problem[]

  constructor(file: string, problems: Problem[]) {
    this.#file = file
    this.#problems = problems
  }

  complain(node: YamlNode | undefined, message: string): void {
    this.#problems.push({ file: this.#file, ...(node?.place ?? { line: 1, column: 1 }), message })
  }

  mapping(node: YamlNode | undefined, keys: readonly string[]): ReadonlyMap<string, YamlNode> | undefined {
    if (node?.kind !== 'mapping') {
      this.complain(node, `write a mapping of ${keys.join(', ')}`)
      return undefined
    }
    const found = new Map<string, YamlNode>()
    for (const [key, value] of node.entries) {
      const name = this.text(key) ?? ''
      if (!keys.includes(name)) this.complain(key, `\`${name}\` is not valid here, only ${keys.join(', ')}`)
      found.set(name, value)
    }
    return found
  }

  text(node: YamlNode | undefined): string | undefined {
    return node?.kind === 'scalar' ? node.text : undefined
  }

  texts(node: YamlNode | undefined): readonly string[] {
    if (node === undefined) return []
    return node.kind === 'sequence' ? node.items.flatMap((item) => this.texts(item)) : [this.text(node) ?? '']
  }

  choices<T extends string>(
    place: YamlNode,
    node: YamlNode | undefined,
    known: readonly T[],
    what: string,
  ): readonly T[] {
    const texts = this.texts(node)
    const chosen = texts.flatMap((text) => known.find((each) => each === text) ?? [])
    if (chosen.length < texts.length || texts.length === 0) {
      this.complain(place, `${what} must be one of ${known.join(', ')}`)
    }
    return chosen
  }
}

/** Every request of the table. Throws InputError for a row without requests. */
export function checkExpectations(
  table: ExpectationTable,
  file: string,
  keystone: Keystone,
  base: RuleSet,
  rules: RuleSet,
): readonly ExpectationOutcome[] {
  const cases = casesOf(cloudFactsOf(base, keystone.release), keystone)
  const problems: Problem[] = []
  const outcomes = table.expectations.flatMap((expectation) => {
    const asked = cases.filter((ask) => isMeant(expectation, ask))
    if (asked.length === 0) {
      problems.push({
        file,
        line: expectation.line,
        message: 'none of these personas has such a request at these places',
      })
    }
    return asked.map((ask) => outcomeOf(expectation, ask, rules))
  })
  if (problems.length > 0) throw new InputError(problems)
  return outcomes
}

function isMeant({ as, ask, at }: Expectation, { operation, persona, place }: Ask): boolean {
  return (
    as.includes(persona.name) && at.includes(place) && (ask.includes(operation.id) || ask.includes(operation.action))
  )
}

function outcomeOf({ line, expect, because }: Expectation, ask: Ask, rules: RuleSet): ExpectationOutcome {
  const { operation, persona, place, target } = ask
  const got = answerOf(rules, operation.action, persona, target)
  const request = renderRequest(ask.request)
  const about = { line, persona: persona.name, operation: operation.id, place, request }
  return { ...about, expected: expect, got, because, isMet: got === expect }
}
