import { rankOf, serviceOf } from './action-service.ts'
import type { PolicyOnPaper } from './paper.ts'
import { placeOf, sideOf } from './place.ts'
import type { ReportPlace, Side } from './place.ts'
import type { ProbeRecord } from './probe-record.ts'

/**
 * Who may do what, as tried on the cloud, with the policy's answer on paper beside it. A row is a policy action; a
 * column is an identity and the place of the attempt.
 */
export type AccessMatrix = {
  readonly columns: readonly AccessColumn[]
  readonly rows: readonly AccessRow[]
}

export type AccessColumn = {
  readonly id: ColumnId
  readonly side: Side
  readonly place: ReportPlace
  /** `domain manager`, and `its own domain`. */
  readonly who: string
  readonly where: string
}

export type ColumnId = `${Side}-${ReportPlace}`

export type AccessRow = {
  /** `identity:create_user`. */
  readonly action: string
  readonly service: string
  readonly cells: Readonly<Partial<Record<ColumnId, AccessCell>>>
}

/** Counts of probes. A list without foreign entries counts as refused. */
export type AccessCell = {
  readonly allowed: number
  readonly refused: number
  /** Could not be asked. */
  readonly unknown: number
  /** Reported without a verdict. */
  readonly reported: number
  /** How many differ from the expectation. */
  readonly wrong: number
  /** Ids of the probes; the report has them in full. */
  readonly probes: readonly string[]
  /** The policy's answers to the domain manager: counts of requests. */
  readonly paper?: PaperCell
  /** The policy refuses every such request, but one was allowed. */
  readonly isContradiction: boolean
}

export type PaperCell = { readonly allowed: number; readonly refused: number; readonly unknown: number }

const sides = [
  { side: 'manager', who: 'domain manager', places: ['own', 'other', 'cloud'] },
  { side: 'account', who: 'accounts', places: ['own', 'other', 'cloud'] },
  { side: 'neighbour', who: 'neighbours', places: ['other'] },
] as const

export const accessColumns: readonly AccessColumn[] = sides.flatMap(({ side, who, places }) =>
  places.map((place): AccessColumn => ({ id: `${side}-${place}`, side, place, who, where: whereOf(side, place) })),
)

function whereOf(side: Side, place: ReportPlace): string {
  if (side === 'neighbour') return 'this tenant'
  switch (place) {
    case 'own':
      return side === 'manager' ? 'own domain' : 'own project'
    case 'other':
      return 'other tenants'
    case 'cloud':
      return 'the cloud'
  }
}

/** Pure. Leaves out actions that no probe tried. */
export function accessOf(probes: readonly ProbeRecord[], paper: PolicyOnPaper | undefined): AccessMatrix {
  const rows = new Map<string, Map<ColumnId, ProbeRecord[]>>()
  for (const probe of probes) {
    const action = probe.rule ?? 'not recorded'
    const cells = rows.get(action) ?? new Map<ColumnId, ProbeRecord[]>()
    const column = columnOf(sideOf(probe.who), placeOf(probe.whom), probe.who)
    if (column === undefined) continue
    cells.set(column, [...(cells.get(column) ?? []), probe])
    rows.set(action, cells)
  }
  return {
    columns: accessColumns,
    rows: [...rows]
      .map(([action, cells]): AccessRow => {
        const filled = [...cells].map(([id, tried]) => [id, cellOf(tried, paperCell(paper, action, id))] as const)
        return { action, service: serviceOf(action), cells: Object.fromEntries(filled) }
      })
      .sort((a, b) => rankOf(a.service) - rankOf(b.service) || compare(a.action, b.action)),
  }
}

/** Actions that a probe was allowed although the policy on paper refuses all of their requests. */
export function contradictedBy({ rows }: AccessMatrix): readonly string[] {
  return rows
    .filter(({ cells }) => Object.values(cells).some(({ isContradiction }) => isContradiction))
    .map(({ action }) => action)
}

/**
 * What a neighbour does in its own domain shows only its rights; but its manager is the stand-in of the tenant's, if
 * that one must not be changed.
 */
function columnOf(side: Side, place: ReportPlace, who: string): ColumnId | undefined {
  if (side !== 'neighbour') return `${side}-${place}`
  if (place !== 'own') return 'neighbour-other'
  return /\bmanager\b/.test(who) ? 'manager-own' : undefined
}

function cellOf(tried: readonly ProbeRecord[], paper: PaperCell | undefined): AccessCell {
  const count = (which: (probe: ProbeRecord) => boolean): number => tried.filter(which).length
  const judged = (observed: readonly string[]): number =>
    count((probe) => probe.expected !== 'reported' && observed.includes(probe.observed))
  const allowed = judged(['allowed'])
  return {
    allowed,
    refused: judged(['refused', 'empty']),
    unknown: judged(['unknown']),
    reported: count((probe) => probe.expected === 'reported'),
    wrong: count((probe) => !probe.ok),
    probes: tried.map((probe) => probe.id ?? probe.claim),
    ...(paper === undefined ? {} : { paper }),
    isContradiction: paper !== undefined && paper.refused > 0 && paper.allowed + paper.unknown === 0 && allowed > 0,
  }
}

/** The proof's persona is the domain manager; it has no answer for the other columns. */
function paperCell(paper: PolicyOnPaper | undefined, action: string, column: ColumnId): PaperCell | undefined {
  if (paper === undefined || !column.startsWith('manager-')) return undefined
  const places = column === 'manager-own' ? ['own', 'self'] : column === 'manager-other' ? ['other'] : ['none']
  const asked = paper.answers.filter((one) => one.action === action && places.includes(one.place))
  if (asked.length === 0) return undefined
  const count = (...answers: readonly string[]): number => asked.filter((one) => answers.includes(one.answer)).length
  return { allowed: count('allow'), refused: count('deny', 'error'), unknown: count('unknown') }
}

/** One row for each service: the sum of its cells. */
export function byService({ columns, rows }: AccessMatrix): readonly AccessRow[] {
  return [...new Set(rows.map(({ service }) => service))].map((service) => {
    const own = rows.filter((row) => row.service === service)
    const cells = columns.flatMap(({ id }) => {
      const filled = own.flatMap((row) => row.cells[id] ?? [])
      return filled.length === 0 ? [] : [[id, sumOf(filled)] as const]
    })
    return { action: service, service, cells: Object.fromEntries(cells) }
  })
}

/** The sum of the attempts. The policy's answers are not summed: they count kinds of request, not requests. */
function sumOf(cells: readonly AccessCell[]): AccessCell {
  const sum = (of: (cell: AccessCell) => number): number => cells.reduce((total, cell) => total + of(cell), 0)
  return {
    allowed: sum(({ allowed }) => allowed),
    refused: sum(({ refused }) => refused),
    unknown: sum(({ unknown }) => unknown),
    reported: sum(({ reported }) => reported),
    wrong: sum(({ wrong }) => wrong),
    probes: cells.flatMap(({ probes }) => probes),
    isContradiction: cells.some(({ isContradiction }) => isContradiction),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
