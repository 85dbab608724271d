import type { RequestRecord } from '../../tenant/evidence.ts'
import type { FindingView } from './finding.ts'
import type { Label } from './label.ts'
import type { Text } from './text.ts'

/** A part of the report that `--check` can name. */
export type SectionView = {
  /** `access`, `stage-network`. */
  readonly id: string
  readonly title: string
  /** 3: a part of the section of level 2 before it. */
  readonly level: 2 | 3
  readonly label?: Label | undefined
  readonly blocks: readonly Block[]
}

/** What a section is made of. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: Text; readonly isAside?: boolean }
  | { readonly kind: 'heading'; readonly text: string; readonly level: 3 | 4 }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | Table
  | Matrix
  | Bars
  | { readonly kind: 'findings'; readonly findings: readonly FindingView[] }
  | ({ readonly kind: 'network' } & NetworkView)
  | ({ readonly kind: 'recipe' } & RecipeView)
  | { readonly kind: 'requests'; readonly requests: readonly RequestView[] }

/** The first cell of a row heads it. */
export type Table = {
  readonly kind: 'table'
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Text[])[]
}

/** What is in a column where it is no plain text: amounts, or numbers of requests. */
export type Column = { readonly title: string; readonly holds?: 'amount' | 'requests' }

/** A wide table of few words: columns stand in groups, and so do rows. */
export type Matrix = {
  readonly kind: 'matrix'
  readonly caption: string
  /** What a row is about: `Action`. */
  readonly rowTitle: string
  readonly columns: readonly { readonly group: string; readonly title: string }[]
  /** What the tones of its cells mean, for formats that show a tone. */
  readonly legend: readonly Label[]
  readonly groups: readonly { readonly title?: string; readonly rows: readonly MatrixRow[] }[]
}

export type MatrixRow = { readonly name: Text; readonly cells: readonly (MatrixCell | undefined)[] }

export type MatrixCell = { readonly label: Label; readonly notes: readonly string[] }

/** Amounts beside each other. */
export type Bars = {
  readonly kind: 'bars'
  readonly id: string
  readonly caption: string
  readonly bars: readonly Bar[]
}

/** `amount` makes its length, `text` says it in words. */
export type Bar = { readonly name: string; readonly amount: number; readonly text: string }

/** The way of a project from the outside to its cluster. */
export type NetworkView = {
  readonly project: string
  readonly nodes: readonly NetworkNode[]
  /** All of it in one sentence. */
  readonly sentence: string
  readonly caption: string
}

export type NetworkNode = {
  readonly kind: string
  readonly name: string
  readonly values: readonly string[]
  /** Inside the tenant's own project. */
  readonly isTenants: boolean
}

/** A request by its number in the report. */
export type RequestView = Pick<RequestRecord, 'at' | 'service' | 'method' | 'path' | 'status'> & {
  readonly number: number
  readonly requestId: string
  readonly who: string
}

export type RecipeView = {
  readonly title: string
  readonly as: string
  readonly commands: readonly string[]
  readonly expect: string
}

export function paragraph(text: Text): Block {
  return { kind: 'paragraph', text }
}

export function table(caption: string, columns: readonly (string | Column)[], rows: Table['rows']): Table {
  const titled = columns.map((column) => (typeof column === 'string' ? { title: column } : column))
  return { kind: 'table', caption, columns: titled, rows }
}

export function section(id: string, title: string, ...blocks: readonly Block[]): SectionView {
  return { id, title, level: 2, blocks }
}
