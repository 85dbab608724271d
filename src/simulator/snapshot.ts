/** The state as a file, so that a served cloud survives a restart. */
import { emptyState } from './state.ts'
import { InputError } from '../errors.ts'
import { isJson, parseJson } from './json.ts'
import { Table } from './table.ts'
import type { State } from './state.ts'

type Stored = {
  readonly version: 1
  readonly tables: Readonly<Record<string, readonly (readonly [string, unknown])[]>>
}

export function renderState(state: State): string {
  const tables = Object.fromEntries(
    Object.entries(state).map(([name, table]): readonly [string, unknown] => [name, [...table.entries()]]),
  )
  return `${JSON.stringify({ version: 1, tables })}\n`
}

/** Counts every change, so that a file is written only after changes. */
export function stateVersion(state: State): number {
  return Object.values(state).reduce((sum, table) => sum + table.version, 0)
}

/** Reads the output of `renderState`. The rows are not checked: an edited file is the editor's responsibility. */
export function parseState(text: string, file: string): State {
  const stored = parseJson(text)
  if (!isStored(stored)) throw new InputError([{ file, message: 'is not a state of the simulator, version 1' }])
  const tables: Record<string, Table<unknown>> = {}
  for (const name of Object.keys(emptyState())) {
    const table = new Table<unknown>()
    for (const [key, row] of stored.tables[name] ?? []) table.set(key, row)
    tables[name] = table
  }
  if (!isState(tables)) throw new InputError([{ file, message: 'lacks tables of the simulator' }])
  return tables
}

function isStored(value: unknown): value is Stored {
  if (!isJson(value) || value['version'] !== 1 || !isJson(value['tables'])) return false
  return Object.values(value['tables']).every((rows) => Array.isArray(rows) && rows.every(isEntry))
}

function isEntry(entry: unknown): boolean {
  return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && isJson(entry[1])
}

function isState(tables: unknown): tables is State {
  return isJson(tables) && Object.keys(emptyState()).every((name) => tables[name] instanceof Table)
}
