/** The access matrix: every persona and every request, at its own domain, at another one, and at none. */
import { cloudFactsOf } from './model/cloud-facts.ts'
import { handlerRefusalOf } from './model/handler-refusals.ts'
import type { HandlerRefusal } from './model/handler-refusals.ts'
import { casesOf } from './model/cases.ts'
import { renderInferences } from './model/role-inferences.ts'
import type { RoleInferences } from './model/role-inferences.ts'
import { renderRelease } from './releases/release.ts'
import { groupBy } from './model/group.ts'
import type { Keystone } from './releases/keystone.ts'
import { renderRequest } from './model/operation.ts'
import { personaNames, personasOf } from './model/persona.ts'
import type { PersonaName } from './model/persona.ts'
import { targetPlaces } from './model/request-context.ts'
import type { TargetPlace } from './model/request-context.ts'
import type { RuleSet } from './engine/rules.ts'
import { answerOf, readsTarget } from './model/answer.ts'
import type { Decided } from './model/answer.ts'

export type Matrix = {
  readonly release: string
  readonly personas: readonly { readonly name: PersonaName; readonly title: string }[]
  readonly rows: readonly MatrixRow[]
  /** What roles imply, and whether that is known of the cloud or assumed. */
  readonly roles: { readonly imply: string; readonly isAssumed: boolean }
}

export type MatrixRow = {
  readonly operation: string
  readonly action: string
  readonly place: TargetPlace
  /** As sent by the first persona that can ask it at this place. */
  readonly request: string
  /** A missing persona has no request there: a project's reader has no project of its own. */
  readonly answers: Readonly<Partial<Record<PersonaName, Decided>>>
  /** Where the policy says yes and a handler says no, which one. */
  readonly handlerRefusals: Readonly<Partial<Record<PersonaName, HandlerRefusal>>>
}

export type MatrixOptions = {
  readonly personas?: readonly PersonaName[]
  /** Only actions or operations whose id contains this. */
  readonly only?: string
  /** By default `own`, `other` and `none`. */
  readonly places?: readonly TargetPlace[]
  /** What roles imply on this cloud; absent: what bootstrap of the release makes. */
  readonly inferences?: RoleInferences | undefined
}

export function matrixOf(keystone: Keystone, base: RuleSet, rules: RuleSet, options: MatrixOptions = {}): Matrix {
  const facts = cloudFactsOf(base, keystone.release, options.inferences)
  const wanted = options.personas ?? personaNames
  const shown = options.places ?? ['own', 'other', 'none']
  const isShown = (id: string): boolean => options.only === undefined || id.includes(options.only)
  const rows = new Map<string, MatrixRow>()
  const cases = casesOf(facts, keystone)
  for (const ask of cases) {
    const { operation, place, persona } = ask
    if (!shown.includes(place) || !wanted.includes(persona.name) || !isShown(operation.id)) continue
    const id = `${operation.id} ${place}`
    const row = rows.get(id) ?? {
      operation: operation.id,
      action: operation.action,
      place,
      request: renderRequest(ask.request),
      answers: {},
      handlerRefusals: {},
    }
    const answer = answerOf(rules, operation.action, persona, ask.target)
    const refusal = answer === 'allow' ? handlerRefusalOf(ask, keystone.release) : undefined
    rows.set(id, {
      ...row,
      answers: { ...row.answers, [persona.name]: answer },
      handlerRefusals:
        refusal === undefined ? row.handlerRefusals : { ...row.handlerRefusals, [persona.name]: refusal },
    })
  }
  const personas = personasOf(facts).filter(({ name }) => wanted.includes(name))
  const known = new Set(cases.map(({ operation }) => operation.action))
  if (shown.includes('none')) {
    for (const { name: action } of keystone.registered) {
      // A helper such as `admin_required` is not an action.
      if (known.has(action) || !action.includes(':') || !isShown(action)) continue
      const isOpen = readsTarget(rules, action)
      const answers: Partial<Record<PersonaName, Decided>> = {}
      for (const persona of personas) {
        answers[persona.name] = isOpen ? 'unknown' : answerOf(rules, action, persona, {})
      }
      const row: MatrixRow = {
        operation: action,
        action,
        place: 'none',
        request: keystone.operations.get(action)?.[0] ?? '',
        answers,
        handlerRefusals: {},
      }
      rows.set(`${action} none`, row)
    }
  }
  return {
    release: renderRelease(keystone.release),
    personas: personas.map(({ name, title }) => ({ name, title })),
    rows: [...rows.values()].sort(byOperation),
    roles: { imply: renderInferences(facts.inferences), isAssumed: options.inferences === undefined },
  }
}

/** All places of an operation together, operations in the order in which they were found. */
function byOperation(a: MatrixRow, b: MatrixRow): number {
  if (a.action !== b.action) return a.action < b.action ? -1 : 1
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1
  return targetPlaces.indexOf(a.place) - targetPlaces.indexOf(b.place)
}

const letters = { allow: '+', deny: '-', error: '!', unknown: '?' } as const

/** One line per operation; a cell has a letter for each place. */
export function renderMatrix(matrix: Matrix): string {
  const { personas, rows } = matrix
  const shown = targetPlaces.filter((place) => rows.some((row) => row.place === place))
  const byName = groupBy(rows, (row) => row.operation)
  const table = [...byName].map(([operation, ofPlaces]) => [
    operation.replace(/^identity:/, ''),
    ...personas.map(({ name }) =>
      shown
        .map((place) => {
          const row = ofPlaces.find((one) => one.place === place)
          const answer = row?.answers[name]
          if (row?.handlerRefusals[name] !== undefined) return 'h'
          return answer === undefined ? '.' : letters[answer]
        })
        .join(''),
    ),
  ])
  const heads = personas.map(({ name }) => shorts[name])
  const widths = ['', ...heads].map((head, column) =>
    Math.max(head.length, ...table.map((cells) => (cells[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const legend = personas.map(({ name, title }) => `  ${shorts[name]}  ${name}: ${title}`)
  return [
    `${matrix.release}; each cell: ${shown.join(', ')}; + allowed, - refused, h allowed by the policy and refused by a handler, ! error, ? unknown, . not asked there`,
    ...legend,
    `roles imply ${matrix.roles.isAssumed ? 'as bootstrap of this release makes it (assumed)' : 'as the file says'}: ${matrix.roles.imply}`,
    '',
    line(['', ...heads]),
    ...table.map(line),
    ...refusalLines(rows),
    '',
  ].join('\n')
}

/** The handlers behind each `h`. */
function refusalLines(rows: readonly MatrixRow[]): readonly string[] {
  const operationsOf = new Map<string, Set<string>>()
  for (const { action, handlerRefusals } of rows) {
    for (const { why, status, source } of Object.values(handlerRefusals)) {
      const key = `${why} (${status}; keystone ${source})`
      operationsOf.set(key, (operationsOf.get(key) ?? new Set()).add(action.replace(/^identity:/, '')))
    }
  }
  const lines = [...operationsOf].map(([why, actions]) => `  ${[...actions].join(', ')}: ${why}`)
  return lines.length === 0 ? [] : ['', 'h: a handler refuses what the policy allows', ...lines]
}

/** Column heads. */
const shorts: Readonly<Record<PersonaName, string>> = {
  'cloud-admin': 'CA',
  'system-admin': 'SA',
  'system-reader': 'SR',
  'domain-admin': 'DA',
  'project-admin': 'PA',
  'service-admin': 'XA',
  service: 'SV',
  'domain-manager': 'DM',
  'project-manager': 'PM',
  'domain-reader': 'DR',
  member: 'ME',
  reader: 'RE',
  'application-credential': 'AC',
}

/** One row for each request, with the answer to each persona. */
export function matrixTable({ personas, rows }: Pick<Matrix, 'personas' | 'rows'>): {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  const names = personas.map(({ name }) => name)
  return {
    head: ['operation', 'action', 'place', 'request', ...names],
    rows: rows.map((row) => [
      row.operation,
      row.action,
      row.place,
      row.request,
      ...names.map((name) => row.answers[name] ?? ''),
    ]),
  }
}
