import { serviceTable } from '../openstack/services.ts'
import type { ServiceType } from '../openstack/services.ts'
import type { PolicyOnPaper } from './paper.ts'
import { placeOf, sideOf } from './place.ts'
import type { ReportPlace, Side } from './place.ts'
import type { ProbeRecord } from './probe-record.ts'

/**
 * Who may do what, as it was tried on the cloud, with what the policy says on paper beside it. A row is a policy
 * action; a column is somebody and where he tried.
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
  /** For people: `identity`, `network`. */
  readonly service: string
  readonly cells: Readonly<Partial<Record<ColumnId, AccessCell>>>
}

/** Counts of probes. A list that was answered with nothing of others counts as refused. */
export type AccessCell = {
  readonly allowed: number
  readonly refused: number
  /** Nobody could ask. */
  readonly unknown: number
  /** Said without a verdict. */
  readonly reported: number
  /** How many are otherwise than they should be. */
  readonly wrong: number
  /** Ids of the probes; the report has them in full. */
  readonly probes: readonly string[]
  /** What the policy says to the domain manager: counts of requests. */
  readonly paper?: PaperCell
  /** The policy refuses every such request, and one was allowed all the same. */
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

/** Pure. Actions that only the policy knows, and nobody tried, are left out. */
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
      .sort((a, b) => rank(a.service) - rank(b.service) || compare(a.action, b.action)),
  }
}

/** Actions of which some probe was allowed what the policy on paper refuses altogether. */
export function contradictedBy({ rows }: AccessMatrix): readonly string[] {
  return rows
    .filter(({ cells }) => Object.values(cells).some(({ isContradiction }) => isContradiction))
    .map(({ action }) => action)
}

/** What a neighbour does at home shows that it could; but its manager stands for the tenant's, where that may not be hurt. */
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

/** The proof's persona is the domain manager; of the other columns it says nothing here. */
function paperCell(paper: PolicyOnPaper | undefined, action: string, column: ColumnId): PaperCell | undefined {
  if (paper === undefined || !column.startsWith('manager-')) return undefined
  const places = column === 'manager-own' ? ['own', 'self'] : column === 'manager-other' ? ['other'] : ['none']
  const asked = paper.answers.filter((one) => one.action === action && places.includes(one.place))
  if (asked.length === 0) return undefined
  const count = (...answers: readonly string[]): number => asked.filter((one) => answers.includes(one.answer)).length
  return { allowed: count('allow'), refused: count('deny', 'error'), unknown: count('unknown') }
}

/**
 * What an action is about, by its head, since each service has its own way to name them. In the order of the report: Keystone
 * first, which decides who is who.
 */
const sections = {
  identity: { label: serviceTable.identity.label, actions: /^identity:|^(?:GET|POST) \/v3\// },
  network: { label: serviceTable.network.label, actions: /^network:/ },
  compute: { label: serviceTable.compute.label, actions: /^os_compute_api:/ },
  image: { label: serviceTable.image.label, actions: /^image:/ },
  'block-storage': { label: serviceTable['block-storage'].label, actions: /^volume/ },
  'key-manager': { label: serviceTable['key-manager'].label, actions: /^secrets?:/ },
  'load-balancer': { label: serviceTable['load-balancer'].label, actions: /^os_load-balancer_api:/ },
  'container-infra': { label: 'clusters', actions: /^(?:clustertemplate|cluster|certificate|quota):/ },
  orchestration: { label: serviceTable.orchestration.label, actions: /^stacks:/ },
} satisfies Record<ServiceType, { readonly label: string; readonly actions: RegExp }>

const services = [...Object.values(sections), { label: 'else', actions: /^/ }]

function serviceOf(action: string): string {
  return services.find(({ actions }) => actions.test(action))?.label ?? 'else'
}

function rank(service: string): number {
  return services.findIndex(({ label }) => label === service)
}

/** One row for each service: its cells added up. */
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

/** Of what is tried. What the policy says is added up nowhere: it counts kinds of request and not requests. */
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
