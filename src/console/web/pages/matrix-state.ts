import type { Matrix, MatrixRow } from '../../../policy/matrix.ts'
import type { PersonaName } from '../../../policy/model/persona.ts'
import type { TargetPlace } from '../../../policy/model/request-context.ts'
import type { Decided } from '../../../policy/model/answer.ts'
import type { Cell } from '../policy/protocol.ts'

/* Pure: a matrix as the grid draws it, a row for each operation and three cells for each persona. */

/** What a cell says: one letter, and a word for it. */
export const answers: Readonly<Record<Decided, { readonly letter: string; readonly text: string }>> = {
  allow: { letter: '+', text: 'allowed' },
  deny: { letter: '-', text: 'refused' },
  error: { letter: '!', text: 'error' },
  unknown: { letter: '?', text: 'unknown' },
}
/** Of a cell without an answer. */
export const absent = { letter: '.', text: 'not asked there' } as const

export const gridPlaces = ['own', 'other', 'none'] as const satisfies readonly TargetPlace[]
export const placeWords: Readonly<Record<TargetPlace, string>> = {
  self: 'itself',
  own: 'its own domain',
  other: 'another domain',
  none: 'no domain',
}

/** Those of a tenant first, because they matter most. */
export function personasOf(matrix: Matrix): Matrix['personas'] {
  const rank = ({ name }: { readonly name: PersonaName }): number => {
    const at = ofTenant.indexOf(name)
    return at === -1 ? ofTenant.length : at
  }
  return [...matrix.personas].sort((a, b) => rank(a) - rank(b))
}

const ofTenant: readonly PersonaName[] = [
  'domain-manager',
  'project-manager',
  'domain-reader',
  'member',
  'reader',
  'application-credential',
  'project-admin',
]

export type GridLine = { readonly operation: string; readonly byPlace: ReadonlyMap<TargetPlace, MatrixRow> }

export function gridLines(matrix: Matrix): readonly GridLine[] {
  const lines = new Map<string, Map<TargetPlace, MatrixRow>>()
  for (const row of matrix.rows) {
    const places = lines.get(row.operation) ?? new Map<TargetPlace, MatrixRow>()
    places.set(row.place, row)
    lines.set(row.operation, places)
  }
  return [...lines].map(([operation, byPlace]) => ({ operation, byPlace }))
}

export function answerIn(line: GridLine, persona: PersonaName, place: TargetPlace): Decided | undefined {
  return line.byPlace.get(place)?.answers[persona]
}

/** The cell of a column, counted from 0 over all personas and places. */
export function cellAt(personas: Matrix['personas'], line: GridLine, column: number): Cell | undefined {
  const persona = personas[Math.floor(column / gridPlaces.length)]
  const place = gridPlaces[column % gridPlaces.length]
  return persona === undefined || place === undefined
    ? undefined
    : { operation: line.operation, persona: persona.name, place }
}

/** Rows whose operation contains all the words, and that allow a chosen persona if one is chosen. */
export function filterLines(
  lines: readonly GridLine[],
  message: string,
  allowedTo: PersonaName | undefined,
): readonly GridLine[] {
  const wanted = message.toLowerCase().split(/\s+/).filter(Boolean)
  return lines.filter(({ operation, byPlace }) => {
    if (!wanted.every((word) => operation.toLowerCase().includes(word))) return false
    return allowedTo === undefined || [...byPlace.values()].some((row) => row.answers[allowedTo] === 'allow')
  })
}
